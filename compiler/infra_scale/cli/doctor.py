"""infra-scale doctor."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import assert_never

from infra_scale.adapters import clock
from infra_scale.adapters.environment import environment
from infra_scale.cli import exit_codes, options, output_options, terminal, wiring
from infra_scale.core.reporting.findings_json import VERSION, Json
from infra_scale.core.syntax.printable import printable
from infra_scale.usecases.checks.answer import Answer, Ok, Problem, Unknown
from infra_scale.usecases.doctor import Diagnosis, Outside, diagnose

_EXAMPLES = (
    ("infra-scale doctor", "check this folder, git and GitHub"),
    ("infra-scale doctor --offline", "no GitHub checks"),
    ("infra-scale doctor --format json", "for scripts"),
)
_MORE = {
    "environment": (
        ("GITHUB_TOKEN", "to check the settings on GitHub"),
        ("GITHUB_REPOSITORY", "owner/name; or GH_OWNER and GH_REPO"),
    ),
}
_CODES = (
    ("0", "no errors; there may be warnings or skipped checks"),
    ("1", "at least one error"),
    ("2", "wrong usage"),
)

_STYLES: dict[str, terminal.Style] = {
    "ok": "green",
    "error": "red",
    "warning": "yellow",
    "note": "blue",
    "unknown": "dim",
}


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    # A missing requests/ is a finding, not wrong usage.
    root = options.root_folder(given.root) if given.root else options.folder_to_begin_in()
    settings = None if given.offline else wiring.forge_settings
    known = environment()
    outside = Outside(wiring.current_context, settings, known.slug, has_token=known.github_token is not None)
    found = tuple(diagnose(root, outside, now=clock.now(known.source_date_epoch)))
    shown = tuple(one for one in found if _word(one.answer) == "error") if given.quiet else found
    lines = _json_lines(shown) if given.format == "json" else _text_lines(shown, is_quiet=given.quiet)
    for line in lines if given.format == "json" else map(terminal.fitted, lines):
        terminal.out(line)
    return exit_codes.FAILED if _is_broken(found) else exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser(
        "doctor",
        description="Diagnose the setup, and suggest a fix for each problem.",
        examples=_EXAMPLES,
        codes=_CODES,
        more=_MORE,
    )
    looked_at = command.add_argument_group("what is checked")
    looked_at.add_argument("--offline", action="store_true", help="skip the GitHub checks")
    options.add_root(looked_at)
    output_options.add_quiet(output_options.add_format(command))
    return command


def _is_broken(found: Sequence[Diagnosis]) -> bool:
    return any(_word(diagnosis.answer) == "error" for diagnosis in found)


def _word(answer: Answer) -> str:
    match answer:
        case Ok():
            return "ok"
        case Problem():
            return answer.severity
        case Unknown():
            return "unknown"
        case _:
            assert_never(answer)


def _text(answer: Answer) -> tuple[str, str]:
    """Message and fix."""
    match answer:
        case Ok():
            return answer.message, ""
        case Problem():
            return answer.message, answer.help
        case Unknown():
            return f"not checked: {answer.reason}", answer.help
        case _:
            assert_never(answer)


def _text_lines(found: Sequence[Diagnosis], *, is_quiet: bool) -> Iterator[str]:
    """One line per check, with its fix below; checks skipped for the same reason share a line."""
    for answer, group in groupby(found, key=lambda diagnosis: diagnosis.answer):
        names = ", ".join(diagnosis.check for diagnosis in group)
        word = _word(answer)
        said, help_ = _text(answer)
        # Spaces are outside of the colour: wrapping uses them to find columns.
        yield f"{terminal.styled(word, _STYLES[word])}{' ' * (_COLUMN - len(word))}{names}: {printable(said)}"
        if help_:
            yield f"    help: {printable(help_)}"
    if is_quiet:
        return
    yield ""
    words = [_word(diagnosis.answer) for diagnosis in found]
    counts = ((word, words.count(word)) for word in _STYLES)
    yield f"{len(found)} checks: {', '.join(f'{number} {_NOUNS[word]}' for word, number in counts if number)}"


_COLUMN = 9
"""Column of the check names."""
_NOUNS = {"ok": "ok", "error": "failed", "warning": "with warnings", "note": "with notes", "unknown": "not checked"}


def _json_lines(found: Sequence[Diagnosis]) -> Iterator[str]:
    checks: list[Json] = [_entry(diagnosis) for diagnosis in found]
    status = "broken" if _is_broken(found) else "ok"
    document: dict[str, Json] = {"version": VERSION, "command": "doctor", "status": status, "checks": checks}
    yield json.dumps(document, ensure_ascii=False, indent=2)


def _entry(diagnosis: Diagnosis) -> Json:
    answer = diagnosis.answer
    entry: dict[str, Json] = {"check": diagnosis.check}
    match answer:
        case Ok():
            return entry | {"answer": "ok", "message": answer.message}
        case Problem():
            said: dict[str, Json] = {"severity": answer.severity, "message": answer.message, "help": answer.help}
            return entry | {"answer": "problem"} | said
        case Unknown():
            return entry | {"answer": "unknown", "message": answer.reason, "help": answer.help}
        case _:
            assert_never(answer)
