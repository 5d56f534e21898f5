"""Each rule fires where it must and is silent at its boundary."""

from typing import NamedTuple

import pytest

from infra_scale.core.evaluation.catalogue import RULES
from infra_scale.model.finding import Finding
from support import cluster_pairs, ownership_pairs
from support.pure import compile_one

_HEAD = "target: prod\nnamespace: shop\n"
_OFF = {rule.id: rule.severity for rule in RULES if not rule.is_on}


class Pair(NamedTuple):
    """A workload at which a rule fires, and the nearest one at which it must not."""

    rule: str
    firing: str
    silent: str
    head: str = ""
    """More top-level lines of the request."""
    base: str = ""
    """The base manifest of both."""
    other: str | None = None
    """That of the silent one, where it differs."""
    severity: str = ""
    """Where it differs from the rule's."""


def _pod(*containers: str, name: str = "web", kind: str = "Deployment", spec: str = "", pod: str = "") -> str:
    """A base manifest with these containers, each a name and its resources."""
    written = ", ".join(
        f"{{name: {one.partition(' ')[0]}, resources: {{{one.partition(' ')[2]}}}}}" for one in containers
    )
    template = f"{{metadata: {{labels: {{app: web, tier: front}}}}, spec: {{containers: [{written}]{pod}}}}}"
    inner = f"jobTemplate: {{spec: {{template: {template}}}}}" if kind == "CronJob" else f"template: {template}"
    return f"kind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}{inner}}}\n"


def _hpa(name: str, aim: str = "web", kind: str = "HorizontalPodAutoscaler") -> str:
    return (
        f"---\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{scaleTargetRef: {{kind: Deployment, name: {aim}}}}}\n"
    )


def _pdb(bound: str, selector: str = "matchLabels: {app: web}") -> str:
    return f"---\nkind: PodDisruptionBudget\nmetadata: {{name: guard}}\nspec: {{{bound}, selector: {{{selector}}}}}\n"


_HPA = "hpa: {min: 2, max: 4}"
_CPU = "requests: {cpu: 1}"
_APP = _pod("app requests: {cpu: 1}")
_SIDECAR = ", initContainers: [{name: mesh, restartPolicy: Always}]"
_INIT = ", initContainers: [{name: migrate}]"
_LONG = "name: " + "a" * 54
_CRON = "{type: cron, metadata: {}}"
_QUEUE = f"keda: {{min: 1, max: 4, triggers: [{_CRON}]}}"


def _keda(trigger: str, **bounds: object) -> str:
    said = "".join(f"{key}: {value}, " for key, value in {"min": 1, "max": 4, **bounds}.items())
    return f"keda: {{{said}triggers: [{trigger}]}}"


def _on(trigger: str, metadata: str = "", metric: str = "Utilization") -> str:
    return f"{{type: {trigger}, metricType: {metric}, metadata: {{value: '60'{metadata}}}}}"


def _slow(rules: str, direction: str = "scaleDown") -> str:
    return f"hpa: {{max: 4, behavior: {{{direction}: {{{rules}}}}}}}"


def _policy(value: int, period: int) -> str:
    return _slow(f"policies: [{{type: Pods, value: {value}, periodSeconds: {period}}}]", "scaleUp")


_GUARANTEED = "requests: {cpu: 1, mem: 1Gi}, limits: {cpu: 1, mem: 1Gi}"

