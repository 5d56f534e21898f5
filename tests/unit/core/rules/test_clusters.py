"""Each rule about clusters fires where it must, is silent at its boundary, and nags nobody about what runs already."""

import json
import re

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.documents.request import read_request
from infra_scale.core.evaluation.catalogue import RULES
from infra_scale.core.ruling.catalogue import Subject
from infra_scale.model.finding import Finding
from infra_scale.model.target import Target
from support.cluster_pairs import PAIRS, THRESHOLDS, Bound, Pair
from support.clusters import BOTH, HERE, compile_in
from support.pure import SCHEMAS, compile_one, source
from support.snapshots import CAPTURED, Json, app, limits, live, node, prices, quota, snapshot

_LATER = "2026-01-02T00:00:01Z"
"""One second more than the age that a snapshot may have by default."""


def _told(compilation: Compilation, rule: str) -> list[str]:
    return [finding.message for finding in compilation.findings if finding.rule == rule]


def _rules(compilation: Compilation) -> set[str]:
    return {finding.rule for finding in compilation.findings}


def _findings(workload: str, pair: Pair, text: str) -> list[Finding]:
    return list(compile_in(workload, base=pair.base, eu_1=text).findings)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.rule} {pair.firing}")
def test_a_rule_fires_and_stays_silent_at_its_boundary(pair: Pair) -> None:
    other = pair.seen if pair.other is None else pair.other
    fired = [found for found in _findings(pair.firing, pair, pair.seen) if found.rule == pair.rule]
    silent = [found.rule for found in _findings(pair.silent, pair, other)]
    (rule,) = [rule for rule in RULES if rule.id == pair.rule]

    assert [found.message for found in fired] == [pair.message]
    assert [found.severity for found in fired] == [pair.severity or rule.severity]
    assert fired[0].position
    assert pair.rule not in silent
    others = {found for found in silent if found != "MAN-009"}  # the manifests are plain files
    assert not any(found.startswith(("SCH-", "QTY-001", "YML-", "MAN-", "CAP-006")) for found in others), silent


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: f"{row.rule} {row.name}")
def test_a_threshold_of_the_policy_is_the_new_boundary(row: Bound) -> None:
    target = f"{HERE}policy: {{rules: {{{row.rule}: {{{row.name}: {row.bound}}}}}}}\n"

    assert row.rule in _rules(compile_in(row.firing, target=target, eu_1=row.seen))
    assert row.rule not in _rules(compile_in(row.silent, target=target, eu_1=row.seen))


def test_a_policy_makes_an_error_of_pods_that_do_not_fit() -> None:
    compilation = compile_in("replicas: 21", target=f"{HERE}policy: {{rules: {{CAP-001: error}}}}\n")

    assert [one.severity for one in compilation.findings if one.rule == "CAP-001"] == ["error"]
    assert compilation.is_valid


_OVERDRAWN = {
    "quotas": [quota(hard={"requests.cpu": "1", "limits.cpu": "1"}, used={"requests.cpu": "3"})],
    "limitRanges": [limits(min={"cpu": "2"}, max={"memory": "1Mi"}, maxLimitRequestRatio={"cpu": "1"})],
}
"""What runs in this namespace would be refused today."""
_CROWDED = (node("n1", cpu="100m", requested={"cpu": "100m", "memory": "0"}),)
_APPLIED = "requests: {cpu: 500m, mem: 512Mi}"


