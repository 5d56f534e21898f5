"""Rules that need a target with clusters, or what its manifests say."""

import pytest
import yaml

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan
from support.pure import SCHEMAS, compile, rendered_patches, source

_TARGET = "clusters: [{name: prod-eu-1}]\nmanifests: [apps]\n"
_POD = "spec: {containers: [{name: app, image: a}]}"
_TWO = "spec: {containers: [{name: app, image: a}, {name: log, image: b}]}"


def _base(pod: str = _POD, kind: str = "Deployment") -> str:
    return f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{replicas: 2, template: {{{pod}}}}}\n"


def _compiled(workload: str, *, target: str = _TARGET, name: str = "web", **manifests: str) -> Compilation:
    """One workload beside some manifests by their path below apps/, with `__` for `/`."""
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: {name}, {workload}}}]\n"
    context = Context(
        SCHEMAS,
        targets=(source(target, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, f"apps/{file.replace('__', '/')}.yaml") for file, text in manifests.items()),
    )
    return compile([source(request)], context)


def _rules(compilation: Compilation) -> list[str]:
    return [finding.rule for finding in compilation.findings]


def test_resources_of_a_container_that_nothing_names_are_said_to_be_missing_from_what_is_rendered() -> None:
    compilation = _compiled("requests: {cpu: 1}", other="kind: ConfigMap\nmetadata: {name: other}\n")

    assert _rules(compilation) == ["MAN-006", "RES-011"]
    assert compilation.plans[0].notes[1:] == (
        "container of Deployment/web is unknown: its resources are in the plan but not rendered",
    )


@pytest.mark.parametrize(
    ("target", "help"),
    [
        (_TARGET, "name the `container`: the target's manifests do not determine it"),
        (
            "clusters: [{name: prod-eu-1}]\n",
            "name the `container`, or the folder of the application's manifests in the target's `manifests`",
        ),
    ],
    ids=["a target with manifests", "a target without"],
)
def test_who_has_named_the_folder_of_the_manifests_is_not_told_to_name_it(target: str, help: str) -> None:
    (finding,) = _found(_compiled("requests: {cpu: 1}", target=target, other="kind: ConfigMap\n"), "RES-011")

    assert finding.help == help


@pytest.mark.parametrize(
    ("workload", "target", "manifests"),
    [
        ("container: app, requests: {cpu: 1}", _TARGET, {}),
        ("requests: {cpu: 1}", _TARGET, {"web": _base()}),
        ("requests: {cpu: 1}", "clusters: []\n", {}),
        ("replicas: 2", _TARGET, {}),
    ],
    ids=["the request names it", "the manifest has only one", "nothing is rendered", "nothing is asked for"],
)
def test_it_is_not_said_where(workload: str, target: str, manifests: dict[str, str]) -> None:
    assert "RES-011" not in _rules(_compiled(workload, target=target, **manifests))


def test_several_containers_in_the_base_are_another_rule_s_matter() -> None:
    compilation = _compiled("requests: {cpu: 1}", web=_base(_TWO))

    assert "RES-011" not in _rules(compilation)


_AUTOSCALERS = {
    "hpa: {min: 2, max: 4}": "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler",
    "vpa: {mode: 'Off'}": "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler",
    "keda: {max: 4, triggers: [{type: cron, metadata: {a: b}}]}": "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject",
}


@pytest.mark.parametrize(("workload", "head"), _AUTOSCALERS.items())
def test_an_autoscaler_that_the_base_has_too_is_an_error(workload: str, head: str) -> None:
    same = f"{head}\nmetadata: {{name: web}}\nspec: {{}}\n"

    assert "MAN-003" in _rules(_compiled(workload, web=_base(), scaler=same))


