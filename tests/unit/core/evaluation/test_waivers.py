"""A team may allow itself a rule, with a reason and an end; everybody can see both."""

import json

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.proposing.comment import Report, comment
from infra_scale.core.proposing.pull_request import Contents, body
from infra_scale.core.reporting.findings_github import workflow_commands
from infra_scale.core.reporting.findings_json import finding_json
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.reporting.review import Links
from infra_scale.core.reporting.summary import summary
from infra_scale.model.comparison import NOTHING_CHANGES
from support.pure import compile_one

_TODAY = "2026-12-31T23:59:59.999Z"


def _allow(*waivers: str) -> str:
    """Waivers, each `rule`, `rule until` or `rule until reason`."""
    written = []
    for waiver in waivers:
        rule, until, reason = [*waiver.split(" ", 2), "", ""][:3]
        named = f"rule: {rule}, until: {json.dumps(until or '2026-12-31')}, reason: {json.dumps(reason or 'agreed')}"
        written.append(f"{{{named}}}")
    return f"allow: [{', '.join(written)}]"


def _compiled(workload: str, target: str = "description: x", now: str = _TODAY) -> Compilation:
    text = f"target: prod\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n"
    return compile_one(text, now=now, prod=target)


def _found(compilation: Compilation) -> list[tuple[str, str]]:
    return [(found.rule, found.severity) for found in compilation.findings]


def test_a_waived_finding_is_a_note_with_reason_and_end_wherever_it_is_told() -> None:
    compilation = _compiled(f"replicas: 12, {_allow('REP-001 2027-03-31 Load test, agreed with @platform')}")

    (finding,) = compilation.findings
    (plan,) = compilation.plans
    reason, said = "Load test, agreed with @platform", "High replica count for Deployment/web"
    files = {path.rpartition("/")[2]: content.decode() for path, content in compilation.files.items()}
    told = f"{said} → watch pod scheduling / quotas"
    shown = f"{told}; allowed until 2027-03-31: `{reason}`"
    assert (finding.rule, finding.severity) == ("REP-001", "note")
    assert (plan.risks, plan.notes) == ((), (told,))
    assert f'    waived:\n      reason: {reason}\n      until: "2027-03-31"\n' in files["plan.yaml"]
    assert f"## Waived\n\n- **REP-001** {told}; allowed until 2027-03-31: `{reason}`\n" in files["SUMMARY.md"]
    assert finding_json(finding)["waived"] == {"reason": reason, "until": "2027-03-31"}
    assert finding_text(finding).splitlines()[-1] == f"    allowed until 2027-03-31: {reason}"
    (command,) = workflow_commands([finding])
    assert command.startswith("::notice ")
    assert command.endswith(f"%0Aallowed until 2027-03-31: {reason}")
    assert shown in body(Contents("prod", compilation.plans, [], "0" * 64, compilation.findings))
    assert shown in comment(Report("plans change", "", NOTHING_CHANGES, "", compilation.findings, ""), (), Links())


def test_what_is_not_waived_names_no_waiver() -> None:
    (finding,) = _compiled("replicas: 12").findings

    assert "waived" not in finding_json(finding)
    assert "allowed" not in finding_text(finding)


def test_a_waiver_counts_for_its_own_workload_only() -> None:
    allowed = f"{{kind: Deployment, name: web, replicas: 12, {_allow('REP-001')}}}"
    text = f"target: prod\nworkloads: [{allowed}, {{kind: Deployment, name: api, replicas: 12}}]\n"

    compilation = compile_one(text)

    severities = {finding.workload.name: finding.severity for finding in compilation.findings if finding.workload}
    assert severities == {"web": "note", "api": "warning"}


def test_every_finding_of_a_waived_rule_is_allowed() -> None:
    compilation = _compiled(f"requests: {{cpu: 1, mem: 1Gi}}, limits: {{cpu: 5, mem: 3Gi}}, {_allow('RES-006')}")

    assert _found(compilation) == [("RES-006", "note")] * 2


def test_what_a_policy_makes_an_error_can_be_waived_unless_the_policy_closes_it() -> None:
    workload = f"replicas: 12, {_allow('REP-001')}"

    assert _found(_compiled(workload, "policy: {rules: {REP-001: error}}")) == [("REP-001", "note")]
    closed = _compiled(workload, "policy: {unwaivable: [REP-001]}")
    assert _found(closed) == [("REP-001", "warning"), ("WVR-003", "error")]
    assert closed.findings[1].message == "target prod does not allow waivers of REP-001"
    assert not closed.plans


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-12-31T23:59:59.999Z", [("REP-001", "note")]),
        ("2027-01-01T00:00:00.000Z", [("REP-001", "warning"), ("WVR-001", "warning")]),
    ],
)
def test_the_last_day_is_still_allowed_and_on_the_next_the_finding_is_back(
    now: str, found: list[tuple[str, str]]
) -> None:
    assert _found(_compiled(f"replicas: 12, {_allow('REP-001 2026-12-31')}", now=now)) == found


def test_the_bytes_of_a_plan_do_not_depend_on_the_day() -> None:
    workload = f"replicas: 12, {_allow('REP-001 2026-12-31')}"

    before, after = (_compiled(workload, now=f"{day}T00:00:00.000Z") for day in ("2026-12-31", "2027-01-01"))

    assert before.plans == after.plans
    same = {path: text.replace(b"2027-01-01T", b"2026-12-31T") for path, text in after.files.items()}
    assert same == before.files
    assert [summary(plan) for plan in before.plans] == [summary(plan) for plan in after.plans]


