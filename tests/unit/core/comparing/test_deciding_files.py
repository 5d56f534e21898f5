"""What decides about a change is listed where its reviewers look: policies, prices, snapshots, manifests, workflows."""

import pytest

from infra_scale.core.comparing.deciding_files import decisions
from infra_scale.core.documents.target import NO_TARGETS, Targets, read_targets
from infra_scale.core.reporting.decisions import decisions_section
from support.pure import SCHEMAS, source

_PLAIN = "clusters: [{name: eu}]\nmanifests: [apps/web]\n"


def _targets(**written: str) -> Targets:
    found = [source(text, f"ops/targets/{name}.yaml") for name, text in written.items()]
    return read_targets(found, schema=SCHEMAS.target)[0]


def _lines(changed: dict[str, str], before: Targets = NO_TARGETS, after: Targets = NO_TARGETS) -> list[str]:
    section = decisions_section(decisions(changed, "", before, after))
    return [line for line in section.splitlines() if line.startswith("- ")]


def _edited(before: str, after: str) -> str:
    (line,) = _lines({"ops/targets/prod.yaml": "M"}, _targets(prod=before), _targets(prod=after))
    return line.removeprefix("- target `ops/targets/prod.yaml` changed").removeprefix(": ")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("ops/targets/prod.yaml", "target"),
        (".github/CODEOWNERS", "code owners"),
        ("CODEOWNERS", "code owners"),
        ("docs/CODEOWNERS", "code owners"),
        (".github/workflows/scale.yml", "workflow"),
        (".github/actions/x/action.yml", "GitHub configuration"),
        (".gitattributes", "Git attributes"),
        ("ops/rendered/.gitattributes", "Git attributes"),
        (".pre-commit-config.yaml", "pre-commit configuration"),
        ("schemas/target.schema.json", "schema"),
        ("ops/clusters/eu/prices.yaml", "prices"),
        ("ops/clusters/eu/snapshot.yaml", "snapshot"),
        ("apps/web/deployment.yaml", "manifest"),
    ],
)
@pytest.mark.parametrize(("status", "how"), [("M", "changed"), ("A", "added"), ("D", "removed"), ("T", "changed")])
def test_each_file_that_decides_is_listed_with_what_becomes_of_it(path: str, kind: str, status: str, how: str) -> None:
    (line,) = _lines({path: status}, _targets(prod=_PLAIN), _targets(prod=_PLAIN))

    assert line == f"- {kind} `{path}` {how}"


def test_what_decides_nothing_is_not_listed() -> None:
    paths = ("requests/web.yaml", "README.md", "apps/webshop/x.yaml", "ops/plans/infra-scale/prod/web/plan.yaml")

    assert decisions_section(decisions(dict.fromkeys(paths, "M"), "", _targets(prod=_PLAIN), NO_TARGETS)) == ""


def test_in_a_folder_of_the_repository_paths_are_shown_from_its_top() -> None:
    changed = dict.fromkeys(("deploy/ops/targets/prod.yaml", "ops/targets/prod.yaml", ".github/workflows/x.yml"), "M")

    found = decisions(changed, "deploy/", _targets(prod=_PLAIN), _targets(prod=f"{_PLAIN}maxAge: 9d\n"))

    assert [(one.kind, one.path, len(one.edits)) for one in found] == [
        ("target", "deploy/ops/targets/prod.yaml", 1),
        ("workflow", ".github/workflows/x.yml", 0),
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("policy: {rules: {REP-001: error}}", "policy: {rules: {REP-001: off}}", "`REP-001` `error` → `off`"),
        (
            "policy: {rules: {REP-001: {threshold: 9}}}",
            "policy: {rules: {REP-001: {threshold: 99, severity: note}}}",
            "`REP-001` `default severity, threshold 9` → `note, threshold 99`",
        ),
        (
            "policy: {rules: {CAP-001: error}}",
            "policy: {rules: {CAP-001: {severity: error, onUnknown: warning}}}",
            "`CAP-001` `error` → `error, onUnknown warning`",
        ),
        ("policy: {rules: {REP-001: error}}", "description: x", "`REP-001` `error` → not set"),
        ("policy: {unwaivable: [REP-001]}", "description: x", "`unwaivable REP-001` `yes` → not set"),
        (
            "policy: {own: [{id: ACME-001, severity: error, when: 'true', message: x}]}",
            "policy: {own: [{id: ACME-001, severity: error, when: 'false', message: x}]}",
            "`custom rule ACME-001` `error: true` → `error: false`",
        ),
        ("maxAge: 1h", "maxAge: 7d", "`maxAge` `1h` → `168h`"),
        ("budget: {increase: {amount: 5}}", "description: x", "`budget` `increase 5` → not set"),
        ("prices: opencost-2024-10", "description: x", "`prices` `opencost-2024-10` → not set"),
        (
            "clusters: [{name: eu}]",
            "clusters: [{name: eu, context: us, shared: true}]",
            "`cluster eu` `wave 0` → `wave 0, context us, shared`",
        ),
        ("manifests: [apps]", "description: x", "`manifests` `apps` → not set"),
        ("description: old", "description: new", ""),
        ("description: old", "maxAge: never", "`file` `valid` → `not valid`"),
    ],
)
def test_each_setting_of_a_target_is_told_before_and_after(before: str, after: str, said: str) -> None:
    assert _edited(f"{before}\n", f"{after}\n") == said


def test_many_files_of_one_kind_hide_no_other_kind_and_are_counted() -> None:
    changed = {f"apps/web/{number:03}.yaml": "A" for number in range(500)}
    changed |= {f"ops/targets/a{number:03}.yaml": "A" for number in range(300)}
    changed |= {"ops/targets/prod.yaml": "M", ".github/workflows/x.yml": "M"}
    added = {f"a{number:03}": "policy: {rules: {REP-001: off}}\n" for number in range(300)}

    section = decisions_section(decisions(changed, "", _targets(prod=_PLAIN), _targets(prod=_PLAIN, **added)))

    lines = section.splitlines()
    assert lines[4].startswith("- target `ops/targets/prod.yaml` changed"), "what was there before comes first"
    assert "- workflow `.github/workflows/x.yml` changed" in lines
    assert [line.split(" ")[4] for line in lines if line.startswith("- and ")] == ["changes", "changes"]
    assert len(section) < 8_000


def test_many_settings_of_one_target_are_counted() -> None:
    rules = ", ".join(f"REP-{number:03}: off" for number in range(100, 150))

    assert _edited("description: x\n", f"policy: {{rules: {{{rules}}}}}\n").endswith("; and 38 more")


def test_no_path_and_no_expression_can_leave_its_code() -> None:
    hostile = "apps/web/`@team` <!-- x --> | www.example.com\n# #1\u202e"
    own = "policy: {own: [{id: ACME-001, when: '\"`@team` | x\" == plan.x', message: x}]}\n"
    (path,) = _lines({hostile: "A"}, _targets(prod=_PLAIN))

    assert path == "- manifest ``apps/web/`@team` <!-- x --> | www.example.com # #1\ufffd`` added"
    assert _edited("description: x\n", own) == ('`custom rule ACME-001` not set → ``warning: "`@team` | x" == plan.x``')


def test_the_order_does_not_depend_on_that_of_the_changes() -> None:
    paths = ["schemas/x.json", ".gitattributes", "ops/targets/b.yaml", "ops/targets/a.yaml", "CODEOWNERS"]

    assert _lines(dict.fromkeys(paths, "M")) == _lines(dict.fromkeys(reversed(paths), "M"))
