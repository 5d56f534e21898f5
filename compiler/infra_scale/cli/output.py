"""Print the outcome of a run, and record it for the next one where nothing had to change."""

from collections.abc import Iterable
from typing import NamedTuple

from infra_scale.cli import replay, terminal
from infra_scale.usecases.outcome import Outcome


class Output(NamedTuple):
    """Lines for standard output, and for standard error."""

    result: Iterable[str]
    aside: tuple[str, ...] = ()


def show(output: Output, outcome: Outcome, begun: replay.Recording | None, *, day: str) -> None:
    """Print it; with `begun`, record it until a file changes, or the `day`."""
    lines: list[str] = []
    is_recorded = begun and outcome.seen and outcome.is_valid and not outcome.changed
    for line in output.result:
        terminal.out(line)
        if is_recorded:
            lines.append(line)
    if begun and outcome.seen and is_recorded:
        terminal.flush()
        replay.keep(begun, list(outcome.seen), day, (_text(lines), _text(output.aside)))
    for line in output.aside:
        terminal.err(line)


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