@pytest.mark.parametrize(("workload", "head"), _AUTOSCALERS.items())
def test_an_autoscaler_of_another_name_or_namespace_is_none_of_it(workload: str, head: str) -> None:
    other = f"{head}\nmetadata: {{name: api}}\nspec: {{}}\n"
    elsewhere = f"{head}\nmetadata: {{name: web, namespace: test}}\nspec: {{}}\n"

    assert "MAN-003" not in _rules(_compiled(workload, web=_base(), other=other, elsewhere=elsewhere))


_SCALERS = {
    "HPA web": ("HorizontalPodAutoscaler", "hpa"),
    "ScaledObject web": ("ScaledObject", "keda"),
}


def _scaler(kind: str) -> str:
    return f"kind: {kind}\nmetadata: {{name: web}}\nspec: {{scaleTargetRef: {{kind: Deployment, name: web}}}}\n"


@pytest.mark.parametrize(("name", "kind", "setter"), [(name, *of) for name, of in _SCALERS.items()])
def test_fixed_replicas_beside_an_autoscaler_of_the_base_are_not_rendered_to_fight_with_it(
    name: str, kind: str, setter: str
) -> None:
    compilation = _compiled("replicas: 6, requests: {cpu: 1}", web=_base(), scaler=_scaler(kind))

    (plan,) = compilation.plans
    (patch,) = rendered_patches(compilation)
    component = compilation.files["ops/rendered/infra-scale/prod-eu-1/shop/deployment-web/kustomization.yaml"].decode()
    assert list(patch["spec"]) == ["template"]
    assert f"# Deployment/web is autoscaled by {name}: its replicas are in the plan but not rendered.\n" in component
    assert f"Deployment/web is autoscaled by {name}; a fixed replica count will be overwritten" in plan.risks[0]
    assert plan.risks[0].endswith(", so none is rendered.")
    assert [(owner.before, owner.after) for owner in plan.ownership] == [(setter, setter)]
    assert plan.consequences[0].what == f"not permanent: {name} sets the replicas again at its next sync"
    assert plan.consequences[1].what.startswith("rolling restart of every pod")


def test_zero_replicas_stop_an_hpa_of_the_base_and_so_are_rendered_and_said_to() -> None:
    compilation = _compiled("replicas: 0", web=_base(), scaler=_scaler("HorizontalPodAutoscaler"))

    (plan,) = compilation.plans
    assert [patch["spec"] for patch in rendered_patches(compilation)] == [{"replicas": 0}]
    assert "replicas 0 disables HPA web for Deployment/web until it is scaled up manually." in plan.risks
    assert [(owner.before, owner.after) for owner in plan.ownership] == [("hpa", "replicas")]


def test_keda_starts_pods_from_zero_so_zero_replicas_beside_it_are_not_rendered() -> None:
    compilation = _compiled("replicas: 0", web=_base(), scaler=_scaler("ScaledObject"))

    assert rendered_patches(compilation) == []


def test_a_hand_over_to_replicas_says_that_the_autoscaler_has_to_leave_the_manifests_first() -> None:
    workload = "replicas: 6, handover: {from: hpa, replicas: 6}"

    (before,) = _compiled(workload, web=_base(), scaler=_scaler("HorizontalPodAutoscaler")).plans
    (after,) = _compiled(workload, web=_base()).plans

    assert "remove HPA web from the manifests, together with the plan" in _steps(before)
    assert "is in Git" not in _steps(before)
    assert "spec.replicas is 6, and is in Git" in _steps(after)
    assert "from the manifests, together" not in _steps(after)


def _steps(plan: ScalePlan) -> str:
    return "\n".join(step.what for transfer in plan.transfers for step in transfer.steps)


_PREFIXED = {"base__web": _base(), "base__kustomization": "resources: [web.yaml]\nnamePrefix: eu-\nnameSuffix: '-1'\n"}


def _found(compilation: Compilation, rule: str) -> list[Finding]:
    return [finding for finding in compilation.findings if finding.rule == rule]


