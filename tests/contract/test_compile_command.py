"""The compile command as scripts and people meet it: options, output, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from support import shop
from support.repository import CHECKOUT, COMMAND, REQUEST, Repository

PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"


def _json(repository: Repository, *arguments: str, code: int = 0) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(repository.run(*arguments, "--format", "json", code=code))
    return said


def test_json_lists_what_became_of_the_plans(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    repository.write("requests/db.yaml", REQUEST.replace("web", "db"))
    repository.run("compile")
    repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    (repository.root / "requests/api.yaml").unlink()
    repository.write("requests/new.yaml", REQUEST.replace("web", "new"))

    said = _json(repository, "compile")

    assert said == {
        "version": 1,
        "command": "compile",
        "status": "ok",
        "requests": 3,
        "compared": True,
        "plans": {
            "created": ["ops/plans/infra-scale/prod/new/plan.yaml"],
            "updated": [PLAN],
            "deleted": ["ops/plans/infra-scale/prod/api/plan.yaml"],
            "unchanged": 1,
        },
        "rendered": {"created": [], "updated": [], "deleted": [], "unchanged": 0},
        "forecasts": [],
        "findings": [],
    }


def test_json_tells_what_clusters_can_hold_and_what_it_costs(git_repository: Repository) -> None:
    shop.open_shop(git_repository)

    checkout, cart = _json(git_repository, "compile", "requests/shop", "--as-of", shop.AS_OF)["forecasts"][::-1]

    assert checkout["plan"] == "ops/plans/infra-scale/prod/shop/checkout/plan.yaml"
    assert (checkout["request"], checkout["target"]) == ("requests/shop/checkout.yaml", "prod")
    assert [one["status"] for one in checkout["capacity"]["eu-2"]["workloads"]] == ["fits", "fits"]
    assert checkout["cost"]["monthly"]["delta"] == "32.85"
    assert cart["cost"]["workloads"][0]["after"] == "19.80"


@pytest.mark.parametrize("command", ["compile", "validate"])
def test_verbose_tells_cost_and_verdict_of_each_plan_on_one_line(git_repository: Repository, command: str) -> None:
    shop.open_shop(git_repository)
    git_repository.git("rm", "-r", "--quiet", "--ignore-unmatch", "ops/plans", "ops/rendered")  # so all are written

    said = git_repository.run(command, "--verbose", "--as-of", shop.AS_OF)

    assert "cost +$32.85/month without CronJob/report in eu-1 and eu-2; fits\n" in said
    assert len([line for line in said.splitlines() if "/month" in line]) == 2, "the target ci has neither"


def test_json_findings_carry_rule_severity_place_and_workload(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST.replace("6", "11"))

    (finding,) = _json(repository, "compile")["findings"]

    assert finding == {
        "rule": "REP-001",
        "severity": "warning",
        "message": "High replica count for Deployment/web → watch pod scheduling / quotas",
        "path": "requests/web.yaml",
        "line": 6,
        "column": 15,
        "help": "check that the nodes and the quota of the namespace allow that many pods",
        "workload": {"kind": "Deployment", "namespace": "assistant", "name": "web"},
    }


def test_json_of_an_invalid_request_says_so_and_claims_nothing_about_plans(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST.replace("6", "six"))
    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))

    said = _json(repository, "compile", code=1)

    assert said["status"] == "invalid"
    assert said["compared"] is False
    assert said["plans"] == {"created": [], "updated": [], "deleted": [], "unchanged": 0}
    assert [finding["rule"] for finding in said["findings"]] == ["SCH-003"]


def test_check_writes_nothing_and_fails_on_a_missing_a_stale_and_an_orphaned_plan(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    repository.run("compile")
    repository.run("compile", "--check")
    repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    (repository.root / "requests/api.yaml").unlink()
    repository.write("requests/new.yaml", REQUEST.replace("web", "new"))
    before = repository.tree()

    done = repository.completed("compile", "--check", code=1)

    assert repository.tree() == before
    assert "missing   prod/new" in done.stdout
    assert "stale     prod/web" in done.stdout
    assert "orphaned  prod/api" in done.stdout
    assert "run `infra-scale compile` and commit the result" in done.stderr
    assert _json(repository, "compile", "--check", code=1)["status"] == "stale"


def test_check_does_not_look_at_the_moment(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    repository.write(PLAN, repository.read(PLAN).replace("2026-01-01T00", "2020-02-02T02"))

    repository.run("compile", "--check")


def test_check_notices_a_summary_alone(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    path = "ops/plans/infra-scale/prod/web/SUMMARY.md"
    repository.write(path, repository.read(path).replace("web", "api", 1))

    assert "stale     prod/web" in repository.run("compile", "--check", code=1)


def test_diff_shows_the_changes_and_writes_nothing(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    before = repository.tree()

    done = repository.completed("compile", "--diff")

    assert repository.tree() == before
    assert f"--- a/{PLAN}\n+++ b/{PLAN}\n" in done.stdout
    assert "\n-    to: 6\n+    to: 7\n" in done.stdout
    assert "1 request: 1 plan stale" in done.stderr
    repository.run("compile", "--diff", "--check", code=1)


def test_the_diff_of_a_new_plan_can_be_applied_by_git(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    patch = git_repository.run("compile", "--diff")
    git_repository.write("change.patch", patch)

    git_repository.git("apply", "change.patch")

    git_repository.run("compile", "--check")


def test_a_path_restricts_the_run_to_a_request_or_folder(repository: Repository) -> None:
    repository.write("requests/a/web.yaml")
    repository.write("requests/a/api.yaml", REQUEST.replace("web", "api"))
    repository.write("requests/b/db.yaml", REQUEST.replace("web", "db"))

    assert _json(repository, "compile", "requests/a/web.yaml")["plans"]["created"] == [
        "ops/plans/infra-scale/prod/a/web/plan.yaml"
    ]
    assert _json(repository, "compile", "requests/a")["plans"]["created"] == [
        "ops/plans/infra-scale/prod/a/api/plan.yaml"
    ]
    assert _json(repository, "compile", "requests")["plans"]["created"] == ["ops/plans/infra-scale/prod/b/db/plan.yaml"]


def test_a_path_is_taken_from_the_current_folder(repository: Repository) -> None:
    repository.write("requests/a/web.yaml")

    repository.run("compile", "web.yaml", cwd="requests/a")

    assert len(repository.tree()) == 2


def test_a_path_through_a_link_to_the_repository_is_the_same_path(repository: Repository, tmp_path: Path) -> None:
    file = repository.write("requests/a/web.yaml")
    link = tmp_path / "link"
    link.symlink_to(repository.root)

    repository.run("compile", str(link / "requests/a/web.yaml"))
    repository.run("compile", "--root", str(link), str(file))
    repository.tool("sh", "-c", "cd ../link/requests/a && infra-scale compile web.yaml ../a")


def test_a_nearer_folder_that_only_bears_the_name_is_not_taken_for_the_root(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("ops/targets/prod.yaml", "description: production\n")
    repository.write("tests/requests/login.txt", "POST /login")

    assert "1 request" in repository.run("validate", cwd="tests")


def test_errors_of_other_requests_do_not_stop_a_restricted_run_but_a_conflict_does(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("requests/bad.yaml", "target: [\n")
    assert _json(repository, "compile", "requests/web.yaml")["findings"] == []

    repository.write("requests/twin.yaml")

    (finding,) = _json(repository, "compile", "requests/web.yaml", code=1)["findings"]
    assert (finding["rule"], finding["path"]) == ("GIT-001", "requests/web.yaml")


def test_the_path_of_a_removed_request_prunes_its_plan_only(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    repository.run("compile")
    (repository.root / "requests/web.yaml").unlink()
    (repository.root / "requests/api.yaml").unlink()

    repository.run("compile", "requests/web.yaml")

    assert {path.split("/")[4] for path in repository.tree()} == {"api"}


def test_target_restricts_the_run_and_prunes_what_left_the_target(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("requests/api.yaml", REQUEST.replace("web", "api").replace("prod", "staging"))
    repository.run("compile", "--target", "staging")
    assert {path.split("/")[3] for path in repository.tree()} == {"staging"}

    repository.run("compile")
    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    repository.run("compile", "--target", "staging")

    assert {path.split("/")[3] for path in repository.tree()} == {"prod"}


def test_github_format_gives_annotations_with_escaped_text(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST.replace("web", '"50%::error::x\\nfoo"'))

    done = repository.completed("compile", "--check", "--format", "github", code=1)

    (line,) = done.stdout.splitlines()
    assert line.startswith("::error file=requests/web.yaml,title=SCH-005,line=5,col=11::name: ")
    assert "50%25" in line


def test_github_format_reports_a_stale_plan_at_its_request(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    done = repository.completed("compile", "--check", "--format", "github", code=1)

    assert done.stdout == (
        "::error file=requests/web.yaml,title=PLN-003::the plan prod/web is missing"
        "%0Arun `infra-scale compile` and commit the result\n"
    )


def test_github_format_stays_within_ten_annotations_of_a_level(repository: Repository) -> None:
    for number in range(25):
        repository.write(f"requests/r{number:02}.yaml", "target: [\n")

    lines = repository.completed("compile", "--format", "github", code=1).stdout.splitlines()

    assert len(lines) == 10
    assert lines[-1] == "::error title=infra-scale::16 more; run `infra-scale validate` to see all"


def test_a_file_with_many_faults_shows_the_first_fifty_and_counts_the_rest(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST + "".join(f"key{number}: 1\n" for number in range(80)))

    findings = _json(repository, "compile", code=1)["findings"]
    said = repository.run("compile", code=1).splitlines()

    assert len(findings) == 51
    assert findings[-1]["message"] == "30 more findings in this file"
    assert said[-1] == "1 request: nothing was written; 80 errors"


def test_of_a_file_with_more_faults_than_are_looked_for_a_lower_bound_is_given(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST + "".join(f"key{number}: 1\n" for number in range(300)))
    repository.write("requests/good.yaml", REQUEST.replace("web", "good"))

    findings = _json(repository, "compile", code=1)["findings"]
    said = repository.run("compile", code=1).splitlines()

    assert len(findings) == 51
    assert findings[-1]["message"] == "at least 50 more findings in this file"
    assert said[-1] == "2 requests: nothing was written; at least 100 errors"


def test_a_text_that_is_given_up_says_so(repository: Repository) -> None:
    repository.write("requests/web.yaml", "a: on\n" * 100)

    findings = _json(repository, "compile", code=1)["findings"]
    said = repository.run("compile", code=1).splitlines()

    assert len(findings) == 51
    assert findings[-1]["message"] == "not read any further after 50 faults"
    assert said[-1] == "1 request: nothing was written; at least 50 errors"


def test_a_request_with_another_suffix_is_not_passed_over_without_a_word(repository: Repository) -> None:
    repository.write("requests/web.yaml.txt")

    assert "no requests below requests/ (files that end in .yaml or .yml)" in repository.run("validate")


def test_nothing_to_do_is_said_in_other_words_than_nothing_changed(repository: Repository) -> None:
    (repository.root / "requests").mkdir()
    assert repository.run("compile") == "no requests below requests/ (files that end in .yaml or .yml): nothing to do\n"

    repository.write("requests/web.yaml")
    repository.run("compile")
    assert repository.run("compile") == "1 request: all plans are up to date; nothing found\n"


def test_what_is_counted_and_not_shown_is_said_with_the_way_to_see_it(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST.replace("6", "12"))
    repository.write("requests/api.yaml", REQUEST.replace("6", "13").replace("web", "api"))

    first = repository.run("compile")
    second = repository.run("compile")
    repository.write("requests/api.yaml", REQUEST.replace("6", "14").replace("web", "api"))
    third = repository.run("compile")

    assert first.endswith("\n2 requests: 2 plans created; 2 warnings\n")
    assert second == "2 requests: all plans are up to date; 2 warnings (-v shows them)\n"
    assert third.endswith("\n2 requests: 1 plan updated, 1 unchanged; 2 warnings (-v shows 1 more)\n")
    assert repository.run("compile", "-v").endswith("\n2 requests: all plans are up to date; 2 warnings\n")
    assert repository.run("validate").endswith("\n2 requests: 2 warnings\n")
    assert repository.run("compile", "--format", "github").count("::warning") == 2
    assert "shows" not in repository.completed("compile", "--format", "github").stderr


def test_what_was_not_compared_is_not_called_in_step(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST.replace("6", "six"))
    assert "no plan was compared" in repository.run("compile", "--check", "--keep-going", code=1)

    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    repository.run("compile", "--keep-going", code=1)
    said = repository.run("compile", "--check", "--keep-going", code=1)
    assert "1 plan up to date, the rest not compared; 1 error" in said


def test_a_target_that_no_request_names_is_wrong_usage_also_without_a_list_of_targets(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")

    done = repository.completed("compile", "--check", "--target", "prdo", code=2)

    assert "no request is for the target prdo" in done.stderr
    assert "did you mean prod?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compile", "--chekc"], "unrecognized arguments: --chekc"),
        (["compile", "requests/wbe.yaml"], "did you mean requests/web.yaml?"),
        (["compile", ""], "an empty path is not below requests/"),
        (["compile", "README.md"], "README.md is not below requests/"),
        (["compile", "../other"], "is not below requests/"),
        (["compile", "--target", "prdo"], "did you mean prod?"),
        (["compile", "--root", "nowhere"], "nowhere is not a folder"),
        (["compile", "--format", "xml"], "invalid choice: 'xml'"),
        (["complie"], "did you mean `infra-scale compile`?"),
        ([], "usage: infra-scale COMMAND"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2_and_says_how_it_is_meant(
    repository: Repository, arguments: list[str], message: str
) -> None:
    repository.write("requests/web.yaml")
    repository.write("ops/targets/prod.yaml", "description: Production\n")

    done = repository.completed(*arguments, code=2)

    assert message in done.stderr
    assert done.stdout == ""


def test_outside_any_repository_it_says_what_is_missing(repository: Repository) -> None:
    done = repository.completed("compile", code=2)

    assert "no requests/ folder in the current folder or above it" in done.stderr


def test_a_disk_that_refuses_is_one_message_and_exit_1(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("ops/plans", "a file where a folder must be")

    done = repository.completed("compile", code=1)

    assert "infra-scale: cannot write ops/plans/infra-scale: " in done.stderr


def test_a_bug_is_reported_without_a_traceback_on_the_terminal(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    script = (
        "import sys; from infra_scale.cli.main import main; import infra_scale.cli.compile as c\n"
        "def broken(_): raise RuntimeError('boom')\n"
        "c.run = broken\n"
        "sys.exit(main(['compile']))"
    )

    done = repository.tool(str(COMMAND.with_name("python")), "-c", script, code=1)

    assert "this is a bug in infra-scale (RuntimeError)" in done.stderr
    assert "Traceback" not in done.stderr
    report = done.stderr.rsplit(" ", 1)[1].strip()
    assert "RuntimeError: boom" in Path(report).read_text(encoding="utf-8")
    Path(report).unlink()


def test_a_reader_that_stops_early_is_no_error_message(repository: Repository) -> None:
    for number in range(300):
        repository.write(f"requests/r{number}.yaml", "target: [\n")

    done = repository.tool("sh", "-c", f"'{COMMAND}' compile | head -n 1")

    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_output_that_cannot_be_written_is_one_message_and_no_bug(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    full = repository.tool("sh", "-c", "infra-scale compile > /dev/full", code=1)
    plan = "PYTHONUNBUFFERED=1 infra-scale plan --workload=Deployment:web:3 > /dev/full"
    unbuffered = repository.tool("sh", "-c", plan, code=1)
    closed = repository.tool("sh", "-c", "infra-scale compile --check >&- 2>&-")

    assert full.stderr.startswith("infra-scale: cannot write the output: No space left on device\n")
    assert "infra-scale: cannot write the output: No space left on device\n" in unbuffered.stderr
    assert closed.returncode == 0


def test_a_current_folder_that_is_gone_is_one_message(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    done = repository.tool("sh", "-c", "mkdir gone && cd gone && rmdir ../gone && infra-scale compile", code=1)

    assert done.stderr.startswith("infra-scale: the current folder does not exist any more\n")


def test_a_bug_is_reported_also_where_no_file_can_be_written(repository: Repository) -> None:
    script = (
        "import sys, tempfile; from infra_scale.cli.main import main; import infra_scale.cli.compile as c\n"
        "def broken(*_, **__): raise OSError('boom')\n"
        "c.run = tempfile.NamedTemporaryFile = broken\n"
        "sys.exit(main(['compile']))"
    )

    done = repository.tool(str(COMMAND.with_name("python")), "-c", script, code=1)

    assert "this is a bug in infra-scale (OSError)" in done.stderr
    assert "OSError: boom" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [(), ("--format", "github"), ("--diff",), ("--format", "json")], ids=str)
def test_neither_a_file_name_nor_a_value_can_speak_to_a_terminal_or_to_the_runner(
    repository: Repository, arguments: tuple[str, ...]
) -> None:
    repository.write("requests/\x1b[31m::warning::x.yaml")
    repository.write("requests/web.yaml", REQUEST.replace("6", '"\\e[31m\\n::error::forged"'))
    repository.write("ops/plans/infra-scale/prod/\x1b]0;title\x07.txt", "mine")

    done = repository.completed("compile", *arguments, code=1)

    said = done.stdout + done.stderr
    assert "\x1b" not in said
    assert "\x07" not in said
    assert not any(line.startswith(("::error::forged", "::warning::x")) for line in said.splitlines())


def test_validate_reports_and_writes_nothing(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST.replace("6", "16"))

    said = repository.run("validate")

    assert "REP-001 warning" in said
    assert said.endswith("1 request: 1 warning\n")
    assert repository.tree() == {}
    assert _json(repository, "validate") == {
        "version": 1,
        "command": "validate",
        "status": "ok",
        "requests": 1,
        "findings": _json(repository, "compile")["findings"],
    }


def test_validate_judges_waivers_by_the_day_as_compile_does(repository: Repository) -> None:
    ended = '    allow: [{rule: REP-001, reason: Load test, until: "2025-11-30"}]\n'
    repository.write("requests/web.yaml", REQUEST.replace("6", "16") + ended)
    repository.write("ops/targets/prod.yaml", "policy: {rules: {WVR-001: error}}\n")

    said = repository.run("validate", code=1)

    assert "WVR-001 error: the waiver of REP-001 for Deployment/web expired on 2025-11-30" in said
    assert _json(repository, "validate", code=1)["findings"] == _json(repository, "compile")["findings"]


@pytest.mark.parametrize("name", ["scale-request", "target", "scale-plan"])
def test_schema_prints_a_valid_json_schema(repository: Repository, name: str) -> None:
    schema = json.loads(repository.run("schema", name))

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:infra-scale:v1:{name}"


def test_help_and_version_answer_on_standard_output(repository: Repository) -> None:
    assert repository.run("--version").startswith("infra-scale 0.")
    assert "examples:" in repository.run("--help")
    for command in ("compile", "validate", "schema"):
        assert "examples:" in repository.run(command, "--help")


def test_the_main_help_fits_a_terminal_of_80_columns_and_every_console(repository: Repository) -> None:
    helped = repository.run("--help")

    assert helped.isascii()
    assert [line for line in helped.splitlines() if len(line) > 80] == []


def test_there_is_no_python_file_where_it_could_replace_a_library() -> None:
    found = [file for folder in ("requests", "ops", "schemas") for file in (CHECKOUT / folder).rglob("*.py*")]

    assert found == []
