"""Each rule about clusters fires where it must, is silent at its boundary, and nags nobody about what runs already."""

import pytest

from infra_scale.core.compile import Compilation
from infra_scale.core.rules.judge import RULES
from infra_scale.model.finding import Finding
from support.cluster_pairs import PAIRS, THRESHOLDS, Bound, Pair
from support.clusters import BOTH, HERE, compile_in
from support.snapshots import app, live, snapshot


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
    assert not any(found.startswith(("SCH-", "QTY-001", "YML-", "MAN-", "CAP-006")) for found in silent), silent


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: f"{row.rule} {row.name}")
def test_a_threshold_of_the_policy_is_the_new_boundary(row: Bound) -> None:
    target = f"{HERE}policy: {{rules: {{{row.rule}: {{{row.name}: {row.bound}}}}}}}\n"

    assert row.rule in _rules(compile_in(row.firing, target=target, eu_1=row.seen))
    assert row.rule not in _rules(compile_in(row.silent, target=target, eu_1=row.seen))


_APPLIED = "requests: {cpu: 500m, mem: 512Mi}"


@pytest.mark.parametrize("kind", ["ReplicaSet", "CronJob", "Job"])
def test_others_than_running_pods_are_news_also_where_none_is_replaced(kind: str) -> None:
    workload = f"kind: {kind}, limits: {{mem: 1Mi}}"

    compilation = compile_in(workload, eu_1=snapshot(live(kind=kind, containers=[app(limits={"memory": "1Gi"})])))

    assert "RES-005" in _rules(compilation)


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


def test_a_high_maximum_is_a_matter_only_of_clusters_that_nobody_could_check() -> None:
    workload = f"hpa: {{min: 2, max: 11}}, {_APPLIED}"
    bare = snapshot(live(containers=[app(cpu="500m", memory="")]), cluster="prod-eu-2")

    assert "HPA-015" not in _rules(compile_in(workload))
    assert "HPA-015" not in _rules(compile_in(workload, target=BOTH, eu_1=snapshot(), eu_2=bare))
    assert _told(compile_in(workload, target=BOTH), "HPA-015") == [
        "HPA may grow Deployment/web to 11 replicas → not checked against capacity in prod-eu-2."
    ]