_PAIRS = [
    Pair("REP-001", "replicas: 11", "replicas: 10"),
    Pair("REP-002", "replicas: 1", "replicas: 2"),
    Pair("REP-002", "kind: StatefulSet, replicas: 1", "kind: ReplicaSet, replicas: 1"),
    Pair("REP-002", "replicas: 1, hpa: {min: 2, max: 4}", "replicas: 2", head="autoscaling: none\n"),
    Pair("REP-002", "replicas: 1", f"replicas: 1, {_HPA}"),
    Pair("REP-002", "replicas: 1", f"replicas: 1, {_QUEUE}"),
    Pair("REP-003", "replicas: 0", "replicas: 1"),
    Pair("REP-003", "replicas: 0", f"replicas: 0, {_keda(_CRON, min=0)}"),
    Pair("KIND-001", "kind: DaemonSet, replicas: 0", "kind: StatefulSet, replicas: 0"),
    Pair("KIND-005", "kind: Job, suspend: true", "kind: CronJob, suspend: true"),
    Pair("KIND-006", "kind: Job, limits: {cpu: 1}", "kind: CronJob, limits: {cpu: 1}"),
    Pair("KIND-006", "kind: Job, suspend: true, limits: {cpu: 1}", "kind: Job, suspend: true", severity="warning"),
    Pair("KIND-007", "kind: CronJob, parallelism: 1", "kind: CronJob, suspend: false", base=_pod(kind="CronJob")),
    Pair(
        "KIND-007",
        "kind: CronJob, parallelism: 2",
        "kind: CronJob, parallelism: 2",
        base=_pod(kind="CronJob", spec="concurrencyPolicy: Allow, "),
        other=_pod(kind="CronJob", spec="concurrencyPolicy: Forbid, "),
    ),
    Pair("KIND-008", "kind: CronJob, replicas: 1", "kind: CronJob, parallelism: 1"),
    Pair("KIND-009", "kind: DaemonSet, suspend: false", "kind: Job, suspend: false"),
    Pair("HPA-001", "replicas: 5, hpa: {max: 4}", "replicas: 4, hpa: {max: 4}"),
    Pair("HPA-001", "replicas: 5, hpa: {min: 4, max: 4}", "replicas: 5, hpa: {min: 5, max: 4}"),
    Pair("HPA-002", "replicas: 1, hpa: {min: 2, max: 4}", "replicas: 2, hpa: {min: 2, max: 4}"),
    Pair("HPA-002", "replicas: 3, hpa: {min: 4, max: 4}", "replicas: 3, hpa: {min: 5, max: 4}"),
    Pair("HPA-003", "hpa: {min: 5, max: 4}", "hpa: {min: 4, max: 4}"),
    Pair("HPA-004", "hpa: {min: 4, max: 4}", "hpa: {min: 3, max: 4}"),
    Pair("HPA-005", _HPA, f"{_HPA}, {_CPU}"),
    Pair("HPA-005", f"{_HPA}, requests: {{mem: 1Gi}}", f"{_HPA}, limits: {{cpu: 1}}"),
    Pair("HPA-005", "hpa: {max: 4, targetMemory: 70}", "hpa: {max: 4, targetMemory: 70}, requests: {memory: 1Gi}"),
    Pair(
        "HPA-005",
        f"container: app, {_CPU}, hpa: {{max: 4, container: proxy}}",
        f"container: app, {_CPU}, hpa: {{max: 4, container: app}}",
    ),
    Pair("HPA-005", _HPA, _HPA, base=_pod("app"), other=_APP, severity="error"),
    Pair("HPA-005", _HPA, f"{_HPA}, {_CPU}", base=_pod("app"), severity="error"),
    Pair("HPA-005", _HPA, _HPA, base=_pod("app"), other=_pod("app limits: {cpu: 1}"), severity="error"),
    Pair("HPA-005", _HPA, _HPA, base=_pod("app"), other=_pod("app", pod=", resources: {}"), severity="error"),
    Pair(
        "HPA-005",
        _HPA,
        "hpa: {max: 4, container: app}",
        base=_pod("app requests: {cpu: 1}", pod=_SIDECAR),
        severity="error",
    ),
    Pair(
        "HPA-005",
        _HPA,
        _HPA,
        base=_pod("app requests: {cpu: 1}", "log"),
        other=_pod("app limits: {cpu: 1}", pod=_INIT),
        severity="error",
    ),
    Pair("HPA-005", "hpa: {max: 4, targetMemory: 70}", _HPA, base=_APP, severity="error"),
    Pair("HPA-006", "hpa: {max: 4, targetCPU: 101}", "hpa: {max: 4, targetCPU: 90}"),
    Pair("HPA-006", "hpa: {max: 4, targetCPU: 100}", "hpa: {max: 4, targetCPU: 90}", severity="note"),
    Pair("HPA-006", "hpa: {max: 4, targetCPU: 91}", "hpa: {max: 4, targetCPU: 90}", severity="note"),
    Pair("HPA-006", "hpa: {max: 4, targetCPU: 19}", "hpa: {max: 4, targetCPU: 20}"),
    Pair("HPA-007", "replicas: 2", "replicas: 2", base=_APP + _hpa("old"), other=_APP + _hpa("old", aim="api")),
    Pair("HPA-007", "replicas: 2", f"replicas: 2, {_HPA}", base=_APP + _hpa("web")),
    Pair("HPA-007", "replicas: 2", _CPU, base=_APP + _hpa("web", kind="ScaledObject")),
    Pair("HPA-008", "kind: DaemonSet, hpa: {max: 4}", "kind: ReplicaSet, hpa: {max: 4}"),
    Pair("HPA-009", "hpa: {min: 0, max: 4}", "hpa: {min: 1, max: 4}"),
    Pair("HPA-010", "replicas: 0, hpa: {max: 4}", "replicas: 1, hpa: {max: 4}"),
    Pair("HPA-011", _HPA, _HPA, base=_APP + _hpa("old"), other=_APP + _hpa("web")),
    Pair("HPA-011", _HPA, _HPA, base=_APP + _hpa("old"), other=_APP + _hpa("old", aim="api")),
    Pair("HPA-011", _HPA, "replicas: 2", base=_APP + _hpa("old")),
    Pair("HPA-011", _HPA, f"{_HPA}, handover: {{from: keda}}", base=_APP + _hpa("web", kind="ScaledObject")),
    Pair("HPA-011", _QUEUE, f"{_QUEUE}, handover: {{from: hpa}}", base=_APP + _hpa("web")),
    Pair("HPA-012", _HPA, _HPA, base=_pod(spec="replicas: 3, "), other=_pod()),
    Pair("HPA-012", _QUEUE, "replicas: 2", base=_pod(spec="replicas: 3, ")),
    Pair("HPA-013", "hpa: {max: 4}", "hpa: {min: 2, max: 4}"),
    Pair("HPA-014", "replicas: 2, hpa: {max: 4}", "replicas: 2", head="autoscaling: none\n"),
    Pair("HPA-015", "hpa: {max: 11}", "hpa: {max: 10}"),
    Pair("HPA-015", _keda(_CRON, max=11), _keda(_CRON, max=10)),
    Pair("HPA-017", _slow("stabilizationWindowSeconds: 3601"), _slow("stabilizationWindowSeconds: 3600")),
    Pair("HPA-017", _policy(1, 1801), _policy(1, 1800)),
    Pair("HPA-017", _policy(1, 0), _policy(1, 1)),
    Pair("HPA-017", _policy(0, 60), _policy(1, 60)),
    Pair("KEDA-001", f"{_QUEUE}, {_HPA}", f"{_QUEUE}, handover: {{from: hpa}}"),
    Pair("KEDA-002", _keda(_on("cpu"), min=0), _keda(_on("cpu"), min=1)),
    Pair("KEDA-002", _keda(_on("memory"), min=0), _keda(f"{_on('memory')}, {_CRON}", min=0)),
    Pair("KEDA-003", _keda(_on("cpu")), f"{_keda(_on('cpu'))}, {_CPU}"),
    Pair("KEDA-003", _keda(_on("cpu")), _keda(_on("cpu")), base=_pod("app"), other=_APP, severity="error"),
    Pair("KEDA-003", _keda(_on("memory")), _keda(_on("cpu")), base=_APP, severity="error"),
    Pair(
        "KEDA-003",
        _keda(_on("cpu")),
        _keda(_on("cpu", ", containerName: app")),
        base=_pod("app requests: {cpu: 1}", "log"),
        other=_pod("app requests: {cpu: 1}", "log", pod=_SIDECAR),
        severity="error",
    ),
    Pair("KEDA-004", f"kind: CronJob, {_QUEUE}", f"kind: StatefulSet, {_QUEUE}"),
    Pair("KEDA-005", _keda(_CRON, min=5), _keda(_CRON, min=4)),
    Pair(
        "KEDA-006",
        _keda(_on("cpu"), fallback="{failureThreshold: 3, replicas: 2}"),
        _keda(f"{_on('cpu')}, {_CRON}", fallback="{failureThreshold: 3, replicas: 2}"),
    ),
    Pair(
        "KEDA-006",
        _keda(_on("cron", metric="Value"), fallback="{failureThreshold: 3, replicas: 2}"),
        _keda(_on("cron", metric="AverageValue"), fallback="{failureThreshold: 3, replicas: 2}"),
    ),
    Pair("KEDA-007", f"name: {'a' * 64}, {_QUEUE}", f"{_LONG}, {_QUEUE}"),
    Pair("KEDA-007", f"{_LONG}a, {_QUEUE}", f"{_LONG}, {_QUEUE}", severity="warning"),
    Pair("KEDA-007", f"name: {'a' * 63}, {_QUEUE}", f"name: {'a' * 63}, replicas: 2", severity="warning"),
    Pair("KEDA-008", f"replicas: 2, {_QUEUE}", "replicas: 2", head="autoscaling: none\n"),
    Pair("KEDA-009", f"replicas: 5, {_QUEUE}", f"replicas: 4, {_QUEUE}"),
    Pair("KEDA-009", f"replicas: 0, {_QUEUE}", f"replicas: 1, {_QUEUE}"),
    Pair(
        "KEDA-010",
        _keda("{type: cron, name: a, metadata: {}}, {type: kafka, name: a, metadata: {}}"),
        _keda(f"{{type: cron, name: a, metadata: {{}}}}, {_CRON}, {_CRON}"),
    ),
    Pair("KEDA-012", _keda(_CRON, min=2, idle=2), _keda(_CRON, min=2, idle=0)),
    Pair("KEDA-011", _keda(_on("cron")), _keda(_CRON)),
    Pair("KEDA-011", _keda(_on("cpu", metric="Value")), _keda(_on("cpu", metric="AverageValue"))),
    Pair("KEDA-011", _keda("{type: cpu, metadata: {}}"), _keda("{type: cpu, metadata: {type: Utilization}}")),
    Pair("VPA-001", f"vpa: {{mode: Initial}}, {_HPA}", f"vpa: {{mode: 'Off'}}, {_HPA}"),
    Pair(
        "VPA-001", f"vpa: {{mode: Recreate}}, {_HPA}", f"vpa: {{mode: Recreate, controlledResources: [memory]}}, {_HPA}"
    ),
    Pair(
        "VPA-001",
        "vpa: {mode: Recreate}, hpa: {max: 4, targetMemory: 70}",
        "vpa: {mode: Recreate, controlledResources: [cpu]}, hpa: {max: 4, targetMemory: 70}",
    ),
    Pair("VPA-001", f"vpa: {{mode: Recreate}}, {_keda(_on('cpu'))}", f"vpa: {{mode: Recreate}}, {_QUEUE}"),
    Pair("VPA-002", "vpa: {mode: Auto}", "vpa: {mode: Recreate}"),
    Pair("VPA-003", f"{_CPU}, vpa: {{mode: Initial}}", f"{_CPU}, vpa: {{mode: 'Off'}}"),
    Pair(
        "VPA-003", f"{_CPU}, vpa: {{mode: Initial}}", f"{_CPU}, vpa: {{mode: Initial, controlledResources: [memory]}}"
    ),
    Pair("VPA-005", "vpa: {min: {cpu: 1001m}, max: {cpu: 1}}", "vpa: {min: {cpu: 1000m}, max: {cpu: 1}}"),
    Pair("VPA-005", "vpa: {min: {mem: 1025Mi}, max: {mem: 1Gi}}", "vpa: {min: {mem: 1Gi}, max: {memory: 1024Mi}}"),
    Pair("VPA-006", "kind: Job, vpa: {mode: Recreate}", "kind: Job, vpa: {mode: Initial}"),
    Pair("VPA-006", "kind: CronJob, vpa: {mode: Recreate}", "kind: DaemonSet, vpa: {mode: Recreate}"),
    Pair(
        "VPA-007",
        "vpa: {controlledResources: [memory], max: {cpu: 1}}",
        "vpa: {controlledResources: [memory], max: {mem: 1Gi}}",
    ),
    Pair("RES-001", "requests: {cpu: 1001m}, limits: {cpu: 1}", "requests: {cpu: 1000m}, limits: {cpu: 1}"),
    Pair("RES-001", "requests: {mem: 1025Mi}, limits: {mem: 1Gi}", "requests: {mem: 1024Mi}, limits: {memory: 1Gi}"),
    Pair("RES-001", "requests: {cpu: 1001m}", "requests: {cpu: 1}", base=_pod("app limits: {cpu: 1}")),
    Pair("RES-001", "limits: {cpu: 999m}", "limits: {cpu: 1}", base=_APP),
    Pair("RES-002", "limits: {cpu: 1}", "requests: {cpu: 1}, limits: {cpu: 1}"),
    Pair("RES-002", "limits: {memory: 1Gi}, requests: {cpu: 1}", "limits: {memory: 1Gi}, requests: {mem: 1Gi}"),
    Pair("RES-002", "limits: {cpu: 1}", "limits: {cpu: 1}", base=_pod("app"), other=_APP),
    Pair("RES-003", _CPU, _CPU, base=_pod("app"), other=_APP),
    Pair("RES-003", _GUARANTEED, _CPU, base=_APP),
    Pair("RES-003", _GUARANTEED, _GUARANTEED, base=_APP, other=_pod("app requests: {cpu: 1}", pod=_INIT)),
    Pair(
        "RES-003", _GUARANTEED, f"container: app, {_GUARANTEED}", base=_APP, other=_pod("app requests: {cpu: 1}", "log")
    ),
    Pair("RES-003", _GUARANTEED, _GUARANTEED, base=_APP, other=_pod("app requests: {cpu: 1}", pod=", resources: {}")),
    Pair("RES-003", "requests: {cpu: 1, mem: 0}", "requests: {mem: 0}", base=_pod("app")),
    Pair("RES-004", "kind: DaemonSet, limits: {cpu: 1}", "kind: CronJob, limits: {cpu: 1}"),
    Pair("RES-004", "requests: {cpu: 2}", _CPU, base=_APP),
    Pair("RES-006", "requests: {cpu: 1}, limits: {cpu: 4001m}", "requests: {cpu: 1}, limits: {cpu: 4}"),
    Pair("RES-006", "requests: {mem: 1Gi}, limits: {mem: 2049Mi}", "requests: {mem: 1Gi}, limits: {mem: 2Gi}"),
    Pair("RES-007", "requests: {mem: 1023Mi}, limits: {mem: 1Gi}", "requests: {mem: 1024Mi}, limits: {mem: 1Gi}"),
    Pair("RES-008", f"container: ap, {_CPU}", f"container: app, {_CPU}", base=_APP),
    Pair(
        "RES-008",
        "hpa: {max: 4, container: mesh}",
        "hpa: {max: 4, container: mesh}",
        base=_APP,
        other=_pod("app", pod=_SIDECAR),
    ),
    Pair("RES-009", _CPU, f"container: app, {_CPU}", base=_pod("app", "log")),
    Pair("RES-009", _CPU, _CPU, base=_pod("app", "log"), other=_pod("app", pod=_SIDECAR)),
    Pair("RES-009", "limits: {cpu: 1}", "replicas: 2", base=_pod("app", "log")),
    Pair("RES-014", f"container: migrate, {_CPU}", f"container: app, {_CPU}", base=_pod("app", pod=_INIT)),
    Pair(
        "RES-014",
        f"container: mesh, {_CPU}",
        f"container: mesh, {_CPU}",
        base=_pod("app", pod=", initContainers: [{name: mesh}]"),
        other=_pod("app", pod=_SIDECAR),
    ),
    Pair("QTY-005", "limits: {mem: 4095Ki}", "limits: {mem: 4Mi}"),
    Pair("QTY-006", "requests: {cpu: 64001m}", "requests: {cpu: 64}"),
    Pair("QTY-006", "limits: {cpu: 500}", "limits: {cpu: 500m}"),
    Pair("AVL-001", "replicas: 3", "replicas: 4", base=_APP + _pdb("minAvailable: 3")),
    Pair(
        "AVL-001",
        "replicas: 3",
        "replicas: 3",
        base=_APP + _pdb("minAvailable: 67%"),
        other=_APP + _pdb("minAvailable: 66%"),
    ),
    Pair(
        "AVL-001",
        "replicas: 3",
        "replicas: 3",
        base=_APP + _pdb("maxUnavailable: 0%"),
        other=_APP + _pdb("maxUnavailable: 1%"),
    ),
    Pair("AVL-001", "hpa: {min: 2, max: 8}", "hpa: {min: 3, max: 8}", base=_APP + _pdb("minAvailable: 2")),
    Pair("AVL-001", _QUEUE, _keda(_CRON, min=2), base=_APP + _pdb("minAvailable: 1")),
    Pair(
        "AVL-001",
        "replicas: 3",
        "replicas: 3",
        base=_APP + _pdb("minAvailable: 3", "matchExpressions: [{key: app, operator: In, values: [web]}]"),
        other=_APP + _pdb("minAvailable: 3", "matchExpressions: [{key: app, operator: NotIn, values: [web]}]"),
    ),
    Pair(
        "AVL-001",
        "replicas: 3",
        "replicas: 3",
        base=_APP + _pdb("minAvailable: 3", "matchExpressions: [{key: app, operator: Exists}]"),
        other=_APP + _pdb("minAvailable: 3", "matchExpressions: [{key: app, operator: DoesNotExist}]"),
    ),
    Pair("AVL-002", "replicas: 2", "replicas: 1", base=_APP),
    Pair("AVL-002", "replicas: 2", "replicas: 2", base=_APP, other=_APP + _pdb("maxUnavailable: 1")),
    Pair("AVL-005", _CPU, "replicas: 2", base=_pod("app", spec="strategy: {type: Recreate}, ")),
    Pair("AVL-005", _CPU, _CPU, base=_pod("app", spec="strategy: {type: Recreate}, "), other=_APP),
    Pair(
        "AVL-005",
        "requests: {cpu: 2}",
        _CPU,
        base=_pod("app requests: {cpu: 1}", spec="strategy: {type: Recreate}, "),
    ),
]

