"""The options of a compile."""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from infra_scale.core.compiling.context import Facts
from infra_scale.model.filechange import ChangedPath
from infra_scale.model.source import Found
from infra_scale.model.state import RepositoryState, Rest
from infra_scale.usecases.streaming.manifests import KnownManifests

Bytes = Callable[[], bytes]
Watch = Callable[[str, int, int], None]
"""Called with the current step, the number done, and the total."""


class Look(NamedTuple):
    """The content at the path of a generated file, with the line ends that infra-scale writes."""

    found: Found | None
    before: bytes | None
    """The existing generated files to compare with."""


class Generated(Protocol):
    """The folder of generated files."""

    @property
    def cache(self) -> str:
        """The name under which results are cached; empty without a cache."""

    @property
    def is_written(self) -> bool:
        """Whether it includes files written by this run."""

    def look(self, path: str) -> Look:
        """The content at a path. Raises InfraScaleError."""

    def blob(self, path: str, content: Bytes) -> bytes:
        """An identifier of the content at a path, which `content` reads."""

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """The other generated files, see core/compiling/fold.py. Raises InfraScaleError."""

    def counted(self, unexpected: Iterable[Found], unfinished: Iterable[str]) -> tuple[Found, ...]:
        """The unexpected and temporary files that Git tracks or would add. Raises GitError.

        Outside of a repository, every unexpected file.
        """

    def is_in_step(self, path: str, content: bytes | None) -> bool:
        """Whether the work tree already has the new content of a change; None: no file."""

    def left_out_of(self, changes: Iterable[ChangedPath]) -> list[str]:
        """Paths of changed files that are in the index and not checked out, so that they cannot be changed here."""

    def assumed(self, paths: Sequence[str]) -> Sequence[str]:
        """The missing requests that the index assumes to be unchanged."""


class Wants(NamedTuple):
    """The requested results of a compile."""

    writes: bool
    details: bool = False
    """Whether the contents of changes are shown, not only their paths."""
    unchanged_plans: bool = False
    """Whether unchanged plans are listed one by one."""
    unchanged_findings: bool = False
    """Whether the findings of requests with an unchanged plan are shown."""
    judges: bool = False
    """Whether an unexpected file is an error instead of a warning."""
    prunes: bool = False
    """Whether unexpected files are deleted."""
    plans: bool = False
    """Whether plans and the contents of all files are kept."""
    world: Literal["none", "changed", "all"] = "none"
    """The selected requests with computed findings of the world: those whose plans change, or all."""
    judges_world: bool = False
    """Whether an error of the world makes the run invalid."""

    @property
    def shows_unchanged(self) -> bool:
        """Whether a request with an unchanged plan has to be compiled again."""
        return self.unchanged_plans or self.unchanged_findings


class Job(NamedTuple):
    """How to run a compile."""

    root: Path
    """The work tree."""
    state: RepositoryState
    """The state with the requests."""
    generated: Generated
    """The generated files to compare with and to write."""
    wants: Wants
    keep_going: bool = True
    """Whether a refused request prevents writing only its own files."""
    jobs: int | None = None
    """The number of processes; None: one per processor if there are enough requests."""
    watch: Watch | None = None
    uses_cache: bool = False
    known: KnownManifests | None = None
    """The manifests of the state, if what they declare is cached."""
    facts: Callable[[], Facts] | None = None
    """Reads the inputs of findings of the world, if they are computed."""

    def show(self, verb: str, done: int, total: int) -> None:
        """Report progress if it is shown."""
        if self.watch:
            self.watch(verb, done, total)


NOTHING_WRITTEN = "nothing was written"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; the message reports what was already written."""
