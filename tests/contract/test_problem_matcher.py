"""The problem matcher reads our text as GitHub's runner would: its expressions are run as JavaScript."""

import json
import os
import pty

import pytest

from infra_scale.adapters import clock
from infra_scale.cli import terminal
from support.node import evaluate
from support.repository import CHECKOUT, REQUEST, Repository
from support.screen import shown

_MATCHER = json.loads((CHECKOUT / ".github/problem-matchers/infra-scale.json").read_text(encoding="utf-8"))

# As actions/runner does it (Handlers/OutputManager.cs): colour off, then the matcher that was added last comes first.
_SCRIPT = r"""
const matchers = given.matchers.toReversed().flatMap(({ owner, severity, pattern: [one, ...more] }) => {
  if (more.length) throw new Error("one line, one problem");
  return [{ owner, severity, one, regexp: new RegExp(one.regexp) }];
});
const found = [];
for (const line of given.lines) {
  const plain = line.replace(/\x1b\[[0-9;]*m?/g, "");
  for (const { severity, one, regexp } of matchers) {
    const match = regexp.exec(plain);
    if (!match) continue;
    const number = (group) => (match[group] ? Number(match[group]) : null);
    found.push([match[one.file], number(one.line), number(one.column), severity, match[one.code], match[one.message]]);
    break;
  }
}
console.log(JSON.stringify(found));
"""

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def _matched(lines: list[str]) -> object:
    return evaluate(_SCRIPT, {"matchers": _MATCHER["problemMatcher"], "lines": lines})


@pytest.fixture
def faulty(repository: Repository) -> Repository:
    """Requests with findings of every severity."""
    long = "".join(f"# {number}\n" for number in range(1200))
    hpa = "    hpa: {min: 4, max: 12}\n    allow:\n      - rule: REP-001 # not one of ours\n"
    waived = f'{hpa}        reason: "Load test: web.yaml:7:1: REP-001 error: said so"\n        until: "2099-12-31"\n'
    repository.write("requests/web.yaml", long + REQUEST.replace("replicas: 6", "replicas: 15") + waived)
    repository.write("requests/api.yaml", REQUEST.replace("replicas: 6", "replicas: six").replace("web", "api"))
    repository.write("requests/Upper Case: 1.yaml", REQUEST)
    repository.write("requests/broken.yaml", "target: [\n")
    return repository


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}], ids=["plain", "NO_COLOR"])
def test_every_finding_of_the_text_is_matched_and_nothing_else(faulty: Repository, variables: dict[str, str]) -> None:
    told = json.loads(faulty.run("validate", "--format", "json", code=1))["findings"]

    matched = _matched(faulty.run("validate", code=1, variables=variables).splitlines())

    assert matched == [
        [one["path"], one.get("line"), one.get("column"), _LEVELS[one["severity"]], one["rule"], one["message"]]
        for one in told
    ]
    assert {one["severity"] for one in told} == set(_LEVELS)


def test_the_colours_of_a_terminal_are_in_nobodys_way(faulty: Repository) -> None:
    """A runner gives its terminal no width; in one of 80 columns, a message goes on in the next line."""
    coloured = shown(faulty.root, "validate", columns=0, code=1).splitlines()

    assert any("\x1b[31m" in line for line in coloured)
    assert _matched(coloured) == _matched(faulty.run("validate", code=1).splitlines())


def test_progress_on_a_slow_machine_is_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a terminal of its own, as `docker run --tty` gives one, a job is not known to run in CI."""
    ours, theirs = pty.openpty()
    for name in ("CI", "GITHUB_ACTIONS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    moments = iter((0.0, 1.5, 3.0))
    monkeypatch.setattr(clock, "monotonic", lambda: next(moments))
    with open(theirs, "w", encoding="utf-8") as screen, monkeypatch.context() as patched:  # noqa: PTH123
        patched.setattr("sys.stdout", screen)
        patched.setattr("sys.stderr", screen)
        with terminal.counting() as count:
            assert count
            count("compiling", 1, 2)
            count("compiling", 2, 2)
        terminal.out("requests/web.yaml:1:2: REP-001 warning: many")
        screen.flush()
        shown_bytes = b""
        while b"many\r\n" not in shown_bytes:  # a terminal hands out what it was given in pieces
            shown_bytes += os.read(ours, 65536)
    os.close(ours)
    said = shown_bytes.decode("utf-8")

    assert "2 of 2" in said
    assert _matched(said.replace("\r\n", "\n").splitlines()) == [
        ["requests/web.yaml", 1, 2, "warning", "REP-001", "many"]
    ]


def test_the_file_is_as_the_runner_wants_it() -> None:
    owners = [matcher["owner"] for matcher in _MATCHER["problemMatcher"]]
    groups = [pattern.keys() for matcher in _MATCHER["problemMatcher"] for pattern in matcher["pattern"]]

    assert len(owners) == len(set(owners))
    assert {matcher["severity"] for matcher in _MATCHER["problemMatcher"]} == {"error", "warning", "notice"}
    assert all(keys == {"regexp", "file", "line", "column", "code", "message"} for keys in groups)