_ABOUT_CHARTS = {"HLM-001", "HLM-002", "HLM-003", "HLM-004", "HLM-005", "HLM-006", "HLM-008"}
"""tests/unit/core/manifests/test_helm_releases.py has their pairs."""
_ABOUT_MANIFESTS = {"RES-011", "OWN-009", "OWN-010", "MAN-003"} | {f"MAN-{number:03}" for number in range(5, 14)}
"""Rules that need clusters or manifests: test_builds.py and the tests of core/manifests have their pairs."""


def _findings(workload: str, head: str, base: str, turned_on: str = "") -> list[Finding]:
    kind = "" if "kind:" in workload else "kind: Deployment, "
    name = "" if workload.startswith("name:") else "name: web, "
    policy = f"policy: {{rules: {{{turned_on}: {_OFF[turned_on]}}}}}\n" if turned_on in _OFF else ""
    text = f"{_HEAD}{head}workloads: [{{{kind}{name}{workload}}}]\n"
    target = f"{'manifests: [apps]' if base else 'clusters: []'}\n{policy}"
    return list(compile_one(text, manifest=base, prod=target).findings)


def _rules_of(workload: str, head: str = "") -> list[str]:
    return [finding.rule for finding in _findings(workload, head, "")]


@pytest.mark.parametrize("pair", _PAIRS, ids=lambda pair: pair.rule)
def test_a_rule_fires_and_stays_silent_at_its_boundary(pair: Pair) -> None:
    other = pair.base if pair.other is None else pair.other
    fired = [found for found in _findings(pair.firing, pair.head, pair.base, pair.rule) if found.rule == pair.rule]
    silent = [found.rule for found in _findings(pair.silent, pair.head, other, pair.rule)]
    (rule,) = [rule for rule in RULES if rule.id == pair.rule]

    assert [found.severity for found in fired] == [pair.severity or rule.severity]
    assert pair.rule not in silent
    assert not any(found.startswith(("SCH-", "QTY-001", "YML-", "MAN-")) for found in silent), silent


