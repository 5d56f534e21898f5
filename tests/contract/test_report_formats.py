"""`--format concise`, `gitlab` and `junit`, and `--quiet`: each is the findings of `--format json`, in another form."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from support.repository import REQUEST, Repository

_AWKWARD = 'requests/Größe: <1> & "2".yaml'

# The elements and attributes of Jenkins' schema junit-10.xsd that a report without timings can have.
_JUNIT: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"testcase"}),
    "testcase": ({"name", "classname"}, {"failure", "skipped"}),
    "failure": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
}


@pytest.fixture
def faulty(repository: Repository) -> Repository:
    """Requests with findings of every severity."""
    waiver = '    allow:\n      - {rule: REP-001, reason: "Load test", until: "2099-12-31"}\n'
    many = REQUEST.replace("replicas: 6", "replicas: 15")
    repository.write("requests/waived.yaml", many + "    hpa: {min: 4, max: 12}\n" + waiver)
    repository.write("requests/many.yaml", many.replace("web", "worker"))
    repository.write("requests/api.yaml", REQUEST.replace("replicas: 6", "replicas: <six>&").replace("web", "api"))
    repository.write(_AWKWARD, REQUEST)
    repository.write("requests/broken.yaml", "target: [\n")
    return repository


def _findings(repository: Repository, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(repository.run("validate", "--format", "json", *arguments, code=1))[
        "findings"
    ]
    return found


def _tests(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 (our own output)


def test_the_findings_have_every_severity(faulty: Repository) -> None:
    assert {one["severity"] for one in _findings(faulty)} == {"error", "warning", "note"}


def test_concise_is_one_line_for_each_finding(faulty: Repository) -> None:
    lines = faulty.run("validate", "--format", "concise", code=1).splitlines()

    places = [":".join(str(one[key]) for key in ("path", "line", "column") if key in one) for one in _findings(faulty)]
    assert lines == [
        f"{place}: {one['severity']} {one['rule']} {one['message']}"
        for place, one in zip(places, _findings(faulty), strict=True)
    ]


def test_gitlab_has_the_keys_of_a_code_quality_report(faulty: Repository) -> None:
    report = json.loads(faulty.run("validate", "--format", "gitlab", code=1))

    levels = {"error": "major", "warning": "minor", "note": "info"}
    assert [
        (one["check_name"], one["severity"], one["location"]["path"], one["location"]["lines"]["begin"])
        for one in report
    ] == [(one["rule"], levels[one["severity"]], one["path"], one.get("line", 1)) for one in _findings(faulty)]
    assert all(one.keys() == {"description", "check_name", "fingerprint", "severity", "location"} for one in report)
    assert len({one["fingerprint"] for one in report}) == len(report)
    assert all(
        one["description"].startswith(found["message"]) for one, found in zip(report, _findings(faulty), strict=True)
    )


def test_gitlab_without_findings_is_an_empty_list(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    assert json.loads(repository.run("validate", "--format", "gitlab")) == []


def test_a_gitlab_fingerprint_survives_a_moved_line(faulty: Repository) -> None:
    before = {one["fingerprint"] for one in json.loads(faulty.run("validate", "--format", "gitlab", code=1))}
    faulty.write("requests/many.yaml", "# moved\n" + faulty.read("requests/many.yaml"))

    assert {one["fingerprint"] for one in json.loads(faulty.run("validate", "--format", "gitlab", code=1))} == before


def test_junit_has_a_failure_for_each_error_and_skips_what_is_less(faulty: Repository) -> None:
    suites = _tests(faulty.run("validate", "--format", "junit", code=1))

    found = _findings(faulty)
    cases = [*suites.iter("testcase")]
    assert [
        (case.get("classname"), "error" if case[0].tag == "failure" else "less", case[0].get("message"))
        for case in cases
    ] == [(one["path"], "error" if one["severity"] == "error" else "less", one["message"]) for one in found]
    errors = sum(one["severity"] == "error" for one in found)
    (suite,) = suites
    assert suite.attrib == {
        "name": "infra-scale validate",
        "tests": str(len(found)),
        "failures": str(errors),
        "errors": "0",
        "skipped": str(len(found) - errors),
    }


def test_junit_has_only_elements_and_attributes_of_the_schema(faulty: Repository) -> None:
    suites = _tests(faulty.run("validate", "--format", "junit", code=1))

    for element in suites.iter():
        attributes, children = _JUNIT[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children


def test_junit_without_findings_has_one_test_that_passed(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    (case,) = _tests(repository.run("validate", "--format", "junit")).iter("testcase")

    assert (case.get("name"), [*case]) == ("no findings", [])


@pytest.mark.parametrize("shape", ["concise", "gitlab", "junit"])
def test_a_stale_plan_is_a_finding_of_a_check_only(repository: Repository, shape: str) -> None:
    repository.write("requests/web.yaml")

    assert "PLN-003" in repository.run("compile", "--check", "--format", shape, code=1)
    done = repository.completed("compile", "--format", shape)
    assert "PLN-003" not in done.stdout
    assert done.stderr == "1 request: 1 plan created; nothing found\n"


@pytest.mark.parametrize("shape", ["text", "concise", "json", "github", "gitlab", "junit", "sarif"])
def test_quiet_shows_errors_only_in_every_format(faulty: Repository, shape: str) -> None:
    done = faulty.completed("validate", "--quiet", "--format", shape, code=1)

    found = _findings(faulty)
    assert [one["message"] for one in found if one["severity"] != "error" and one["message"] in done.stdout] == []
    assert [one["rule"] for one in found if one["severity"] == "error" and one["rule"] not in done.stdout] == []
    assert _findings(faulty, "--quiet") == [one for one in found if one["severity"] == "error"]
    assert done.stderr == ""


def test_quiet_prints_nothing_if_there_are_no_errors(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST.replace("replicas: 6", "replicas: 15"))

    for command in (["validate"], ["compile"], ["compile", "--check"], ["compile", "--diff"]):
        done = repository.completed(*command, "--quiet")
        assert (done.stdout, done.stderr) == ("", "")
    assert repository.tree() != {}


def test_quiet_still_reports_a_stale_plan_as_an_error(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    done = repository.completed("compile", "--check", "--quiet", code=1)

    assert "PLN-003" in done.stdout
    assert done.stderr == ""


def test_quiet_and_verbose_exclude_each_other(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    assert "not allowed with argument" in repository.completed("validate", "-q", "-v", code=2).stderr


def test_a_quiet_doctor_lists_only_what_is_broken(repository: Repository) -> None:
    said = repository.run("doctor", "--offline", "--quiet", code=None)

    assert [line for line in said.splitlines() if not line.startswith(("error", "    help:"))] == []
