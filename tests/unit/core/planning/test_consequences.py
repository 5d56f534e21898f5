"""What an action does to the pods, in numbers where they are known, and from which use on an HPA adds pods."""

import re

import pytest
import yaml

from infra_scale.core.compiling.context import Context
from infra_scale.core.documents.plan import consequence_lines, write_plan
from infra_scale.core.proposing.comment import Report, comment
from infra_scale.core.reporting.actions import happenings
from infra_scale.core.reporting.review import Links, consequences_section
from infra_scale.core.reporting.summary import summary
from infra_scale.model.comparison import NOTHING_CHANGES
from infra_scale.model.plan import ScalePlan
from support.pure import SCHEMAS, compile, compile_one, source


def _plan(workload: str, *, spec: str | None = None, kind: str = "Deployment") -> ScalePlan:
    """The plan of one workload, beside a manifest with this spec."""
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: {kind}, name: web, {workload}}}]\n"
    manifest = f"kind: {kind}\nmetadata: {{name: web}}\nspec: {{{spec}}}\n"
    context = Context(
        SCHEMAS,
        targets=() if spec is None else (source("manifests: [apps]\n", "ops/targets/prod.yaml"),),
        manifests=() if spec is None else (source(manifest, "apps/web.yaml"),),
    )
    (plan,) = compile([source(request)], context).plans
    return plan


def _said(workload: str, *, spec: str | None = None, kind: str = "Deployment") -> str:
    plan = _plan(workload, spec=spec, kind=kind)
    return consequence_lines(plan.consequences, plan.kube_context)[-1].partition(": ")[2]


_APP = "template: {spec: {containers: [{name: app, resources: {requests: {cpu: 500m, memory: 1Gi}}}]}}"
_REQUESTS = "requests: {cpu: 250m}"
_TWO = (
    "template: {spec: {containers: [{name: app, resources: {requests: {cpu: 500m}}}, "
    "{name: proxy, resources: {limits: {cpu: 100m}}}]}}"
)


@pytest.mark.parametrize(
    ("workload", "spec", "said"),
    [
        (
            f"replicas: 6, {_REQUESTS}",
            None,
            "rolling restart of 6 pods, unless the update strategy is Recreate",
        ),
        (
            _REQUESTS,
            f"replicas: 3, {_APP}",
            "rolling restart of 3 pods, surge 25 % (1 more), unavailable 25 % (0 fewer), Kubernetes' defaults",
        ),
        (
            f"replicas: 10, {_REQUESTS}",
            f"strategy: {{rollingUpdate: {{maxSurge: 2, maxUnavailable: 0}}}}, {_APP}",
            "rolling restart of 10 pods, surge 2 (2 more), unavailable 0 (0 fewer)",
        ),
        (
            f"replicas: 1, {_REQUESTS}",
            f"strategy: {{rollingUpdate: {{maxSurge: 50%}}}}, {_APP}",
            "rolling restart of 1 pod, surge 50 % (1 more), unavailable 25 % (0 fewer), "
            "maxUnavailable by Kubernetes' default",
        ),
        (
            f"replicas: 4, {_REQUESTS}",
            f"strategy: {{rollingUpdate: {{maxSurge: 0, maxUnavailable: 0%}}}}, {_APP}",
            "rolling restart of 4 pods, surge 0 (0 more), unavailable 0 % (1 fewer)",
        ),
        (
            f"replicas: 4, {_REQUESTS}",
            f"strategy: {{rollingUpdate: {{maxSurge: '@team', maxUnavailable: 1}}}}, {_APP}",
            "rolling restart of 4 pods, surge 25 % (1 more), unavailable 1 (1 fewer)",
        ),
        (
            f"replicas: 4, {_REQUESTS}",
            f"strategy: {{type: Recreate}}, {_APP}",
            "all of 4 pods stop before the first new one starts: an outage (Recreate)",
        ),
    ],
)
def test_a_rolling_restart_says_how_many_pods_and_how_many_at_a_time(
    workload: str, spec: str | None, said: str
) -> None:
    assert _said(workload, spec=spec) == said


