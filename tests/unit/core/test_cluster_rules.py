"""Each rule about clusters fires where it must, is silent at its boundary, and nags nobody about what runs already."""

import pytest

from infra_scale.core.compile import Compilation
from infra_scale.core.rules.judge import RULES
from infra_scale.model.finding import Finding
from support.cluster_pairs import PAIRS, Pair
from support.clusters import BOTH, compile_in
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


_APPLIED = "requests: {cpu: 500m, mem: 512Mi}"


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
