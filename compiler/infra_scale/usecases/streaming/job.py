"""What a compile does, and how."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.core.compiling.context import Facts
from infra_scale.model.state import RepositoryState
from infra_scale.usecases.streaming.generated import Generated

Watch = Callable[[str, int, int], None]
"""Called with the current step, and how many of how many are done."""


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