@pytest.mark.parametrize(
    ("kind", "spec", "said"),
    [
        (
            "StatefulSet",
            None,
            "restart of every pod from the last to the first, "
            "unless the update strategy is OnDelete or has a partition",
        ),
        ("StatefulSet", f"replicas: 5, {_APP}", "restart of 5 pods, one at a time, from the last to the first"),
        (
            "StatefulSet",
            f"updateStrategy: {{type: OnDelete}}, {_APP}",
            "no restart; each pod gets the change when it is deleted (update strategy OnDelete)",
        ),
        ("DaemonSet", _APP, "the pod of every node is replaced, 1 at a time"),
        (
            "DaemonSet",
            f"updateStrategy: {{rollingUpdate: {{maxUnavailable: 10%}}}}, {_APP}",
            "the pod of every node is replaced, 10 % at a time",
        ),
        (
            "DaemonSet",
            f"updateStrategy: {{rollingUpdate: {{maxUnavailable: 0, maxSurge: 20%}}}}, {_APP}",
            "the pod of every node is replaced, 20 % at a time, the new one first",
        ),
        ("CronJob", None, "future runs only; a started run keeps its resources"),
    ],
)
def test_each_kind_restarts_in_its_own_way(kind: str, spec: str | None, said: str) -> None:
    assert _said(_REQUESTS, spec=spec, kind=kind) == said


_SNAPSHOT = """\
metadata: {cluster: eu, capturedAt: "2026-01-01T00:00:00Z"}
nodes: [{id: n1, allocatable: {cpu: 64, memory: 64Gi, pods: 99}, requested: {}, pods: 0}]
namespaces: [{name: shop}]
workloads:
  - kind: KIND
    namespace: shop
    name: web
    containers: [{name: app, requests: {cpu: 100m}}, {name: proxy, requests: {cpu: 50m}}]
    MORE
"""


def _seen(workload: str, more: str, *, kind: str = "Deployment", spec: str | None = None) -> list[str]:
    """Consequences where a snapshot shows the workload, and a manifest where there is a `spec`."""
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: {kind}, name: web, container: app, {workload}}}]\n"
    snapshot = _SNAPSHOT.replace("KIND", kind).replace("MORE", more.replace("; ", "\n    "))
    manifest = f"kind: {kind}\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n"
    target = "clusters: [{name: eu}]" + ("" if spec is None else "\nmanifests: [apps]")
    compiled = compile_one(
        request, prod=target, clusters={"eu/snapshot.yaml": snapshot}, manifest="" if spec is None else manifest
    )
    (plan,) = compiled.plans
    shown = compiled.forecast(plan).consequences or plan.consequences
    return [line.partition(": ")[2] for line in consequence_lines(shown, plan.kube_context)]


_TEN_TO_FOUR = "replicas: 8; strategy: {type: RollingUpdate, maxSurge: 0, maxUnavailable: 50%}"


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("Deployment", _TEN_TO_FOUR, "rolling restart of 8 pods, surge 0 (0 more), unavailable 50 % (4 fewer)"),
        (
            "Deployment",
            "replicas: 4; strategy: {type: Recreate}",
            "all of 4 pods stop before the first new one starts: an outage (Recreate)",
        ),
        (
            "Deployment",
            "replicas: 4; hpa: {name: web, min: 2, max: 6}; strategy: {type: RollingUpdate, maxSurge: 1}",
            "rolling restart of 2 to 6 pods, surge 1 (1 more), unavailable 25 % (0 to 1 fewer), "
            "maxUnavailable by Kubernetes' default",
        ),
        (
            "Deployment",
            "replicas: 4; paused: true",
            "no restart while the Deployment is paused; the rollout starts when it is resumed",
        ),
        (
            "StatefulSet",
            "replicas: 5; strategy: {type: OnDelete}",
            "no restart; each pod gets the change when it is deleted (update strategy OnDelete)",
        ),
        (
            "StatefulSet",
            "replicas: 5; strategy: {type: RollingUpdate, partition: 3}",
            "restart of 2 of 5 pods, one at a time, from the last to number 3 (partition)",
        ),
        (
            "StatefulSet",
            "replicas: 3; strategy: {type: RollingUpdate, partition: 3}",
            "no restart; pods below number 3 keep their template (partition)",
        ),
        (
            "StatefulSet",
            "replicas: 3; strategy: {type: RollingUpdate, maxUnavailable: 2}",
            "restart of 3 pods, up to 2 at a time if the cluster supports maxUnavailable for StatefulSets, else one, "
            "from the last to the first",
        ),
        (
            "DaemonSet",
            "replicas: 3; strategy: {type: RollingUpdate, maxUnavailable: 20%}",
            "the pod of every node is replaced, 20 % at a time",
        ),
    ],
)
def test_a_snapshot_shows_how_many_restart_and_in_which_way(kind: str, more: str, said: str) -> None:
    assert _seen(_REQUESTS, more, kind=kind) == [said]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_plan_without_a_manifest_has_no_numbers_of_an_update_strategy(kind: str) -> None:
    said = _said(_REQUESTS, kind=kind)
    assert not re.search(r"\d|one at a time", said), said
    assert "unless the update strategy is" in said