@pytest.mark.parametrize("name", ["web", "eu-web-1"])
def test_a_prefix_in_the_base_hides_no_check_whichever_name_the_request_has(name: str) -> None:
    scaler = _scaler("HorizontalPodAutoscaler")
    files = {**_PREFIXED, "base__hpa": scaler.replace("name: web}\n", "name: old}\n", 1)}
    files["base__kustomization"] = files["base__kustomization"].replace("web.yaml", "web.yaml, hpa.yaml")

    fixed = _compiled("replicas: 3, container: ap, requests: {cpu: 1}", name=name, **files)
    scaled = _compiled("hpa: {min: 2, max: 4}", name=name, **files)

    assert {"RES-008", "HPA-007"} <= set(_rules(fixed))
    assert {"OWN-001", "HPA-011"} <= set(_rules(scaled))
    assert any("HPA eu-old-1" in finding.message for finding in scaled.findings)


_JOINING = "resources: [../base]\ncomponents: [../../ops/rendered/infra-scale/prod-eu-1/shop]\n"


@pytest.mark.parametrize(
    ("request_name", "more", "patched", "vpa_name"),
    [
        ("web", {"over__kustomization": _JOINING}, "eu-web-1", "web"),
        ("eu-web-1", {"over__kustomization": _JOINING}, "eu-web-1", "eu-web-1"),
        ("eu-web-1", {}, "web", "web"),
    ],
    ids=["the file's name, joined after the prefix", "the built name, likewise", "joined before the prefix"],
)
def test_what_is_rendered_names_the_workload_as_it_is_where_the_component_is_joined(
    request_name: str, more: dict[str, str], patched: str, vpa_name: str
) -> None:
    compilation = _compiled("replicas: 3, vpa: {mode: 'Off'}", name=request_name, **_PREFIXED, **more)

    folder = f"ops/rendered/infra-scale/prod-eu-1/shop/deployment-{request_name}"
    (patch,) = rendered_patches(compilation)
    vpa = yaml.safe_load(compilation.files[f"{folder}/vpa-{request_name}.yaml"])
    assert patch["metadata"]["name"] == patched
    assert vpa["spec"]["targetRef"]["name"] == patched
    assert vpa["metadata"]["name"] == vpa_name


def test_the_name_that_only_the_file_has_is_warned_of_because_the_cluster_does_not_know_it() -> None:
    (finding,) = _found(_compiled("replicas: 3", name="web", **_PREFIXED), "MAN-006")

    assert finding.severity == "warning"
    assert finding.message == "Deployment/web is built as eu-web-1, but commands of this plan use web."
    assert finding.help == "name it eu-web-1"
    assert _found(_compiled("replicas: 3", name="eu-web-1", **_PREFIXED), "MAN-006") == []


_ABSENT = {
    "a typo": ("wbe", {"web": _base()}, "error", "did you mean Deployment/web?"),
    "one letter more": ("webs", {"web": _base()}, "error", "did you mean Deployment/web?"),
    "another kind": ("web", {"web": _base(kind="StatefulSet")}, "error", "did you mean StatefulSet/web?"),
    "another namespace": (
        "web",
        {"web": _base().replace("{name: web}", "{name: web, namespace: test}")},
        "error",
        "did you mean Deployment/web in namespace test?",
    ),
    "nothing like it": ("checkout", {"web": _base()}, "note", ""),
}


@pytest.mark.parametrize(("name", "files", "severity", "help"), _ABSENT.values(), ids=_ABSENT.keys())
def test_a_workload_that_the_manifests_do_not_have_is_said_to_be_missing(
    name: str, files: dict[str, str], severity: str, help: str
) -> None:
    (finding,) = _found(_compiled("replicas: 3", name=name, **files), "MAN-006")

    assert finding.severity == severity
    assert finding.message == (
        f"the manifests of target prod do not have Deployment/{name}: it is not checked against them."
    )
    assert finding.help.startswith(help)


