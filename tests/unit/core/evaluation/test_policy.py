"""A target decides how strict the rules are for it: severities and thresholds, but never less than Kubernetes."""

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.core.evaluation.catalogue import RULES
from support import cluster_pairs
from support.pure import SCHEMAS, compile, compile_one, source

_THRESHOLDS = [
    ("QTY-006", "cores", "limits: {cpu: 31}", "limits: {cpu: 30}"),
    ("REP-001", "threshold", "replicas: 31", "replicas: 30"),
    ("HPA-015", "threshold", "requests: {cpu: 1}, hpa: {min: 2, max: 31}", "hpa: {min: 2, max: 30}"),
    ("HPA-006", "above", "hpa: {max: 4, targetCPU: 31}", "hpa: {max: 4, targetCPU: 30}"),
    ("HPA-006", "below", "hpa: {max: 4, targetCPU: 29}", "hpa: {max: 4, targetCPU: 30}"),
    ("HPA-006", "near", "hpa: {max: 4, targetCPU: 31}", "hpa: {max: 4, targetCPU: 30}"),
    ("RES-006", "cpu", "requests: {cpu: 1}, limits: {cpu: 30001m}", "requests: {cpu: 1}, limits: {cpu: 30}"),
    (
        "RES-006",
        "memory",
        "requests: {mem: 1Ki}, limits: {mem: 30721}",
        "requests: {mem: 1Ki}, limits: {mem: 30Ki}",
    ),
]
_APP = "kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: app}]}}}\n"


def _compiled(workload: str, policy: str, manifest: str = "") -> Compilation:
    text = f"target: prod\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n"
    manifests = "manifests: [apps]\n" if manifest else ""
    return compile_one(text, manifest=manifest, prod=f"{manifests}policy:\n  {policy}\n")


def _severities(workload: str, policy: str, manifest: str = "") -> dict[str, str]:
    return {found.rule: found.severity for found in _compiled(workload, policy, manifest).findings}


def _faults(policy: str) -> list[tuple[str, str, str]]:
    """Rule, message and the text below the caret of what is wrong with the policy."""
    compilation = _compiled("replicas: 2", policy)
    faults = []
    for found in compilation.findings:
        assert found.path == "ops/targets/prod.yaml"
        assert found.position is not None
        start = found.position.column - 1
        faults.append((found.rule, found.message, found.position.excerpt[start : start + found.position.length]))
        assert found.help
    assert not compilation.plans
    assert not compilation.is_valid
    return faults


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_a_policy_raises_or_lowers_a_severity(severity: str) -> None:
    compilation = _compiled("replicas: 11", f"rules: {{REP-001: {severity}}}")

    assert {found.rule: found.severity for found in compilation.findings} == {"REP-001": severity}
    assert compilation.is_valid == (severity != "error")
    assert [bool(plan.risks) for plan in compilation.plans] == ([] if severity == "error" else [severity == "warning"])


@pytest.mark.parametrize("off", ["off", '"off"', "false", "{severity: off}", '{severity: "off"}', "{severity: false}"])
def test_off_in_each_way_of_writing_it_turns_a_rule_off(off: str) -> None:
    assert _severities("replicas: 11", f"rules: {{REP-001: {off}}}") == {}


def test_a_policy_turns_on_what_is_off() -> None:
    assert _severities("limits: {cpu: 1}, requests: {cpu: 1}", "rules: {RES-004: note}") == {"RES-004": "note"}


def test_a_policy_has_the_last_word_on_what_a_manifest_shows_for_certain() -> None:
    hpa = "hpa: {min: 2, max: 4}"

    assert _severities(hpa, "rules: {REP-001: off}", _APP) == {"HPA-005": "error"}
    assert _severities(hpa, "rules: {HPA-005: note}", _APP) == {"HPA-005": "note"}


@pytest.mark.parametrize(("rule", "name", "firing", "silent"), _THRESHOLDS)
def test_a_threshold_of_the_policy_is_the_new_boundary(rule: str, name: str, firing: str, silent: str) -> None:
    policy = f"rules: {{{rule}: {{{name}: 30}}}}"

    assert rule in _severities(firing, policy)
    assert rule not in _severities(silent, policy)


def test_every_threshold_is_tried() -> None:
    tried = {(rule, name) for rule, name, *_ in (*_THRESHOLDS, *cluster_pairs.THRESHOLDS)}

    assert tried == {(rule.id, name) for rule in RULES for name in rule.thresholds}


def test_a_threshold_leaves_the_severity_and_the_other_thresholds_alone() -> None:
    assert _severities("requests: {cpu: 1}, limits: {cpu: 5}", "rules: {RES-006: {memory: 9}}") == {
        "RES-006": "warning"
    }


def test_a_severity_and_a_threshold_go_together() -> None:
    policy = "rules: {REP-001: {severity: error, threshold: 30}}"

    assert _severities("replicas: 31", policy) == {"REP-001": "error"}
    assert _severities("replicas: 30", policy) == {}


