"""Whoever pastes a manifest below requests/ gets one finding, and its command makes the request."""

import json
import re
import shlex

import pytest

from infra_scale.cli import exit_codes, new
from infra_scale.core.documents.request import read_request
from support.pure import SCHEMAS, compile_one, source
from support.repository import Repository

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: &labels {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: *labels}
  template:
    spec:
      containers:
        - name: app
          image: example/web
          resources:
            requests: {cpu: 500m, memory: 1Gi}
            limits: {cpu: "1", memory: 2Gi}
"""
_HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 12
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 65}}}]
"""
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
_API = _DEPLOYMENT.replace("name: web", "name: api")
_CRON = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, resources: {requests: {cpu: 1}}}]}}}}}
"""
_KEDA = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {name: web}, minReplicaCount: 2, maxReplicaCount: 9, triggers: [{type: cron, metadata: {}}]}
"""
_VPA = """\
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {targetRef: {kind: Deployment, name: web}, updatePolicy: {updateMode: "Off"}}
"""
_ADVISED = f"{_VPA}status: {{recommendation: {{containerRecommendations: [{{target: {{cpu: 250m, memory: 1Gi}}}}]}}}}\n"
_KUSTOMIZATION = "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nnamespace: shop\n"
_VALUES = """\
replicaCount: 3
image: {repository: example/web}
resources: {requests: {cpu: 500m, memory: 512Mi}}
autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 80}
"""
_PLAN = """\
apiVersion: infra.scale/v1
kind: ScalePlan
metadata: {name: web, target: staging}
actions:
  - {action: scale_workload, kind: Deployment, name: web, namespace: shop, from: 2, to: 6}
  - {action: apply_hpa, kind: HorizontalPodAutoscaler, name: web, namespace: shop, hpa: {min: 4, max: 12}}
"""
_SHOP = "--target=prod --namespace=shop --workload=Deployment:web"
_SIZES = "--req=web:cpu=500m,mem=1Gi --lim=web:cpu=1,mem=2Gi"


def _typed(text: str) -> str:
    """The command that the only finding of a pasted file has."""
    (found,) = compile_one(text).findings
    (command,) = re.findall(r"`(infra-scale new web --force [^`]*)`", found.help)
    return str(command)


def _run(command: str) -> None:
    """Type a command, or several joined by &&, in the current folder."""
    for one in command.split(" && "):
        assert new.run(shlex.split(one)[2:]) == exit_codes.DONE


