"""`--format sarif`: the official schema and Microsoft's validator, with GitHub's rules, take what we write."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra_scale import __version__
from support.amounts import HANGS
from support.node import MODULES
from support.repository import REQUEST, Repository

_TOOL = MODULES / f"@microsoft/sarif-multitool-{sys.platform}/Sarif.Multitool"
_IS_BUILT = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="Microsoft builds the validator for x86_64 only"
)
_SCHEMA = _TOOL.with_name("sarif-2.1.0.json")
_KNOWN = "SARIF2005"
"""It wants a page about the tool, which has no address yet; and says so once a log."""

Log = dict[str, Any]


@pytest.fixture
def faulty(repository: Repository) -> Repository:
    """Requests with findings of every severity."""
    waiver = '    allow:\n      - {rule: REP-001, reason: "Load test, 100 % [agreed](1)", until: "2099-12-31"}\n'
    many = REQUEST.replace("replicas: 6", "replicas: 15") + "    hpa: {min: 4, max: 12}\n" + waiver
    repository.write("requests/web.yaml", many)
    repository.write("requests/api.yaml", REQUEST.replace("replicas: 6", "replicas: six").replace("web", "api"))
    repository.write("requests/Größe: 1 %.yaml", REQUEST)
    repository.write("requests/broken.yaml", "target: [\n")
    return repository


def _log(repository: Repository, *arguments: str, code: int = 1) -> Log:
    log: Log = json.loads(repository.run(*(arguments or ("validate",)), "--format", "sarif", code=code))
    return log


def _results(log: Log) -> list[Log]:
    (run,) = log["runs"]
    results: list[Log] = run["results"]
    return results


def _fingerprints(log: Log) -> dict[str, str]:
    """What names each result, and the value that it had when it was given."""
    return {one["partialFingerprints"]["infraScale/v1"]: one["message"]["text"] for one in _results(log)}


def _faults(file: Path) -> list[str]:
    """What the validator says of a log, by the rules of SARIF's authors and by those of GitHub."""
    out = file.with_suffix(".faults.sarif")
    command = [str(_TOOL), "validate", str(file), "--rule-kind", "Sarif;Ghas", "--output", str(out)]
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=HANGS)
    assert "Analysis completed successfully." in done.stdout, done.stdout
    said = json.loads(out.read_text(encoding="utf-8-sig"))["runs"][0]["results"]
    return [f"{one['ruleId']} {one.get('level')} {one['message']}" for one in said if one["ruleId"] != _KNOWN]


@pytest.mark.parametrize("command", ["validate", "compile", "compile --check"])
def test_the_official_schema_accepts_what_is_written(faulty: Repository, command: str) -> None:
    log = _log(faulty, *command.split())

    schema = Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in schema.iter_errors(log)] == []
    assert {one["level"] for one in _results(log)} == {"error", "warning", "note"}


@pytest.mark.long
@_IS_BUILT
def test_the_validator_finds_nothing_by_the_rules_of_github(faulty: Repository, tmp_path: Path) -> None:
    file = tmp_path / "infra-scale.sarif"
    file.write_text(json.dumps(_log(faulty)), encoding="utf-8")
    worse = tmp_path / "worse.sarif"
    worse.write_text(file.read_text(encoding="utf-8").replace('"locations"', '"relatedLocations"'), encoding="utf-8")

    assert _faults(file) == []
    assert _faults(worse)


@_IS_BUILT
def test_the_validator_takes_a_result_about_a_whole_file(repository: Repository, tmp_path: Path) -> None:
    repository.write("requests/web.yaml")
    log = _log(repository, "compile", "--check")
    file = tmp_path / "infra-scale.sarif"
    file.write_text(json.dumps(log), encoding="utf-8")

    assert [one["locations"][0]["physicalLocation"]["region"] for one in _results(log)] == [{"startLine": 1}]
    assert _faults(file) == []


