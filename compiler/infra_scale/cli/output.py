"""A compile as `compile` and `validate` run it: options to an outcome, printed, and recorded if nothing changed."""

import argparse
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import clock
from infra_scale.adapters.environment import environment
from infra_scale.cli import options, replay, terminal
from infra_scale.usecases.compile import How, compile_staged, compile_work_tree
from infra_scale.usecases.outcome import Outcome


class Output(NamedTuple):
    """Lines for standard output, and for standard error."""

    result: Iterable[str]
    aside: tuple[str, ...] = ()


class Run(NamedTuple):
    """One run of a command."""

    given: argparse.Namespace
    root: Path
    now: datetime
    recording: replay.Recording | None

    def outcome(self, how: How) -> Outcome | None:
        """Compile what the options select; None if nothing that is staged matters. Raises InfraScaleError."""
        given, root, now = self.given, self.root, self.now
        with terminal.counting() as watch:
            how = how._replace(as_of=options.as_of(given), jobs=given.jobs, watch=watch, uses_cache=not given.no_cache)
            if given.base is not None:
                from infra_scale.usecases.against_base import against, check  # noqa: PLC0415 (only for a base)
                from infra_scale.usecases.diff import base_of  # noqa: PLC0415 (likewise)

                return check(root, against(root, base_of(root, given.base).commit), now=now, how=how)
            work = compile_staged if given.staged else compile_work_tree
            scope = options.scope(given.paths, given.target, root=root)._replace(shard=given.shard)
            return work(root, scope=scope, now=now, how=how)

    def show(self, output: Output, outcome: Outcome) -> None:
        """Print the output; record it until a file changes, or the day, if nothing had to change."""
        lines: list[str] = []
        is_recorded = self.recording and outcome.seen and outcome.is_valid and not outcome.changed
        for line in output.result:
            terminal.out(line)
            if is_recorded:
                lines.append(line)
        if self.recording and outcome.seen and is_recorded:
            terminal.flush()
            texts = (_text(lines), _text(output.aside))
            replay.keep(self.recording, list(outcome.seen), self.now.date().isoformat(), texts)
        for line in output.aside:
            terminal.err(line)


def begin(command: str, arguments: Sequence[str], given: argparse.Namespace) -> Run:
    """Check the options, and begin a run. Raises InfraScaleError."""
    options.refuse_parts_of_parts(given)
    options.refuse_base_beside(given)
    root = options.root_folder(given.root)
    recording = None if given.base else replay.begin(str(root), [command, *arguments])
    return Run(given, root, clock.now(environment().source_date_epoch), recording)


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
