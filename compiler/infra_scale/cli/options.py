"""Options shared by several commands, and their values."""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from infra_scale.adapters import files
from infra_scale.cli import terminal
from infra_scale.cli.program import as_started, program
from infra_scale.core.reading.flags import Flags
from infra_scale.core.syntax.text import shortened
from infra_scale.errors import UsageError
from infra_scale.model.names import PLANS, REQUESTS
from infra_scale.model.scope import Scope, Shard

if TYPE_CHECKING:
    from datetime import datetime

Rows = tuple[tuple[str, str], ...]
"""Terms and their descriptions."""
Group = argparse._ArgumentGroup  # noqa: SLF001 (argparse has no public name for what it returns)


class CommandParser(argparse.ArgumentParser):
    """A parser whose help has groups, examples and exit codes; wrong usage raises UsageError."""

    def __init__(self, command: str, description: str, sections: Mapping[str, Rows]) -> None:
        super().__init__(
            prog=f"{program()} {command}",
            description=as_started(description),
            formatter_class=_Checking,
            add_help=False,
            allow_abbrev=False,
        )
        self.sections = {
            title: tuple((as_started(term), text) for term, text in rows) for title, rows in sections.items()
        }
        self._optionals.title = "general"
        self.add_argument("-h", "--help", action="help", help="show this help")

    def format_help(self) -> str:
        """The help, as wide as the terminal."""
        from infra_scale.cli.help_text import help_text  # noqa: PLC0415 (only for help)

        filled = [(group.title or "", group._group_actions) for group in self._action_groups if group._group_actions]  # noqa: SLF001 (argparse has no public list)
        return help_text(
            self.prog, self.description or "", filled, self.sections, width=terminal.width(elsewhere=_PAGE)
        )

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(message, hint=self._advice(message))

    def _advice(self, message: str) -> str:
        from infra_scale.core.syntax.similar import nearest  # noqa: PLC0415 (only for an error)

        *_, unknown = message.partition("unrecognized arguments: ")
        first = unknown.split(" ")[0].split("=")[0]
        close = nearest(first, list(self._option_string_actions)) if first.startswith("--") else None
        *_, wrong = message.partition("invalid choice: '")
        if found := wrong.partition("' (choose from ")[0]:
            choices = [str(choice) for action in self._actions for choice in action.choices or ()]
            offered = [choice for choice in choices if choice in message]
            close = next((choice for choice in offered if found in choice), None) or nearest(found, offered)
        return f"did you mean {close}?" if close else f"`{self.prog} --help` lists the options"


_PAGE = 80
"""Width of the help if the output is not a terminal."""


def parser(
    command: str,
    *,
    description: str,
    examples: Rows,
    codes: Rows,
    more: Mapping[str, Rows] | None = None,
) -> CommandParser:
    """The parser of a command, with examples and exit codes below its help, and `more` between them."""
    return CommandParser(command, description, {"examples": examples, **(more or {}), "exit codes": codes})