@pytest.mark.parametrize(
    ("workload", "seen"),
    [
        (f"replicas: 2, {_APPLIED}", live(antiAffinityHostname=True, strategy={"type": "Recreate"})),
        (f"replicas: 1, {_APPLIED}", live()),
        (f"hpa: {{min: 2, max: 40}}, {_APPLIED}", live(hpa={"name": "web", "min": 2, "max": 40, "targetCPU": 80})),
        (f"hpa: {{min: 2, max: 30}}, {_APPLIED}", live(hpa={"name": "web", "min": 2, "max": 40, "targetCPU": 80})),
        (f"kind: StatefulSet, replicas: 2, {_APPLIED}", live(kind="StatefulSet")),
        (f"kind: DaemonSet, {_APPLIED}", live(kind="DaemonSet", replicas=1)),
        (f"kind: CronJob, parallelism: 2, {_APPLIED}", live(kind="CronJob")),
        ("kind: Job, parallelism: 2", live(kind="Job")),
        ("replicas: 2", live(containers=[app(cpu="", memory="")])),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_request_that_was_carried_out_long_ago_is_nobody_s_news(workload: str, seen: Json) -> None:
    compilation = compile_in(workload, eu_1=snapshot(seen, nodes=_CROWDED, most=0, namespace=_OVERDRAWN))

    nagging = ("CAP-", "QUO-", "LIM-", "RES-010", "AVL-003", "AVL-004", "AVL-005", "REP-00", "KIND-003", "HPA-016")
    assert {rule for rule in _rules(compilation) if rule.startswith(nagging)} <= {"REP-002"}


@pytest.mark.parametrize(("parallelism", "is_refused"), [(2, False), (3, True)])
def test_only_a_cron_job_that_changes_takes_quota_from_others(parallelism: int, is_refused: bool) -> None:
    namespace = {"quotas": [quota(hard={"requests.cpu": "2"}, used={"requests.cpu": "1"})]}
    seen = snapshot(live(), live(kind="CronJob", name="nightly"), namespace=namespace)

    compilation = compile_in("replicas: 4", f"kind: CronJob, name: nightly, parallelism: {parallelism}", eu_1=seen)

    assert ("QUO-001" in _rules(compilation)) == is_refused


def _used_up(name: str, amount: str) -> Json:
    """A namespace that has used up its quota of one resource."""
    return {"quotas": [quota(hard={name: amount}, used={name: amount})]}


_IN_BYTES = {"ephemeral-storage": "42949672960", "hugepages-2Mi": "1073741824", "memory": "1073741824"}


@pytest.mark.parametrize(
    ("workload", "namespace", "rule"),
    [
        ("replicas: 9", {}, "CAP-001"),
        ("hpa: {min: 2, max: 9}", {}, "CAP-003"),
        ("replicas: 4", _used_up("requests.ephemeral-storage", "107374182400"), "QUO-001"),
        ("replicas: 2, requests: {cpu: 1}", _used_up("hugepages-2Mi", "2147483648"), "QUO-002"),
        ("hpa: {min: 2, max: 4}", _used_up("requests.memory", "2147483648"), "QUO-003"),
        ("replicas: 3", {"limitRanges": [limits(min={"memory": "2147483648"})]}, "LIM-001"),
        ("replicas: 3", {"limitRanges": [limits(max={"ephemeral-storage": "1073741824"})]}, "LIM-002"),
        ("limits: {mem: 2147483648}", {}, "RES-005"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_bytes_are_told_in_units_whatever_the_cluster_calls_them(workload: str, namespace: Json, rule: str) -> None:
    whole = {"cpu": "4", "memory": "17179869184", "ephemeral-storage": "107374182400", "pods": "30"}
    nodes = (node("n1", allocatable={**whole, "hugepages-2Mi": "4294967296"}, requested={"cpu": "1"}),)
    pods = [app(requests={"cpu": "100m", **_IN_BYTES}, limits={"memory": "4294967296"})]

    made = compile_in(workload, eu_1=snapshot(live(containers=pods), nodes=nodes, namespace=namespace, most=0))

    assert rule in _rules(made)
    pages = [text.decode() for path, text in made.files.items() if path.endswith("SUMMARY.md")]
    plans = [line for text in made.files.values() for line in text.decode().splitlines() if "message:" in line]
    told = "\n".join([*(finding.message for finding in made.findings), *pages, *plans])
    assert re.findall(r"\b[0-9]{7,}\b", told) == []


def test_nobody_is_told_to_roll_without_surge_through_a_full_quota() -> None:
    """Deployment controllers do not wait for terminating pods, and a quota counts them until they are gone."""
    (rule,) = [rule for rule in RULES if rule.id == "QUO-002"]

    assert "maxSurge" not in rule.fix
    assert "maxSurge 0 does not help" in rule.why


def test_one_more_pod_is_news_there() -> None:
    seen = live(antiAffinityHostname=True)

    told = _rules(compile_in("replicas: 3", eu_1=snapshot(seen, nodes=_CROWDED, most=0, namespace=_OVERDRAWN)))

    assert told >= {"QUO-001", "QUO-004", "LIM-001", "LIM-002", "LIM-003", "RES-010", "AVL-003"}


@pytest.mark.parametrize("kind", ["ReplicaSet", "CronJob", "Job"])
def test_others_than_running_pods_are_news_also_where_none_is_replaced(kind: str) -> None:
    workload = f"kind: {kind}, limits: {{mem: 1Mi}}"

    compilation = compile_in(workload, eu_1=snapshot(live(kind=kind, containers=[app(limits={"memory": "1Gi"})])))

    assert "RES-005" in _rules(compilation)


def test_what_is_so_in_several_clusters_is_said_once_with_their_names() -> None:
    other = snapshot(live(replicas=3), cluster="prod-eu-2")
    same = snapshot(cluster="prod-eu-2")

    assert _told(compile_in("replicas: 21", target=BOTH, eu_1=snapshot(), eu_2=same), "CAP-001") == [
        "Deployment/web 21 × (500m, 512Mi) → does not fit: some pods would stay Pending in prod-eu-1, prod-eu-2"
    ]
    assert _told(compile_in("replicas: 12", target=BOTH, eu_1=snapshot(), eu_2=other), "REP-005") == [
        "Scale-out ×4 for Deployment/web in prod-eu-2",
        "Scale-out ×6 for Deployment/web in prod-eu-1",
    ]


def test_names_go_before_the_full_stop_or_where_they_make_sense() -> None:
    guarded = snapshot(live(replicas=9, pdbs=[{"name": "guard", "maxUnavailable": 0}]), cluster="prod-eu-2")

    compilation = compile_in("replicas: 4", target=BOTH, eu_1=snapshot(), eu_2=guarded)

    assert _told(compilation, "REP-004") == [
        "Scale-in 9→4 for Deployment/web removes 56% of pods at once in prod-eu-2."
    ]
    assert _told(compilation, "AVL-001") == [
        "PDB guard blocks every eviction of Deployment/web in prod-eu-2 (maxUnavailable 0 at 4 replicas); "
        "node drains will hang. Scaling and rollouts are not affected."
    ]


def test_of_many_clusters_the_first_five_are_named() -> None:
    names = [f"prod-eu-{number}" for number in range(1, 8)]
    target = f"clusters: [{', '.join(f'{{name: {name}}}' for name in names)}]\n"
    snapshots = {name.removeprefix("prod-").replace("-", "_"): snapshot(cluster=name) for name in names}

    assert _told(compile_in("replicas: 7", target=target, **snapshots), "REP-005") == [
        f"Scale-out ×3.5 for Deployment/web in {', '.join(names[:5])} and 2 more"
    ]


def test_what_manifest_and_cluster_both_have_is_said_of_the_manifest() -> None:
    base = (
        "kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: app}]}}}\n---\n"
        "kind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
        "spec: {scaleTargetRef: {kind: Deployment, name: web}}\n"
    )
    scaled = snapshot(live(hpa={"name": "web", "min": 2, "max": 4}))

    assert len(_told(compile_in("replicas: 2", base=base, eu_1=scaled), "HPA-007")) == 1


@pytest.mark.parametrize(
    ("snapshots", "reason"),
    [
        ({"eu_1": snapshot()}, "no snapshot for cluster prod-eu-2"),
        (
            {"eu_1": snapshot(), "eu_2": snapshot()},
            "ops/clusters/prod-eu-2/snapshot.yaml is of another cluster, prod-eu-1",
        ),
        ({"eu_1": snapshot(), "eu_2": "nodes: 1\n"}, "the snapshot of prod-eu-2 could not be read"),
        (
            {"eu_1": snapshot(), "eu_2": json.dumps({"metadata": {"cluster": "prod-eu-2", "capturedAt": CAPTURED}})},
            "the snapshot of prod-eu-2 has no nodes",
        ),
    ],
    ids=["missing", "of another cluster", "unreadable", "empty"],
)
def test_a_cluster_that_cannot_be_looked_at_is_named_with_the_reason_and_nothing_else_is_said_of_it(
    snapshots: dict[str, str], reason: str
) -> None:
    compilation = compile_in("replicas: 21", "name: api, replicas: 21", target=BOTH, **snapshots)

    assert _told(compilation, "CAP-006") == [f"{reason}; what this request needs is not checked in prod-eu-2"]
    told = [finding.message for finding in compilation.findings if finding.rule not in ("CAP-006", "SCH-002")]
    assert any("prod-eu-1" in message for message in told)
    assert not any("prod-eu-2" in message for message in told)


def test_a_snapshot_that_is_too_old_is_not_looked_at() -> None:
    compilation = compile_in("replicas: 21", as_of=_LATER)

    assert _told(compilation, "CAP-006") == ["the snapshot is over 24h old; what this request needs is not checked"]
    assert "CAP-001" not in _rules(compilation)
    assert "CAP-006" not in _rules(compile_in("replicas: 21", as_of="2026-01-02T00:00:00Z"))


def test_where_no_cluster_of_the_target_has_a_snapshot_nobody_asks_for_one() -> None:
    assert "CAP-006" not in _rules(compile_in("replicas: 21", target=BOTH, us_1=snapshot(cluster="prod-us-1")))


def test_a_cluster_that_no_workload_is_for_is_not_missed() -> None:
    assert "CAP-006" not in _rules(compile_in("replicas: 3, cluster: prod-eu-1", target=BOTH))


def test_a_high_maximum_is_a_matter_only_of_clusters_that_nobody_could_check() -> None:
    workload = f"hpa: {{min: 2, max: 11}}, {_APPLIED}"
    bare = snapshot(live(containers=[app(cpu="500m", memory="")]), cluster="prod-eu-2")

    assert "HPA-015" not in _rules(compile_in(workload))
    assert "HPA-015" not in _rules(compile_in(workload, target=BOTH, eu_1=snapshot(), eu_2=bare))
    assert _told(compile_in(workload, target=BOTH), "HPA-015") == [
        "HPA may grow Deployment/web to 11 replicas → not checked against capacity in prod-eu-2."
    ]


def test_a_workload_that_the_snapshot_does_not_have_is_not_judged_by_it() -> None:
    assert _rules(compile_in("name: api, replicas: 21")) == {"REP-001"}


def test_workloads_that_only_fit_one_without_the_other_depend_on_the_order() -> None:
    rows = (node("n1", count=50),)
    one = app(cpu="2", memory="1Gi")
    seen = snapshot(live(replicas=1, containers=[one]), live(name="api", replicas=1, containers=[one]), nodes=rows)

    compilation = compile_in("replicas: 51", "name: api, replicas: 26", eu_1=seen)

    messages = _told(compilation, "CAP-007")
    assert len(messages) == 2
    assert all(message.endswith(" → fits depending on which pods are scheduled first") for message in messages)


def test_a_nearly_full_cluster_is_said_once_at_the_workload_that_adds_the_most() -> None:
    seen = snapshot(live(), live(name="api"))

    compilation = compile_in("replicas: 4", "name: api, replicas: 17", eu_1=seen)

    (found,) = [finding for finding in compilation.findings if finding.rule == "CAP-004"]
    assert found.workload
    assert found.workload.name == "api"


def test_a_plan_that_leaves_a_full_cluster_emptier_is_not_blamed_for_it() -> None:
    full = (node("n1", requested={"cpu": "4", "memory": "1Gi"}),)

    assert "CAP-004" not in _rules(compile_in("replicas: 1", eu_1=snapshot(nodes=full)))


_BUDGET = "budget: {{increase: {increase}, decrease: {decrease}}}\n"


def _spent(*workloads: str, increase: str = "{amount: 1000000}", decrease: str = "{amount: 1000000}") -> list[Finding]:
    """A pod of web costs 36.50 for its CPU and 3.65 for its memory, 40.15 a month."""
    target = HERE + _BUDGET.format(increase=increase, decrease=decrease)
    written = ", ".join(f"{{kind: Deployment, {one}}}" for one in workloads)
    compilation = compile_one(
        f"target: prod\nnamespace: shop\nworkloads: [{written}]\n",
        clusters={
            "prod-eu-1/snapshot.yaml": snapshot(live(), live(name="api"), live(name="idle", replicas=0)),
            "prod-eu-1/prices.yaml": prices(),
        },
        prod=target,
    )
    return [finding for finding in compilation.findings if finding.rule == "COST-001"]


@pytest.mark.parametrize(
    ("workload", "budget", "message"),
    [
        ("name: web, replicas: 4", {"increase": "{amount: 80}"}, "+$80.30/month (+100%)"),
        ("name: web, replicas: 4", {"increase": "{amount: 81}"}, None),
        ("name: web, replicas: 4", {"increase": "{percent: 99}"}, "+$80.30/month (+100%)"),
        ("name: web, replicas: 4", {"increase": "{percent: 100}"}, None),
        ("name: web, replicas: 1", {"decrease": "{percent: 49}"}, "-$40.15/month (-50%)"),
        ("name: web, replicas: 1", {"decrease": "{percent: 50}"}, None),
        ("name: idle, replicas: 1", {"increase": "{percent: 1}"}, "+$40.15/month"),
        ("name: idle, replicas: 1", {"increase": "{percent: 1, amount: 40}"}, "+$40.15/month"),
    ],
)
def test_what_moves_the_cost_beyond_the_budget_is_said(
    workload: str, budget: dict[str, str], message: str | None
) -> None:
    assert [found.message for found in _spent(workload, **budget)] == ([message] if message else [])


@pytest.mark.parametrize(
    ("budget", "bound"),
    [
        ({"increase": "{amount: 1500}"}, "$1,500.00"),
        ({"increase": "{percent: 20}"}, "20%"),
        ({"increase": "{amount: 1500, percent: 20}"}, "$1,500.00 or, if less, 20%"),
    ],
)
def test_the_advice_says_what_is_compared_and_how_much_is_allowed(budget: dict[str, str], bound: str) -> None:
    (found,) = _spent("name: web, replicas: 50", **budget)

    allowed = f"`budget` in ops/targets/prod.yaml allows a monthly change of {bound} against the running state"
    assert found.help == f"check that this is intended: {allowed}"


def test_the_cost_of_the_whole_request_is_said_at_the_workload_that_moves_it_most() -> None:
    (found,) = _spent("name: web, replicas: 3", "name: api, replicas: 5", increase="{amount: 1}")

    assert found.message == "+$160.60/month (+100%)"
    assert found.workload
    assert found.workload.name == "api"


def test_without_prices_or_a_budget_nothing_is_said_of_money() -> None:
    assert "COST-001" not in _rules(compile_in("replicas: 20", target=f"{HERE}budget: {{increase: {{amount: 0}}}}\n"))
    assert "COST-001" not in _rules(compile_in("replicas: 20", target=f"{HERE}prices: opencost-2024-10\n"))


_JOB = {"kind": "Job", "name": "load", "replicas": 19}
_CRON = {**_JOB, "kind": "CronJob"}


@pytest.mark.parametrize(
    ("asked", "running", "status"),
    [
        ("kind: Job, name: load, suspend: false", _JOB, "does_not_fit"),
        ("kind: Job, name: load, suspend: false", {**_JOB, "placement": {"n1": 1}}, "fits"),
        ("kind: Job, name: load, suspend: false", {**_JOB, "placement": {"n1": 6, "n2": 6, "n3": 7}}, "fits"),
        ("kind: CronJob, name: load, suspend: false", _CRON, "does_not_fit"),
        ("kind: CronJob, name: load, requests: {cpu: 501m}", _CRON, "does_not_fit"),
        ("kind: CronJob, name: load, requests: {cpu: 400m}", _CRON, "fits"),
        ("kind: CronJob, name: load, suspend: true", _CRON, "fits"),
    ],
    ids=["no pod of it runs", "one runs", "all run", "a run to come", "larger pods", "smaller pods", "none to come"],
)
def test_the_pods_of_a_job_that_are_to_come_need_places(asked: str, running: Json, status: str) -> None:
    """A snapshot has the parallelism of a Job, suspended or not; which of its pods run, their nodes tell."""
    compilation = compile_in(asked, eu_1=snapshot(live(**running)))

    (forecast,) = compilation.forecast(compilation.plans[0]).capacity[0].workloads
    assert forecast.status == status


def test_a_job_that_is_resumed_without_room_is_warned_of_where_it_is_resumed() -> None:
    compilation = compile_in("kind: Job, name: load, suspend: false", eu_1=snapshot(live(**_JOB)))

    (finding,) = [finding for finding in compilation.findings if finding.rule == "CAP-001"]
    assert finding.position
    assert finding.position.excerpt[finding.position.column - 1 :].startswith("false")


@pytest.mark.parametrize("text", [text for pair in PAIRS for text in (pair.firing, pair.silent)])
def test_a_rule_that_is_said_to_need_a_snapshot_or_prices_has_nothing_to_say_without(text: str) -> None:
    """So nobody misses anything where it is not even asked."""
    kind, name = "" if "kind:" in text else "kind: Deployment, ", "" if "name:" in text else "name: web, "
    written = f"target: prod\nnamespace: shop\nworkloads: [{{{kind}{name}{text}}}]\n"
    request = read_request(source(written), schema=SCHEMAS.request).request
    assert request
    subjects = [Subject(workload, request, Target("prod", ())) for workload in request.workloads]

    needy = [rule for rule in RULES if rule.needs]

    assert len(needy) > 20
    for rule in needy:
        assert [hit for one in subjects for hit in rule.check(one._replace(thresholds=rule.thresholds))] == []
