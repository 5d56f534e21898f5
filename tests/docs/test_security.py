"""SECURITY.md is held to its word: each defence names a test that is there, and releases are made as it says."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.repository import CHECKOUT

_SECURITY = (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
_NAMED = re.findall(r"`(tests/[\w/.-]+)::(\w+)`", _SECURITY)
_WORKFLOWS = sorted((CHECKOUT / ".github/workflows").glob("*.yml"))
_SERVERS = r"^\s*(?:import|from) (?:socket|socketserver|http\.server|asyncio|wsgiref|starlette|fastapi|uvicorn)\b"


def _workflow(name: str) -> Any:  # noqa: ANN401 (what YAML has)
    return yaml.safe_load((CHECKOUT / ".github/workflows" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "name"), _NAMED, ids=[name for _, name in _NAMED])
def test_each_test_that_is_named_exists(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (CHECKOUT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_each_line_of_the_threat_model_names_a_test() -> None:
    table = _SECURITY.split("## Attacks and defenses")[1].split("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]

    assert len(lines) > 40
    assert [line for line in lines if not re.search(r"`tests/[\w/.-]+::\w+` \|$", line)] == []


@pytest.mark.parametrize(
    "through", ["request", "pull request", "snapshot", "price sheet", "manifest", "cache file", "webhook"]
)
def test_the_threat_model_looks_at_everything_that_comes_from_outside(through: str) -> None:
    assert re.search(rf"^\| {through}\b", _SECURITY, re.MULTILINE)


def test_nothing_of_ours_listens() -> None:
    sources = [*(CHECKOUT / "compiler").rglob("*.py")]

    assert len(sources) > 100
    assert [file for file in sources if re.search(_SERVERS, file.read_text(encoding="utf-8"), re.MULTILINE)] == []


def test_no_workflow_runs_what_a_stranger_wrote_with_a_token_that_writes() -> None:
    for file in _WORKFLOWS:
        workflow = _workflow(file.name)
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & {*workflow[True]}, file.name
        assert workflow["permissions"] == {}, file.name


def test_every_dependency_has_a_hash_and_every_action_a_commit() -> None:
    for lock in (CHECKOUT / "locks").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        for pin in re.split(r"\n(?=\w)", text.split("make lock\n")[1]):
            assert re.match(r"[\w.-]+==[\w.]+( ; .*)? \\\n    --hash=sha256:", pin), pin
    for file in _WORKFLOWS:
        for used in re.findall(r"uses: (\S+.*)", file.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[0-9.]+", used), used


@pytest.mark.parametrize("file", [CHECKOUT / "action.yml", *_WORKFLOWS], ids=lambda file: file.name)
def test_nothing_that_runs_in_ci_is_installed_without_a_hash(file: Path) -> None:
    installs = [line for line in file.read_text(encoding="utf-8").splitlines() if re.search(r"\bpip install\b", line)]

    assert [line for line in installs if "--require-hashes" not in line] == []


def test_a_release_is_audited_listed_attested_and_published_without_a_token() -> None:
    jobs = _workflow("release.yml")["jobs"]
    scripts = {name: "\n".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    locks = {file.stem for file in (CHECKOUT / "locks").glob("*.txt")}

    audited = re.search(r"for lock in (.*); do", scripts["build"])
    assert audited
    assert set(audited[1].split()) == locks
    assert [tool for tool in ("pip-audit", "cyclonedx-py", "sha256sum") if tool not in scripts["build"]] == []
    assert any("attest-build-provenance" in step.get("uses", "") for step in jobs["attest"]["steps"])
    assert "--trusted-publishing always" in scripts["publish"]
    assert [jobs[name].get("needs") for name in jobs] == [None, "build", "attest", "publish"]
    assert "secrets." not in (CHECKOUT / ".github/workflows/release.yml").read_text(encoding="utf-8")


def test_only_the_jobs_of_a_release_that_sign_may_do_so() -> None:
    jobs = _workflow("release.yml")["jobs"]

    signing = {name for name, job in jobs.items() if "id-token" in job["permissions"]}
    assert signing == {"attest", "publish"}