_UNCERTAIN = {
    "a chart": {"web": _base(), "chart__kustomization": "helmCharts: [{name: x}]\n"},
    "a patched base": {
        "base__web": _base(),
        "base__kustomization": "resources: [web.yaml]\npatches: [{patch: '{spec: {replicas: 1}}'}]\n",
    },
    "a file that cannot be read": {"web": _base(), "template": "{{ if"},
    "two that it could be": {"one__web": _base(), "two__web": _base(_TWO)},
    "a file that no kustomization names": {
        "base__web": _base(),
        "base__api": _base().replace("web", "api"),
        "base__kustomization": "resources: [api.yaml]\n",
    },
    "a container that no cluster would take": {"web": _base("spec: {containers: [{name: '{{ .Name }}'}]}")},
}


@pytest.mark.parametrize("files", _UNCERTAIN.values(), ids=_UNCERTAIN.keys())
def test_nothing_is_said_to_be_missing_where_the_manifests_may_have_it(files: dict[str, str]) -> None:
    assert _found(_compiled("replicas: 3", **files), "MAN-006") == []


_OVERLAY = "resources: [../../base]\nreplicas: [{name: web, count: %d}]\n"
_OTHERS = {
    "one": ({"web": _base()}, ""),
    "alike": ({"one__web": _base(), "one__kustomization": "resources: [web.yaml]\n"}, ""),
    "two files": (
        {"one__web": _base(), "two__web": _base(_TWO)},
        "`apps/one/web.yaml` and `apps/two/web.yaml` declare Deployment/web",
    ),
    "many files": (
        {f"{number}__web": _base(f"metadata: {{labels: {{n: {number}}}}}, {_POD}") for number in "abcde"},
        "`apps/a/web.yaml`, `apps/b/web.yaml`, `apps/c/web.yaml` and 2 more declare Deployment/web",
    ),
    "one file in two builds": (
        {
            "base__web": _base(),
            "base__kustomization": "resources: [web.yaml]\n",
            "eu__app__kustomization": _OVERLAY % 3,
            "us__app__kustomization": _OVERLAY % 4,
            "eu__kustomization": "resources: [app]\n",
            "us__kustomization": "resources: [app]\n",
        },
        "overlays build Deployment/web from `apps/base/web.yaml`",
    ),
}


@pytest.mark.parametrize(("files", "said"), _OTHERS.values(), ids=_OTHERS.keys())
def test_manifests_that_have_a_workload_in_several_ways_are_not_passed_over_in_silence(
    files: dict[str, str], said: str
) -> None:
    found = [one.message for one in _found(_compiled("replicas: 3", **files), "MAN-007")]

    assert found == ([f"{said} in different ways: it is not checked against them."] if said else [])


def test_the_manifests_of_another_target_count_for_nothing() -> None:
    elsewhere = "clusters: [{name: prod-eu-1}]\nmanifests: [apps/mine]\n"
    mine = "kind: ConfigMap\nmetadata: {name: a}\n"

    compilation = _compiled("replicas: 3", target=elsewhere, web=_base(), mine__other=mine)

    (finding,) = _found(compilation, "MAN-006")
    assert finding.severity == "note"
    assert _found(_compiled("replicas: 3", target="clusters: [{name: prod-eu-1}]\n", web=_base()), "MAN-006") == []


_ODD = "x\n@team [a](http:b)"
"""What git lets a file be called, and no line of ours may repeat."""


def test_a_base_of_an_odd_name_is_not_named_where_its_replicas_leave_git() -> None:
    (odd,) = _found(_compiled("hpa: {min: 2, max: 4}", **{_ODD: _base()}), "OWN-001")
    (plain,) = _found(_compiled("hpa: {min: 2, max: 4}", web=_base()), "OWN-001")

    said = "sets 2 replicas for Deployment/web: removing them can leave 1 pod."
    assert odd.message == f"the base manifest {said}"
    assert plain.message == f"`apps/web.yaml` {said}"