@pytest.fixture
def here(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The current folder, with a file to replace."""
    repository.write("requests/web.yaml", _SERVICE)
    monkeypatch.chdir(repository.root)
    return repository


def _list(*manifests: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [json.loads(one) for one in manifests]})


@pytest.mark.parametrize(
    ("pasted", "what", "command"),
    [
        (_DEPLOYMENT, "a Deployment", f"{_SHOP}:3 {_SIZES}"),
        (_DEPLOYMENT.replace("Deployment", "StatefulSet"), "a StatefulSet", "--workload=StatefulSet:web:3"),
        (_DEPLOYMENT.replace("Deployment", "DaemonSet"), "a DaemonSet", f"--workload=DaemonSet:web {_SIZES}"),
        (_HPA, "a HorizontalPodAutoscaler", f"{_SHOP}:2 --hpa=min:2,max:12,cpu:65"),
        (f"{_DEPLOYMENT}---\n{_HPA}", "2 Kubernetes objects", f"{_SHOP}:3 {_SIZES} --hpa=min:2,max:12,cpu:65"),
        (f"{_SERVICE}---\n{_DEPLOYMENT}---\n", "(Service, Deployment)", f"{_SHOP}:3 {_SIZES}"),
        (f"{_DEPLOYMENT}---\n{_API}", "2 objects of the kind Deployment", "--workload=Deployment:api:3"),
        (f"{_DEPLOYMENT}---\n{_API}---\n{_HPA}", "3 Kubernetes objects", "&& infra-scale new web-api --target=prod"),
        (_list('{"kind": "Deployment", "metadata": {"name": "web"}}'), "a Deployment", "--workload=Deployment:web:1"),
        (_CRON, "a CronJob", "--namespace=default --workload=CronJob:nightly --req=nightly:cpu=1"),
        (_KEDA, "a ScaledObject", f"{_SHOP}:2"),
        (_ADVISED, "a VerticalPodAutoscaler", f"{_SHOP} --req=web:cpu=250m,mem=1Gi"),
        (f"{_KUSTOMIZATION}replicas: [{{name: web, count: 5}}]\n", "a Kustomization", f"{_SHOP}:5"),
        (_VALUES, "a Helm values file", "--req=web:cpu=500m,mem=512Mi --hpa=min:2,max:10,cpu:80"),
        (_PLAN, "a ScalePlan", "--target=staging --namespace=shop --workload=Deployment:web:6 --hpa=min:4,max:12"),
        ("target: dev\nkind: Deployment\nname: web\nreplicas: 2\n", "a Deployment", "--target=dev"),
    ],
)
def test_one_finding_has_the_command_that_makes_a_request_of_it(
    here: Repository, pasted: str, what: str, command: str
) -> None:
    (found,) = compile_one(pasted).findings

    assert (found.rule, found.path) == ("SCH-010", "requests/web.yaml")
    assert what in found.message
    assert command in _typed(pasted)
    _run(_typed(pasted))
    assert all(compile_one(content).is_valid for content in here.tree("requests").values())


def test_the_command_can_be_copied_from_what_is_printed(repository: Repository) -> None:
    repository.write("requests/web.yaml", f"{_DEPLOYMENT}---\n{_HPA}")
    (command,) = re.findall(r"`(infra-scale new web [^`]*)`", repository.run("validate", code=1))

    repository.run(*shlex.split(command)[1:])

    repository.run("compile")


@pytest.mark.parametrize(
    ("pasted", "help"),
    [
        (_SERVICE, "move it to where its manifests are"),
        (_DEPLOYMENT.replace("Deployment", "Certificate"), "move it to where its manifests are"),
        (_DEPLOYMENT.replace("Deployment", "Job"), "it may have `parallelism` or `suspend`"),
        (_VPA, '`vpa: {mode: "Off"}` for Deployment/web'),
        (_KUSTOMIZATION, "move it to where its manifests are"),
        ("apiVersion: infra.scale/v1\nkind: Target\nclusters: [{name: a}]\n", "it belongs to ops/targets/"),
    ],
)
def test_what_no_command_can_convert_is_one_finding_too(pasted: str, help: str) -> None:
    (found,) = compile_one(pasted).findings

    assert found.rule == "SCH-010"
    assert found.position
    assert help in found.help
    assert "infra-scale new web" not in found.help


@pytest.mark.parametrize(
    "pasted",
    [
        _DEPLOYMENT.replace("500m", '"5"'),
        _DEPLOYMENT.replace("replicas: 3", "replicas: three").replace("500m", "lots"),
        f"{_DEPLOYMENT.replace('replicas: 3', 'replicas: 0')}---\n{_HPA}",
        _DEPLOYMENT + _HPA.replace("maxReplicas: 12", "maxReplicas: 1").join(["---\n", ""]),
        _DEPLOYMENT.replace("        - name: app", "        - name: log\n        - name: app"),
        _DEPLOYMENT.replace("replicas: 3", "replicas: 99999999999"),
    ],
)
def test_what_kubernetes_would_refuse_is_left_out_of_the_command(here: Repository, pasted: str) -> None:
    _run(_typed(pasted))

    assert compile_one((here.root / "requests/web.yaml").read_bytes()).is_valid


def test_the_command_names_a_target_that_there_is() -> None:
    (found,) = compile_one(_DEPLOYMENT, eu="clusters: [{name: eu-1}]\n").findings

    assert "--target=eu --namespace=shop" in found.help


def test_the_command_replaces_the_very_file() -> None:
    (found,) = read_request(source(_DEPLOYMENT, "requests/shop/web.yml"), schema=SCHEMAS.request).findings

    assert "`infra-scale new requests/shop/web.yml --force " in found.help


@pytest.mark.parametrize(
    "hostile",
    [
        _DEPLOYMENT.replace("name: web", "name: $(touch\xa0x)"),
        _DEPLOYMENT.replace("name: web", "name: 'web; rm -rf .'"),
        _DEPLOYMENT.replace("namespace: shop", "namespace: '`id`'"),
        _DEPLOYMENT.replace("500m", '"1;id"'),
        _VPA.replace('"Off"', '"`id`"'),
        f"kind: Deployment\nmetadata: {'[' * 40000}{']' * 40000}\n",
        "apiVersion: v1\nkind: List\nitems: {a: b}\n",
        "apiVersion: v1\nkind: [Deployment]\n",
    ],
)
def test_nothing_of_a_hostile_manifest_reaches_the_command(hostile: str) -> None:
    helps = " ".join(found.help for found in compile_one(hostile).findings)

    assert not re.search(r"touch|rm -rf|id`|;id", helps)


def test_more_workloads_than_a_command_can_be_about_are_counted() -> None:
    many = "".join(f"- {{kind: Deployment, name: web, namespace: n{number}, to: 1}}\n" for number in range(21))

    (found,) = compile_one(f"kind: ScalePlan\nmetadata: {{}}\nactions:\n{many}").findings

    assert found.help.endswith("21 workloads are too many for a command")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("kind: Deployment\nworkloads: []\ntarget: prod\n", "SCH-004"),
        ("apiVersion: v1\nkind: ScaleRequest\ntarget: prod\nworkloads: []\n", "SCH-004"),
        (f"target: prod\nworkloads: [{{kind: Job, name: a, suspend: true}}]\n---\n{_DEPLOYMENT}", "YML-006"),
        ("target: prod\nservice: web\nimage: x\n", "SCH-002"),
    ],
)
def test_a_request_with_mistakes_is_still_taken_for_one(text: str, rule: str) -> None:
    assert rule in {found.rule for found in compile_one(text).findings}


def test_new_takes_the_values_of_a_manifest_and_its_autoscaler(repository: Repository) -> None:
    repository.write("app.yaml", f"{_DEPLOYMENT}---\n{_HPA}---\n{_SERVICE}")

    said = repository.run("new", "shop/web", "--from", "app.yaml", "--owner", "shop")

    assert said == "requests/shop/web.yaml\n"
    written = repository.read(said.strip())
    assert [
        part for part in ("kind: Deployment", "name: web", "replicas: 3", "owner: shop") if part not in written
    ] == []
    assert [part for part in ("cpu: 500m", "min: 2", "max: 12", "targetCPU: 65") if part not in written] == []
    repository.run("validate")


def test_new_reads_a_manifest_from_standard_input(repository: Repository) -> None:
    repository.write("app.yaml", _DEPLOYMENT)

    repository.tool("sh", "-c", "infra-scale new shop/web --from - --target staging < app.yaml")

    assert "target: staging" in repository.read("requests/shop/web.yaml")


def test_new_writes_nothing_if_one_of_several_requests_exists(repository: Repository) -> None:
    repository.write("app.yaml", f"{_DEPLOYMENT}---\n{_DEPLOYMENT.replace('namespace: shop', 'namespace: other')}")
    repository.run("new", "a/b", "--from", "app.yaml")
    first, second = sorted(repository.tree("requests"))
    (repository.root / first).unlink()

    done = repository.completed("new", "a/b", "--from", "app.yaml", code=1)

    assert f"{second} already exists" in done.stderr
    assert sorted(repository.tree("requests")) == [second]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["web", "--from", "none.yaml"], "none.yaml"),
        (["web", "--from", "service.yaml"], "service.yaml has no workload that a request can scale"),
        (["web", "--from", "broken.yaml"], "broken.yaml:2:1: "),
        (["--from", "app.yaml"], "--from needs the NAME of the request"),
        (["web", "--from", "app.yaml", "--hpa=min:1,max:2"], "--from cannot be combined with --hpa"),
    ],
)
def test_new_reports_what_it_cannot_take(repository: Repository, arguments: list[str], message: str) -> None:
    repository.write("app.yaml", _DEPLOYMENT)
    repository.write("service.yaml", _SERVICE)
    repository.write("broken.yaml", "kind: [\n")

    done = repository.completed("new", *arguments, code=None)

    assert done.returncode != 0
    assert message in done.stderr
    assert repository.tree("requests") == {}
