"""`--format github`: what GitHub's own toolkit would write, what its runner reads back, and what it has room for."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from infra_scale.core.reporting.findings_github import MESSAGE, PER_LEVEL, workflow_commands
from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding, Severity
from infra_scale.model.position import Position
from support.amounts import examples
from support.node import evaluate

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}
_AWKWARD = "100%25 %, a:b::c\n::error::x\r\n%0A ü→\x1b[31m, ##[add-mask]x"

# The functions that every JavaScript action calls. They write to standard output, which is caught here.
_TOOLKIT = """
import * as core from "@actions/core";
const written = [];
process.stdout.write = (text) => written.push(text);
for (const [level, message, properties] of given) core[level](message, properties);
delete process.stdout.write;
console.log(JSON.stringify(written.join("").split("\\n").filter(Boolean)));
"""


def _finding(message: str, severity: Severity = "error", path: str = "requests/web.yaml", line: int = 7) -> Finding:
    return Finding("REP-001", severity, message, path, position=Position(line, 15, 2, "    replicas: 15"))


def _parts(command: str) -> tuple[str, frozenset[str], str]:
    """Level, properties in whatever order, and message; as the runner takes a line apart."""
    _, head, message = command.split("::", 2)
    level, _, properties = head.partition(" ")
    return level, frozenset(properties.split(",")), message


def _unescaped(text: str) -> str:
    """As the runner does it (Runner.Common/ActionCommand.cs), in its order."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def _clean(text: str) -> str:
    return "\n".join(printable(line) for line in text.replace("\r\n", "\n").split("\n"))


def test_the_commands_are_those_of_githubs_own_toolkit() -> None:
    findings = [
        _finding(message, severity, path, line)
        for severity in _LEVELS
        for path in ("requests/web.yaml", "requests/50 %, or: more.yaml")
        for message, line in (("plain", 1), (_AWKWARD, 12))
    ]
    wanted = [
        [
            _LEVELS[one.severity],
            _clean(one.message),
            {
                "title": one.rule,
                "file": one.path,
                "startLine": one.position.line if one.position else 0,
                "startColumn": 15,
            },
        ]
        for one in findings
    ]

    theirs = evaluate(_TOOLKIT, wanted)

    assert isinstance(theirs, list)
    assert [*map(_parts, workflow_commands(findings))] == [*map(_parts, theirs)]


@given(st.text(max_size=300), st.text(min_size=1, max_size=60))
@example(_AWKWARD, _AWKWARD)
@examples(300)
def test_the_runner_reads_back_what_was_said(message: str, path: str) -> None:
    (command,) = workflow_commands([_finding(message, path=path)])

    _, properties, said = _parts(command)
    assert len(command.splitlines()) == 1
    assert _unescaped(said) == _clean(message)
    assert f"file={_clean(path)}" in {*map(_unescaped, properties)}


def test_no_message_is_longer_than_what_the_runner_sends_on() -> None:
    long = "→😀" * 5000

    (command,) = workflow_commands([_finding(long)])

    _, _, said = _parts(command)
    assert MESSAGE - 8 < len(_unescaped(said).encode("utf-16-le")) // 2 <= MESSAGE
    assert _unescaped(said).endswith("…")


def test_a_step_has_ten_annotations_of_a_level_at_the_most_and_the_tenth_tells_of_the_rest() -> None:
    findings = [_finding(f"number {number}", severity) for severity in _LEVELS for number in range(30)]

    commands = [*map(_parts, workflow_commands(findings))]

    levels = [level for level, _, _ in commands]
    assert [levels.count(name) for name in _LEVELS.values()] == [10, 10, 10]
    assert len(commands) <= 50  # which is what a job has room for
    assert [said for _, _, said in commands if "more;" in said] == [
        f"{30 - PER_LEVEL} more; run `infra-scale validate` to see all"
    ] * 3
    assert json.dumps(commands[0][2]) == '"number 0"'