def test_the_name_of_a_file_cannot_end_the_comment_that_says_what_is_not_rendered() -> None:
    compilation = _compiled("container: app, requests: {cpu: 1}", **{_ODD: _base("spec: {}")})

    component = compilation.files["ops/rendered/infra-scale/prod-eu-1/shop/deployment-web/kustomization.yaml"].decode()
    assert "# The base manifest has no container app in Deployment/web: its resources are" in component
    assert "@team" not in component


def test_of_a_budget_with_two_bounds_the_one_is_named_that_was_judged() -> None:
    """Kubernetes refuses such a budget; a manifest can say so all the same, and anything in the other bound."""
    pod = f"metadata: {{labels: {{app: web}}}}, {_POD}"
    guard = "minAvailable: '@team', maxUnavailable: 0, selector: {matchLabels: {app: web}}"
    budget = f"---\nkind: PodDisruptionBudget\nmetadata: {{name: guard}}\nspec: {{{guard}}}\n"

    (finding,) = _found(_compiled("replicas: 3", web=_base(pod) + budget), "AVL-001")

    assert "(maxUnavailable 0 at 3 replicas)" in finding.message


_COMMON = "x-common: &common\n  spec: {containers: [{name: app, image: a}]}\n"


def test_a_container_that_comes_through_a_merge_key_gets_its_resources() -> None:
    merged = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2, template: {<<: *common}}\n"
    )

    compilation = _compiled("container: app, requests: {cpu: 1}", web=_COMMON + merged)

    (patch,) = rendered_patches(compilation)
    assert patch["spec"]["template"]["spec"]["containers"] == [{"name": "app", "resources": {"requests": {"cpu": "1"}}}]
    assert _found(compilation, "RES-011") == []


@pytest.mark.parametrize("pod", ["spec: {}", "spec: {containers: x}", "spec: {containers: []}", "spec: [a]"])
def test_resources_of_a_container_that_the_manifest_does_not_show_are_said_not_to_be_rendered(pod: str) -> None:
    compilation = _compiled("container: app, requests: {cpu: 1}", web=_base(pod))

    assert not any("-resources.yaml" in path for path in compilation.files)
    (finding,) = _found(compilation, "RES-011")
    assert finding.severity == "warning"
    assert finding.message == (
        "`apps/web.yaml` has no container app in Deployment/web: its resources are in the plan but not rendered"
    )


def test_why_a_container_is_not_known_is_said_where_a_manifest_could_not_be_read() -> None:
    (finding,) = _found(_compiled("requests: {cpu: 1}", web=_base().replace("kind", "kind: a\nkind", 1)), "RES-011")

    assert finding.help == "name the `container`, or fix the files that could not be read: `apps/web.yaml`"


_ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web-rollout}
spec: {replicas: 5, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: %s}}
"""


def test_a_rollout_that_takes_its_pods_from_the_workload_is_named() -> None:
    (finding,) = _found(_compiled("replicas: 3", web=_base(), rollout=_ROLLOUT % "web"), "OWN-009")

    assert finding.severity == "warning"
    assert "Rollout/web-rollout takes its pods from Deployment/web" in finding.message
    assert _found(_compiled("replicas: 3", web=_base(), rollout=_ROLLOUT % "api"), "OWN-009") == []


def _release(name: str, spec: str = "") -> str:
    return f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"


@pytest.mark.parametrize("release", [_release("web"), _release("shop", "releaseName: web")])
def test_a_helm_release_of_its_name_may_create_an_absent_workload(release: str) -> None:
    compilation = _compiled("replicas: 3", release=release)

    (finding,) = _found(compilation, "MAN-006")
    assert finding.severity == "warning"
    assert "may create Deployment/web from its chart" in finding.message
    assert "`helm` of the target" in finding.help


def test_a_helm_release_beside_the_workload_of_its_name_changes_nothing() -> None:
    assert _found(_compiled("replicas: 3", web=_base(), release=_release("web")), "MAN-006") == []
