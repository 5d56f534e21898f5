"""Renamed options: the old name works for one release, hidden and with a warning."""

import argparse
from typing import Any

from infra_scale.cli import terminal
from infra_scale.cli.options import Group


def add_old_name(to: Group, name: str, option: argparse.Action) -> None:
    """The old name of a renamed option, for one release: hidden and with a warning."""
    to.add_argument(name, action=_OldName, option=option, nargs=option.nargs, type=option.type or str, dest=option.dest)


class _OldName(argparse.Action):
    def __init__(self, *, option: argparse.Action, **given: Any) -> None:  # noqa: ANN401 (what argparse passes)
        super().__init__(**given, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        self._option = option

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,  # noqa: ANN401 (likewise)
        option_string: str | None = None,
    ) -> None:
        """Act as the renamed option."""
        new = self._option.option_strings[0]
        terminal.err(f"warning: {option_string} is now {new}; the next release no longer accepts the old name")
        self._option(parser, namespace, values, new)
