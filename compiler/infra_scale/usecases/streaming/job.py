"""What a compile does, and how."""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from infra_scale.core.compiling.context import Facts
from infra_scale.model.filechange import ChangedPath
from infra_scale.model.source import Found
from infra_scale.model.state import RepositoryState, Rest

Bytes = Callable[[], bytes]
Watch = Callable[[str, int, int], None]
"""Called with the current step, and how many of how many are done."""


class Look(NamedTuple):
    """What is at the path of a generated file. Contents have the line ends that we write."""

    found: Found | None
    before: bytes | None
    """What a change is compared with."""


class Generated(Protocol):
    """Where generated files are."""

    @property
    def cache(self) -> str:
        """The name under which results are cached; empty where they are not."""

    @property
    def is_written(self) -> bool:
        """Whether it has what a run has written."""

    def look(self, path: str) -> Look:
        """What is at a path. Raises InfraScaleError."""

    def blob(self, path: str, content: Bytes) -> bytes:
        """Bytes that are the same while the content at a path is; `content` reads it."""

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """What is there besides, see core/compiling/fold.py. Raises InfraScaleError."""

    def counted(self, unexpected: Iterable[Found], unfinished: Iterable[str]) -> tuple[Found, ...]:
        """Those of unexpected and of temporary files that Git tracks or would add. Raises GitError.

        Outside of a repository, every unexpected file.
        """

    def is_in_step(self, path: str, content: bytes | None) -> bool:
        """Whether the work tree already has the new content of a change; None: no file."""

    def left_out_of(self, changes: Iterable[ChangedPath]) -> list[str]:
        """Paths of changed files that are in the index and not checked out, so that they cannot be changed here."""

    def assumed(self, paths: Sequence[str]) -> Sequence[str]:
        """Those of some missing requests that the index assumes to be unchanged."""


class Wants(NamedTuple):
    """The outcome that a compile is run for."""

    writes: bool
    details: bool = False
    """Whether the contents of changes are shown, and not only their paths."""
    everything: bool = False
    """Whether unchanged plans and their findings are shown one by one."""
    judges: bool = False
    """Whether an unexpected file is an error, and not a warning."""
    prunes: bool = False
    """Whether unexpected files are deleted."""
    plans: bool = False
    """Whether plans and the contents of all files are kept."""
    world: Literal["none", "changed", "all"] = "none"
    """The selected requests for which findings of the world are computed: those whose plans change, or all."""
    judges_world: bool = False
    """Whether an error of the world makes the run invalid."""


class Job(NamedTuple):
    """How a compile is run."""

    root: Path
    """The work tree."""
    state: RepositoryState
    """Where requests are read."""
    generated: Generated
    """What they are compared with, and written to."""
    wants: Wants
    keep_going: bool = True
    """Whether a refused request keeps only its own files from being written."""
    jobs: int | None = None
    """Processes; None: as many as there are processors, where there are enough requests."""
    watch: Watch | None = None
    uses_cache: bool = False
    facts: Callable[[], Facts] | None = None
    """Reads what findings of the world depend on, where they are computed."""

    def show(self, verb: str, done: int, total: int) -> None:
        """Report progress, where it is shown."""
        if self.watch:
            self.watch(verb, done, total)


NOTHING_WRITTEN = "nothing was written"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; the message reports what was done until then."""