def test_the_policy_of_one_target_is_not_that_of_another() -> None:
    text = "target: staging\nworkloads: [{kind: Deployment, name: web, replicas: 11}]\n"

    compilation = compile_one(text, prod="policy: {rules: {REP-001: off}}", staging="description: small")

    assert [found.rule for found in compilation.findings] == ["REP-001"]


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ("rules: {REP-010: note}", ("POL-001", "unknown rule REP-010", "REP-010")),
        ("rules: {SCH-003: note}", ("POL-001", "SCH-003 is not a rule about workloads", "SCH-003")),
        ("unwaivable: [REP-001, REP-010]", ("POL-001", "unknown rule REP-010", "REP-010")),
        ("unwaivable: [SCH-003]", ("POL-001", "SCH-003 is not a rule about workloads", "SCH-003")),
        (
            "rules: {REP-001: {onUnknown: error}}",
            ("POL-003", "REP-001 needs neither a snapshot nor prices: it is never unknown", "onUnknown"),
        ),
        ("rules: {RES-001: warning}", ("POL-002", "RES-001 stays an error", "warning")),
        ("rules: {RES-001: {severity: note}}", ("POL-002", "RES-001 stays an error", "note")),
        ("rules: {RES-001: off}", ("POL-002", "RES-001 stays an error", "off")),
        ("rules: {REP-001: {treshold: 3}}", ("POL-003", "REP-001 has no threshold `treshold`", "treshold")),
        ("rules: {REP-002: {threshold: 3}}", ("POL-003", "REP-002 has no threshold `threshold`", "threshold")),
        ("rules: {WVR-001: {days: 3}}", ("POL-003", "WVR-001 has no threshold `days`", "days")),
        ("rules: {REP-1: note}", ("SCH-005", 'the key "REP-1" is not a valid name', "REP-1")),
        ("rules: {REP-001: {threshold: -1}}", ("SCH-006", "threshold: expected at least 0", "-1")),
        ("rules: {REP-001: fatal}", ("SCH-004", "REP-001: expected one of error, warning, note, off", "fatal")),
    ],
)  # fmt: skip
def test_a_fault_of_a_policy_is_named_where_it_stands(policy: str, fault: tuple[str, str, str]) -> None:
    (found,) = _faults(policy)

    rule, message, place = fault
    assert found[0] == rule
    assert found[1].startswith(message)
    assert found[2] == place


def test_an_unknown_rule_or_threshold_comes_with_the_nearest() -> None:
    helps = [
        _compiled("replicas: 2", f"rules: {{{setting}}}").findings[0].help
        for setting in ("HPA-103: note", "REP-001: {treshold: 3}", "HPA-006: {x: 1}", "RES-003: {x: 1}")
    ]

    assert helps == [
        "did you mean HPA-013?",
        "did you mean threshold?",
        "known names: above, below, near",
        "RES-003 has only a severity",
    ]


def test_a_rule_beside_rules_is_reported_with_the_place_it_belongs_in() -> None:
    (found,) = _compiled("replicas: 2", "HPA-015: note").findings

    assert (found.rule, found.message) == ("SCH-002", "unknown key `HPA-015`")
    assert found.help == "write `HPA-015` below `rules`"


def test_an_error_may_be_set_to_error() -> None:
    assert _severities("replicas: 2", "rules: {RES-001: error, HPA-003: {severity: error}}") == {}


def test_a_refused_target_refuses_its_requests_with_one_clear_error_and_no_other_ones() -> None:
    requests = [
        source(
            f"target: {target}\nworkloads: [{{kind: Deployment, name: web, replicas: 11}}]\n", f"requests/{target}.yaml"
        )
        for target in ("prod", "staging")
    ]
    targets = (
        source("policy: {rules: {REP-001: off, HPA-103: off}}\n", "ops/targets/prod.yaml"),
        source("policy: {rules: {REP-001: off}}\n", "ops/targets/staging.yaml"),
    )

    compilation = compile(requests, Context(SCHEMAS, targets=targets))

    assert [(found.path, found.rule) for found in compilation.findings] == [("ops/targets/prod.yaml", "POL-001")]
    assert [plan.metadata.target for plan in compilation.plans] == ["staging"]
    assert not compilation.is_valid


def test_a_folder_of_manifests_in_which_nothing_lies_is_an_error_at_its_line() -> None:
    target = source("manifests:\n  - apps/web\n  - apps/wbe\n", "ops/targets/prod.yaml")
    manifest = source("kind: ConfigMap\nmetadata: {name: other}\n", "apps/web/other.yaml")
    request = source("target: prod\nworkloads: [{kind: Deployment, name: web, replicas: 2}]\n")

    compilation = compile([request], Context(SCHEMAS, targets=(target,), manifests=(manifest,)))

    (finding,) = compilation.findings
    assert (finding.rule, finding.path, finding.message) == (
        "MAN-004",
        "ops/targets/prod.yaml",
        "there is no manifest below apps/wbe/",
    )
    assert finding.position
    assert finding.position.line == 3
    assert compilation.plans == ()