def test_a_policy_can_make_an_expired_waiver_an_error_or_be_silent() -> None:
    workload = f"replicas: 12, {_allow('REP-001 2026-12-30')}"

    strict = _compiled(workload, "policy: {rules: {WVR-001: error}}")
    assert _found(strict) == [("REP-001", "warning"), ("WVR-001", "error")]
    assert _found(_compiled(workload, "policy: {rules: {WVR-001: off}}")) == [("REP-001", "warning")]
    assert _found(_compiled(workload, "policy: {rules: {WVR-001: {severity: note}}}"))[1] == ("WVR-001", "note")


def test_a_finding_is_an_error_from_the_day_after_its_waiver_has_ended_and_changes_no_byte() -> None:
    workload, strict = f"replicas: 12, {_allow('REP-001 2026-12-31')}", "policy: {rules: {REP-001: error}}"

    last, next_day = (_compiled(workload, strict, now=f"{day}T00:00:00.000Z") for day in ("2026-12-31", "2027-01-01"))

    assert _found(last) == [("REP-001", "note")]
    assert last.is_valid
    assert _found(next_day) == [("REP-001", "error"), ("WVR-001", "warning")]
    assert next_day.files == last.files


def test_an_expired_waiver_of_an_own_rule_counts_as_none() -> None:
    own = 'policy: {own: [{id: ACME-001, severity: error, when: "actions.size() > 0", message: Never}]}'

    assert _found(_compiled(f"replicas: 2, {_allow('ACME-001 2026-12-31')}", own)) == [("ACME-001", "note")]
    assert _found(_compiled(f"replicas: 2, {_allow('ACME-001 2026-12-30')}", own)) == [
        ("ACME-001", "error"),
        ("WVR-001", "warning"),
    ]


def test_a_waiver_that_has_ended_and_would_be_needed_is_not_called_unneeded() -> None:
    assert "WVR-002" not in dict(_found(_compiled(f"replicas: 12, {_allow('REP-001 2026-12-30')}")))
    assert "WVR-002" in dict(_found(_compiled(f"replicas: 9, {_allow('REP-001 2026-12-30')}")))


def test_a_waiver_that_is_not_needed_is_a_warning_at_its_rule() -> None:
    (finding,) = _compiled(f"replicas: 10, {_allow('REP-001')}").findings

    assert (finding.rule, finding.severity) == ("WVR-002", "warning")
    assert finding.position is not None
    assert finding.position.excerpt[finding.position.column - 1 :].startswith("REP-001")


def test_a_waiver_of_a_rule_that_the_policy_turns_off_is_not_needed() -> None:
    compilation = _compiled(f"replicas: 12, {_allow('REP-001')}", "policy: {rules: {REP-001: off}}")

    assert _found(compilation) == [("WVR-002", "warning")]


@pytest.mark.parametrize(
    ("rule", "message", "help"),
    [
        ("RES-001", "RES-001 cannot be waived: Kubernetes would refuse", "fix the finding"),
        ("YML-001", "YML-001 cannot be waived: it is not a rule about workloads", "fix the finding"),
        ("WVR-002", "WVR-002 cannot be waived: it is not a rule about workloads", "fix the finding"),
        ("HPA-103", "unknown rule HPA-103", "did you mean HPA-013?"),
        ("ACMEE-999", "unknown rule ACMEE-999", "`infra-scale explain` lists them"),
    ],
)
def test_what_cannot_be_waived_is_one_error(rule: str, message: str, help: str) -> None:
    (finding,) = _compiled(f"replicas: 2, {_allow(rule)}").findings

    assert (finding.rule, finding.severity) == ("WVR-003", "error")
    assert finding.message.startswith(message)
    assert finding.help.startswith(help)


def test_a_waived_error_stays_an_error() -> None:
    compilation = _compiled(f"requests: {{cpu: 2}}, limits: {{cpu: 1}}, {_allow('RES-001')}")

    assert _found(compilation) == [("RES-001", "error"), ("WVR-003", "error")]


def test_two_waivers_of_one_rule_in_a_workload_are_an_error_at_the_second() -> None:
    compilation = _compiled(f"replicas: 12, {_allow('REP-001 2026-12-31 one', 'REP-001 2027-12-31 two')}")

    finding = compilation.findings[-1]
    assert (finding.rule, finding.severity) == ("WVR-004", "error")
    assert finding.position is not None
    assert "one" in finding.position.excerpt[: finding.position.column]
    assert not compilation.plans


def test_a_waiver_for_a_target_that_is_not_known_is_not_judged() -> None:
    text = f"target: prdo\nworkloads: [{{kind: Deployment, name: web, replicas: 2, {_allow('ACME-001')}}}]\n"

    assert [found.rule for found in compile_one(text, prod="description: x").findings] == ["TGT-001"]


@pytest.mark.parametrize(
    ("allow", "rule"),
    [
        ("allow: [{rule: REP-001, reason: x}]", "SCH-001"),
        ("allow: [{rule: REP-001, until: '2026-12-31'}]", "SCH-001"),
        ("allow: [{rule: REP-001, reason: ' ', until: '2026-12-31'}]", "SCH-007"),
        ("allow: [{rule: REP-001, reason: x, until: 2026-12-31}]", "YML-010"),
        ("allow: [{rule: REP-001, reason: x, until: '31.12.2026'}]", "SCH-005"),
        ("allow: [{rule: REP-001, reason: x, until: '2026-02-29'}]", "SCH-005"),
        ("allow: [{rule: all, reason: x, until: '2026-12-31'}]", "SCH-005"),
        ("allow: []", "SCH-007"),
    ],
)
def test_a_waiver_without_reason_end_or_rule_is_refused(allow: str, rule: str) -> None:
    errors = [found for found, severity in _found(_compiled(f"replicas: 2, {allow}")) if severity == "error"]

    assert errors == [rule]