class _Checking(argparse.RawDescriptionHelpFormatter):
    """For argparse's formatter while options are added: without a width, it loads shutil."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)


def add_scope(to: Group, *, judged: str = "newest commit") -> None:
    """PATH…, --target, --as-of, --root; `judged` is the default of --as-of."""
    to.add_argument("paths", nargs="*", metavar="PATH", help="request files or folders below requests/ (default: all)")
    to.add_argument("--target", metavar="T", help="only requests for this target")
    to.add_argument(
        "--as-of",
        metavar="TIME",
        help=f"measure the age of snapshots at this time, for example 2026-01-31T12:00:00Z (default: {judged})",
    )
    add_root(to)


def add_root(to: Group) -> None:
    """--root."""
    to.add_argument(
        "--root", metavar="DIR", help="the folder with requests/ (default: searched upwards from the current folder)"
    )


def add_speed(to: CommandParser) -> None:
    """--jobs and --no-cache."""
    speed = to.add_argument_group("speed")
    speed.add_argument(
        "--jobs", metavar="N", type=_jobs, help="number of processes (default: one per CPU for large repositories)"
    )
    speed.add_argument("--no-cache", action="store_true", help="do not use the cache in .artifacts/cache")


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _MOST_JOBS:
        message = f"--jobs must be between 1 and {_MOST_JOBS}, got {shortened(text)!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


_MOST_JOBS = 64


def add_shard(to: Group) -> None:
    """--shard."""
    to.add_argument(
        "--shard",
        metavar="I/N",
        type=_shard,
        help="process part I of N; the split is deterministic, so N CI jobs cover all requests",
    )


def refuse_parts_of_parts(given: argparse.Namespace) -> None:
    """Raise UsageError for --shard with an option that selects a part."""
    others = {"PATH": given.paths, "--target": given.target, "--staged": given.staged}
    others["--keep-going"] = getattr(given, "keep_going", False)
    beside = [name for name, value in others.items() if value]
    if given.shard and beside:
        message = f"--shard cannot be combined with {beside[0]}"
        raise UsageError(message, hint="--shard splits a run over all requests")


def refuse_base_beside(given: argparse.Namespace) -> None:
    """Raise UsageError where --base is to judge less than the whole change."""
    others = {"PATH": given.paths, "--target": given.target, "--staged": given.staged, "--shard": given.shard}
    beside = [name for name, value in others.items() if value]
    if given.base is not None and beside:
        message = f"--base cannot be combined with {beside[0]}"
        raise UsageError(message, hint="--base selects what the change touches")


def _shard(text: str) -> Shard:
    index, _, count = text.partition("/")
    numbers = [int(one) if one.isascii() and one.isdigit() and len(one) < len("10000") else 0 for one in (index, count)]
    if not 0 < numbers[0] <= numbers[1] <= _MOST_SHARDS:
        message = f"--shard must be I/N such as 1/4, with N at most {_MOST_SHARDS}, got {shortened(text)!r}"
        raise argparse.ArgumentTypeError(message)
    return Shard(numbers[0] - 1, numbers[1])


_MOST_SHARDS = 1000


def as_of(given: argparse.Namespace) -> "datetime | None":
    """The value of --as-of. Raises UsageError."""
    if given.as_of is None:
        return None
    from infra_scale.model.time import read_time  # noqa: PLC0415 (only where it is given)

    time = read_time(str(given.as_of))
    if time is None:
        message = f"--as-of must be a time with its time zone, got {shortened(str(given.as_of))!r}"
        raise UsageError(message, hint="for example --as-of 2026-01-31T12:00:00Z")
    return time


def add_flags(to: CommandParser) -> None:
    """Flags of the original CLI that describe a request."""
    where = to.add_argument_group("where it runs")
    where.add_argument("--target", metavar="T", help="target environment (default: prod)")
    where.add_argument("--namespace", metavar="NS", help="Kubernetes namespace (default: default)")
    what = to.add_argument_group("what is scaled")
    for name, form, help in (
        ("--workload", "KIND:NAME:REPLICAS", "what to scale; repeatable"),
        ("--req", "NAME:cpu=C,mem=M", "resource requests; repeatable"),
        ("--lim", "NAME:cpu=C,mem=M", "resource limits; repeatable"),
        ("--hpa", "min:N,max:N,cpu:P", "for every workload with replicas"),
    ):
        what.add_argument(name, metavar=form, action="append", default=[], help=help)
    what.add_argument("--autoscaling", metavar="MODE", default="hpa", help="hpa or none (default: hpa)")


def flags(given: argparse.Namespace) -> Flags:
    """The values of `add_flags`."""
    return Flags(
        target="prod" if given.target is None else given.target,
        namespace="default" if given.namespace is None else given.namespace,
        autoscaling=given.autoscaling,
        workloads=tuple(given.workload),
        requests=tuple(given.req),
        limits=tuple(given.lim),
        hpa=tuple(given.hpa),
        owner=getattr(given, "owner", None) or None,
        reason=getattr(given, "reason", None) or None,
        ticket=getattr(given, "ticket", None) or None,
    )


def root_folder(given: str | None) -> Path:
    """The folder with requests/. Raises UsageError."""
    if given is not None:
        root = Path(given)
        if not files.is_folder(root):
            message = f"{given} is not a folder"
            raise UsageError(message, hint="--root must be the folder with requests/")
        return _real(root)
    root_or_none = _nearest_root()
    if root_or_none is None:
        message = "no requests/ folder in the current folder or above it"
        raise UsageError(message, hint="create one with `infra-scale init`, or set --root")
    return root_or_none


def folder_to_begin_in() -> Path:
    """The folder with requests/, or the one to create it in: the top of the repository, else the current folder."""
    here = files.current_folder()
    return _nearest_root() or files.find_root(here, any_of=(".git",)) or here


def _nearest_root() -> Path | None:
    # Another folder can have that name, such as one of tests: next to ops/ or at the top of a repository it is ours.
    here = files.current_folder()
    return files.find_root(here, all_of=(REQUESTS,), any_of=("ops", ".git")) or files.find_root(
        here, any_of=(REQUESTS, PLANS)
    )


def scope(paths: Sequence[str], target: str | None, *, root: Path) -> Scope:
    """The scope of a target and of paths relative to the current folder.

    Raises UsageError for a path outside requests/.
    """
    below = tuple(below_root(path, root) for path in paths)
    return Scope(target, () if {".", REQUESTS} & set(below) else below)


def below_root(path: str, root: Path, folders: Sequence[str] = (REQUESTS,)) -> str:
    """A path in one of some folders, from the root. Raises UsageError."""
    places = _places(Path(os.path.normpath(files.current_folder() / path))) if path else ()
    for place in places:
        relative = Path(os.path.relpath(place, root)).as_posix()
        if relative in (".", *folders) or relative.startswith(tuple(f"{folder}/" for folder in folders)):
            return relative
    message = f"{path or 'an empty path'} is not below {' or '.join(f'{folder}/' for folder in folders)}"
    raise UsageError(message, hint="expected a request file or a folder below requests/")


def _places(given: Path) -> Iterator[Path]:
    """A path as given, and with resolved parents; a file that is a link itself is refused later."""
    yield given
    yield _real(given.parent) / given.name
    if files.is_folder(given):
        yield _real(given)


def _real(path: Path) -> Path:
    """With resolved links; unlike Path.resolve, it accepts every name."""
    return Path(os.path.realpath(path))
