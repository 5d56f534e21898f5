"""Print the result of a run, and keep it for the next one if nothing had to change."""

from collections.abc import Iterable
from typing import NamedTuple

from infra_scale.cli import terminal, unchanged
from infra_scale.usecases.outcome import Outcome


class Said(NamedTuple):
    """Lines for standard output, and for standard error."""

    result: Iterable[str]
    aside: tuple[str, ...] = ()


def tell(said: Said, outcome: Outcome, *, begun: unchanged.Watch | None = None, day: str | None = None) -> None:
    """Print it; with `begun`, keep it until something changes, and only for a `day` if the date matters."""
    if begun is None or outcome.changed or outcome.seen is None or not outcome.is_valid:
        for line in said.result:
            terminal.out(line)
    else:
        lines = list(said.result)
        for line in lines:
            terminal.out(line)
        text = "".join(f"{line}\n" for line in lines)
        seen = (list(outcome.seen.folders), day, outcome.seen.newest_commit)
        terminal.flush()
        unchanged.keep(begun, seen, (text, "".join(f"{line}\n" for line in said.aside)))
    for line in said.aside:
        terminal.err(line)
