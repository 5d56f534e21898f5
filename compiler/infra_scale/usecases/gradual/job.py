"""What a run is asked to do, and how."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from infra_scale.usecases.gradual.trees import Tree

Watch = Callable[[str, int, int], None]
"""Told what is done to how many of how many."""


class Wants(NamedTuple):
    """What is wanted of a run."""

    writes: bool
    details: bool = False
    """Whether what changes is to be shown, and not only that it does."""
    everything: bool = False
    """Whether plans that are in step, and what was found about them, are to be shown one by one."""
    judges: bool = False
    """Whether an unexpected file is an error, and not a warning."""
    prunes: bool = False
    """Whether unexpected files are to be deleted."""
    world: Literal["none", "changed", "all"] = "none"
    """Of which selected requests to work out what the world shows: of those whose plans change, or of all."""
    judges_world: bool = False
    """Whether an error of the world makes the run invalid."""


class Job(NamedTuple):
    """How a run is to be done."""

    tree: Tree
    wants: Wants
    keep_going: bool
    jobs: int | None = None
    """Processes; None: as many as there are processors, where there is enough to do."""
    watch: Watch | None = None
    uses_cache: bool = False

    def show(self, verb: str, done: int, total: int) -> None:
        """Report progress, where it is shown."""
        if self.watch:
            self.watch(verb, done, total)


NOTHING_WRITTEN = "nothing was written"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; the message says what was done until then."""