def test_a_committed_plan_leaves_the_strategy_of_a_snapshot_to_the_forecast() -> None:
    request = (
        f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, container: app, {_REQUESTS}}}]\n"
    )
    snapshot = _SNAPSHOT.replace("KIND", "Deployment").replace("MORE", _TEN_TO_FOUR.replace("; ", "\n    "))
    compiled = compile_one(request, prod="clusters: [{name: eu}]", clusters={"eu/snapshot.yaml": snapshot})
    (plan,) = compiled.plans
    (in_plan,), (in_forecast,) = plan.consequences, compiled.forecast(plan).consequences
    assert "%" not in in_plan.what
    assert "unavailable 50 % (4 fewer)" in in_forecast.what


def test_what_a_manifest_sets_of_the_strategy_is_what_will_be_and_the_rest_what_is() -> None:
    said = _seen(_REQUESTS, _TEN_TO_FOUR, spec=f"strategy: {{rollingUpdate: {{maxSurge: 3}}}}, {_TWO}")

    assert said == ["rolling restart of 8 pods, surge 3 (3 more), unavailable 50 % (4 fewer)"]


def test_no_more_pods_than_there_are_take_part_in_a_rollout() -> None:
    said = _seen(_REQUESTS, "replicas: 1; strategy: {type: RollingUpdate, maxSurge: 2, maxUnavailable: 3}")

    assert said == ["rolling restart of 1 pod, surge 2 (1 more), unavailable 3 (1 fewer)"]


def test_a_paused_deployment_in_a_manifest_restarts_nothing() -> None:
    assert "paused" in _said(_REQUESTS, spec=f"paused: true, {_APP}")


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("", "one at a time, in their order,"),
        ("podManagementPolicy: OrderedReady, ", "one at a time, in their order,"),
        ("podManagementPolicy: Parallel, ", "all at once (podManagementPolicy Parallel)"),
    ],
)
def test_pods_of_a_statefulset_start_as_its_policy_says(policy: str, said: str) -> None:
    pods = f"pods start or stop {said} until 6 run; none is restarted"

    assert _said("replicas: 6", spec=f"{policy}replicas: 1, {_APP}", kind="StatefulSet") == pods
    assert _seen("replicas: 6", f"replicas: 1; {policy.rstrip(', ')}".rstrip("; "), kind="StatefulSet") == [pods]


@pytest.mark.parametrize(
    ("kept", "said"),
    [("Retain", "its volumes are kept"), ("Delete", "their volume claims are deleted (whenScaled Delete)")],
)
def test_volumes_of_pods_that_go_stay_or_not_as_the_snapshot_shows(kept: str, said: str) -> None:
    assert _seen("replicas: 0", f"replicas: 3; whenScaled: {kept}", kind="StatefulSet") == [f"every pod stops; {said}"]


def test_a_policy_that_is_unknown_is_not_taken_for_the_default() -> None:
    said = "pods start or stop one at a time, in their order, unless podManagementPolicy is Parallel, until 6 run"

    assert _said("replicas: 6", kind="StatefulSet") == f"{said}; none is restarted"


def test_a_snapshot_has_the_requests_that_an_hpa_divides_by() -> None:
    said = _seen("requests: {cpu: 350m}, hpa: {min: 4, max: 12, targetCPU: 65}", "replicas: 4")

    assert "its trigger moves from 107m to 286m CPU per pod (65 % of 400m and the tolerance of 10 %)" in said[1]


def test_under_an_autoscaler_a_restart_is_about_a_range() -> None:
    plan = _plan(f"{_REQUESTS}, hpa: {{min: 4, max: 12}}", spec=_APP)
    first = consequence_lines(plan.consequences, plan.kube_context)[0]

    assert "rolling restart of 4 to 12 pods, surge 25 % (1 to 3 more), unavailable 25 % (1 to 3 fewer)" in first


_HPA = "hpa: {min: 4, max: 12, targetCPU: 65}"
_UNLESS_ZERO = "the HPA sets the replicas, between 4 and 12, unless there are 0 (then it is inactive)"