def test_it_says_what_the_other_formats_say(faulty: Repository) -> None:
    told = json.loads(faulty.run("validate", "--format", "json", code=1))["findings"]

    results = _results(_log(faulty))

    assert [(one["ruleId"], one["level"]) for one in results] == [(one["rule"], one["severity"]) for one in told]
    for one, finding in zip(results, told, strict=True):
        (location,) = one["locations"]
        region = location["physicalLocation"].get("region", {})
        assert (region.get("startLine"), region.get("startColumn")) == (finding.get("line"), finding.get("column"))
        assert one["message"]["text"].startswith(finding["message"])


def test_paths_are_relative_uris(faulty: Repository) -> None:
    found = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in _results(_log(faulty))}

    assert found == {
        "requests/Gr%C3%B6%C3%9Fe%3A%201%20%25.yaml",
        "requests/api.yaml",
        "requests/broken.yaml",
        "requests/web.yaml",
    }


def test_a_result_names_its_rule_its_region_and_its_workload(faulty: Repository) -> None:
    log = _log(faulty)
    rules = log["runs"][0]["tool"]["driver"]["rules"]

    (note,) = (one for one in _results(log) if one["ruleId"] == "HPA-001")

    assert rules[note["ruleIndex"]] == {
        "id": "HPA-001",
        "shortDescription": {"text": "Requested replicas > hpa.max."},
        "fullDescription": {"text": f"Requested replicas > hpa.max. {_CAP}"},
        "help": {"text": f"{_CAP}\nFix: raise hpa.max, or request fewer replicas."},
        "defaultConfiguration": {"level": "note", "enabled": True},
        "properties": {
            "problem.severity": "recommendation",
            "source": "the original infra.scale, Risk Detection; kubernetes/pkg/controller/podautoscaler/horizontal.go",
        },
    }
    assert note["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "requests/web.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {
                    "startLine": 6,
                    "startColumn": 15,
                    "endColumn": 17,
                    "snippet": {"text": "    replicas: 15"},
                },
            },
            "logicalLocations": [{"fullyQualifiedName": "assistant/Deployment/web", "kind": "resource"}],
        }
    ]
    assert log["runs"][0]["tool"]["driver"]["semanticVersion"] == __version__


_CAP = "The HPA sets the replicas to its maximum at its next sync, before it reads any metric."


def test_a_waiver_is_a_suppression_with_its_reason(faulty: Repository) -> None:
    (waived,) = (one for one in _results(_log(faulty)) if one["ruleId"] == "REP-001")

    assert waived["suppressions"] == [{"kind": "inSource", "justification": "Load test, 100 % [agreed](1)"}]


def test_a_fingerprint_outlives_a_move_another_value_and_another_finding(repository: Repository) -> None:
    request = REQUEST.replace("replicas: 6", "replicas: 15")
    repository.write("requests/web.yaml", request)
    before = _fingerprints(_log(repository, code=0))
    second = "  - {kind: Deployment, name: api, replicas: 99}\n"
    moved = request.replace("workloads:\n", f"\n# moved\nworkloads:\n{second}").replace("15", "16")
    repository.write("requests/web.yaml", moved)

    after = _fingerprints(_log(repository, code=0))

    assert len(before) == 1
    assert before.keys() < after.keys()
    assert len(after) == 2


def test_two_findings_of_one_kind_have_two_fingerprints(repository: Repository) -> None:
    repository.write("requests/web.yaml", REQUEST + "    one: 1\n    two: 2\n" + "  - {kind: Job, name: b, one: 1}\n")
    results = _results(_log(repository))

    assert len(results) > 2
    assert len(_fingerprints(_log(repository))) == len(results)


def test_a_plan_out_of_step_is_a_result_of_a_check_only(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    assert [one["ruleId"] for one in _results(_log(repository, "compile", "--check"))] == ["PLN-003"]
    assert _results(_log(repository, "compile", code=0)) == []
    assert _results(_log(repository, "compile", "--check", code=0)) == []


def test_the_log_is_all_of_standard_output_and_the_summary_goes_elsewhere(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    done = repository.completed("compile", "--format", "sarif")

    json.loads(done.stdout)
    assert done.stderr == "1 request: 1 plan created; nothing found\n"
