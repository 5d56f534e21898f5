"""Each rule fires where it must and is silent at its boundary."""

import pytest

from infra_scale.core.rules.judge import RULES
from support.pure import compile_one

_HEAD = "target: prod\nnamespace: shop\n"

# Rule, workload (and top-level lines) at which it fires, and the nearest one at which it must not.
_PAIRS = [
    ("REP-001", "replicas: 11", "replicas: 10", ""),
    ("KIND-001", "kind: DaemonSet, replicas: 0", "kind: StatefulSet, replicas: 0", ""),
    ("KIND-005", "kind: Job, suspend: true", "kind: CronJob, suspend: true", ""),
    ("KIND-006", "kind: Job, limits: {cpu: 1}", "kind: CronJob, limits: {cpu: 1}", ""),
    ("KIND-008", "kind: CronJob, replicas: 1", "kind: CronJob, parallelism: 1", ""),
    ("KIND-009", "kind: DaemonSet, suspend: false", "kind: Job, suspend: false", ""),
    ("REP-003", "replicas: 0", "replicas: 1", ""),
    ("HPA-002", "replicas: 1, hpa: {min: 2, max: 4}", "replicas: 2, hpa: {min: 2, max: 4}", ""),
    ("HPA-004", "hpa: {min: 4, max: 4}", "hpa: {min: 3, max: 4}", ""),
    ("HPA-013", "hpa: {max: 4}", "hpa: {min: 2, max: 4}", ""),
    ("RES-006", "requests: {cpu: 1}, limits: {cpu: 4001m}", "requests: {cpu: 1}, limits: {cpu: 4}", ""),
    ("RES-006", "requests: {mem: 1Gi}, limits: {mem: 2049Mi}", "requests: {mem: 1Gi}, limits: {mem: 2Gi}", ""),
    ("QTY-005", "limits: {mem: 4095Ki}", "limits: {mem: 4Mi}", ""),
    ("HPA-006", "hpa: {max: 4, targetCPU: 101}", "hpa: {max: 4, targetCPU: 100}", ""),
    ("HPA-006", "hpa: {max: 4, targetCPU: 19}", "hpa: {max: 4, targetCPU: 20}", ""),
    ("HPA-001", "replicas: 5, hpa: {max: 4}", "replicas: 4, hpa: {max: 4}", ""),
    ("HPA-003", "hpa: {min: 5, max: 4}", "hpa: {min: 4, max: 4}", ""),
    ("HPA-008", "kind: DaemonSet, hpa: {max: 4}", "kind: ReplicaSet, hpa: {max: 4}", ""),
    ("HPA-009", "hpa: {min: 0, max: 4}", "hpa: {min: 1, max: 4}", ""),
    ("HPA-010", "replicas: 0, hpa: {max: 4}", "replicas: 1, hpa: {max: 4}", ""),
    ("HPA-014", "replicas: 1, hpa: {max: 4}", "replicas: 1", "autoscaling: none\n"),
    ("RES-001", "requests: {cpu: 1001m}, limits: {cpu: 1}", "requests: {cpu: 1000m}, limits: {cpu: 1}", ""),
    ("RES-001", "requests: {mem: 1025Mi}, limits: {mem: 1Gi}", "requests: {mem: 1024Mi}, limits: {memory: 1Gi}", ""),
]

_ABOUT_MANIFESTS = {"RES-011", "MAN-003"}
"""Rules that need a target with clusters or manifests: test_manifest_rules.py has their pairs."""


def _rules_of(workload: str, head: str) -> list[str]:
    kind = "" if "kind:" in workload else "kind: Deployment, "
    text = f"{_HEAD}{head}workloads: [{{{kind}name: web, {workload}}}]\n"
    return [finding.rule for finding in compile_one(text).findings]


@pytest.mark.parametrize(("rule", "firing", "silent", "head"), _PAIRS)
def test_a_rule_fires_and_stays_silent_at_its_boundary(rule: str, firing: str, silent: str, head: str) -> None:
    assert _rules_of(firing, head).count(rule) == 1
    assert rule not in _rules_of(silent, head)


def test_every_rule_has_such_a_pair() -> None:
    assert {rule for rule, *_ in _PAIRS} | _ABOUT_MANIFESTS == {rule.id for rule in RULES}


def test_rule_ids_are_unique_and_every_rule_says_why_how_and_whence() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.trigger and rule.why and rule.fix and rule.source for rule in RULES)


def test_without_autoscaling_replicas_above_the_ignored_maximum_are_no_matter() -> None:
    assert _rules_of("replicas: 5, hpa: {max: 4}", "autoscaling: none\n") == ["HPA-014"]


def test_the_two_messages_of_the_original_stand_word_for_word() -> None:
    workload = "kind: Deployment, name: web, replicas: 15, hpa: {min: 2, max: 4}"

    compilation = compile_one(f"{_HEAD}workloads: [{{{workload}}}]\n")

    (plan,) = compilation.plans
    assert plan.risks == ("High replica count for Deployment/web → watch pod scheduling / quotas",)
    assert plan.notes == ("Requested replicas (15) > HPA max (4) for Deployment/web; HPA will cap.",)