@pytest.mark.parametrize(
    ("workload", "seen", "said"),
    [
        (_HPA, "replicas: 0", "the HPA is inactive while there are 0 replicas, then it sets them, between 4 and 12"),
        (_HPA, "replicas: 3", "from now on the HPA sets the replicas, between 4 and 12"),
        (f"replicas: 5, {_HPA}", "replicas: 0", "from now on the HPA sets the replicas, between 4 and 12"),
    ],
)
def test_an_hpa_is_inactive_while_its_workload_has_no_replicas(workload: str, seen: str, said: str) -> None:
    assert f"no restart; {said}" in _seen(workload, seen)[-1].partition("; it adds")[0]


def test_without_a_known_count_a_plan_does_not_promise_that_an_hpa_is_active() -> None:
    assert _said(_HPA).startswith(f"no restart; {_UNLESS_ZERO}")


@pytest.mark.parametrize(
    ("workload", "spec", "said"),
    [
        (
            f"requests: {{cpu: 500m}}, {_HPA}",
            None,
            "it adds pods above 357m CPU per pod "
            "(65 % of 500m and the tolerance of 10 %, if the pod has no other container)",
        ),
        (
            f"requests: {{cpu: 500m}}, {_HPA}",
            _APP,
            "it adds pods above 357m CPU per pod (65 % of 500m and the tolerance of 10 %)",
        ),
        (
            f"{_REQUESTS}, {_HPA}",
            _APP,
            "its trigger moves from 357m to 178m CPU per pod "
            "(65 % of 250m and the tolerance of 10 %): the same load needs more pods, "
            "and each of them uses less; do not lower the request again because of that",
        ),
        (
            f"requests: {{cpu: 1}}, {_HPA}",
            _APP,
            "its trigger moves from 357m to 715m CPU per pod "
            "(65 % of 1000m and the tolerance of 10 %): the same load runs on fewer pods",
        ),
        (_HPA, _APP, "it adds pods above 357m CPU per pod (65 % of 500m and the tolerance of 10 %)"),
        (
            f"container: app, {_REQUESTS}, {_HPA}",
            _TWO,
            "its trigger moves from 429m to 250m CPU per pod "
            "(65 % of 350m and the tolerance of 10 %): the same load needs more pods, "
            "and each of them uses less; do not lower the request again because of that",
        ),
        (
            f"container: app, requests: {{cpu: 500m}}, {_HPA.replace('min', 'container: app, min')}",
            _TWO,
            "it adds pods above 357m CPU per pod (65 % of 500m and the tolerance of 10 %)",
        ),
        (
            "requests: {mem: 2Gi}, hpa: {min: 4, max: 12, targetMemory: 80}",
            _APP,
            "its trigger moves from 901Mi to 1802Mi memory per pod "
            "(80 % of 2Gi and the tolerance of 10 %): the same load runs on fewer pods",
        ),
    ],
)
def test_an_hpa_says_from_which_use_on_it_adds_pods(workload: str, spec: str | None, said: str) -> None:
    bounds = f"no restart; {_UNLESS_ZERO}"

    assert _said(workload, spec=spec) == f"{bounds}; {said}"


@pytest.mark.parametrize(
    ("workload", "spec"),
    [
        (_HPA, None),
        (f"requests: {{mem: 1Gi}}, {_HPA}", None),
    ],
    ids=["nothing known", "only memory"],
)
def test_without_all_requests_no_trigger_is_invented(workload: str, spec: str | None) -> None:
    assert _said(workload, spec=spec) == f"no restart; {_UNLESS_ZERO}"


_EVERYWHERE = "target: prod\nworkloads: [{kind: Deployment, name: web, replicas: 3}]\n"


def test_what_several_clusters_get_alike_is_said_once_in_the_summary_and_by_context_in_the_plan() -> None:
    (plan,) = compile_one(_EVERYWHERE, prod="clusters: [{name: eu}, {name: us}]").plans

    assert yaml.safe_load(write_plan(plan))["consequences"] == [
        "Deployment/web: pods start or stop until 3 run; none is restarted",
        "Deployment/web in us: pods start or stop until 3 run; none is restarted",
    ]
    assert summary(plan).count("none is restarted") == 1
    assert [happening.workload for happening in happenings(plan)] == ["Deployment/web in eu, us"]


def test_a_reviewer_sees_the_consequences_as_a_table_with_names_in_code() -> None:
    section = consequences_section([_plan("replicas: 3")])

    assert "| `shop` | `Deployment/web` | pods start or stop until 3 run; none is restarted |" in section
    assert consequences_section([]) == ""


def test_a_comment_on_a_pull_request_has_them_too() -> None:
    report = Report("plans change", "", NOTHING_CHANGES, "", (), "", plans=[_plan("replicas: 3")])

    assert "pods start or stop until 3 run" in comment(report, (), Links())