def test_every_rule_has_such_a_pair() -> None:
    ours = {pair.rule for pair in _PAIRS} | {rule for rule, *_ in ownership_pairs.PAIRS} | _ABOUT_MANIFESTS
    ours |= _ABOUT_CHARTS
    theirs = {pair.rule for pair in cluster_pairs.PAIRS} | cluster_pairs.ELSEWHERE
    assert ours | theirs == {rule.id for rule in RULES}


def test_rule_ids_are_unique_and_every_rule_says_why_how_and_whence() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.trigger and rule.why and rule.fix and rule.source for rule in RULES)


def test_a_rule_that_is_off_says_nothing_until_a_policy_turns_it_on() -> None:
    workload = f"replicas: 2, {_GUARANTEED}".replace("mem: 1Gi}, limits", "mem: 512Mi}, limits")

    assert not _OFF.keys() & {finding.rule for finding in _findings(workload, "", _APP)}
    assert all(rule in {found.rule for found in _findings(workload, "", _APP, rule)} for rule in _OFF)


def test_without_autoscaling_replicas_above_the_ignored_maximum_are_no_matter() -> None:
    assert _rules_of("replicas: 5, hpa: {max: 4}", "autoscaling: none\n") == ["HPA-014"]


def test_the_two_messages_of_the_original_stand_word_for_word() -> None:
    workload = f"kind: Deployment, name: web, replicas: 15, {_CPU}, hpa: {{min: 2, max: 4}}"

    compilation = compile_one(f"{_HEAD}workloads: [{{{workload}}}]\n")

    (plan,) = compilation.plans
    assert plan.risks == ("High replica count for Deployment/web → watch pod scheduling / quotas",)
    assert plan.notes == ("Requested replicas (15) > HPA max (4) for Deployment/web; HPA will cap.",)
