"""What a run has settled on, and how the disk is brought to it."""

from collections.abc import Collection
from itertools import chain
from typing import NamedTuple

from infra_scale.adapters import gradual, workers
from infra_scale.core.compiling.fold import Joined
from infra_scale.core.generated.tree import contents
from infra_scale.core.generated.unexpected import blockers, is_prunable
from infra_scale.model.filechange import FileChange
from infra_scale.model.finding import Finding
from infra_scale.model.names import GENERATED
from infra_scale.model.source import Found
from infra_scale.usecases.gradual.batch import Work
from infra_scale.usecases.gradual.gathering import Batches, Stand
from infra_scale.usecases.gradual.job import Interrupted, Job

FEW = 300
"""Fewer requests than this are done before a second process has begun."""


class Settled(NamedTuple):
    """The requests whose files are wanted, and what has to be done beside them."""

    batches: Batches
    stand: Stand
    rest: gradual.Rest
    joined: Joined = Joined({}, (), ())
    faults: tuple[Finding, ...] = ()

    def changes(self) -> tuple[FileChange, ...]:
        """What belongs to no single request and has to change, in the order in which it has to."""
        committed = contents(self.rest.found)
        wanted = {**self.joined.files, **dict.fromkeys(self.joined.obsolete)}
        before = {path: content for path, content in committed.items() if path not in self.rest.unstaged}
        found = (FileChange(path, before.get(path), after) for path, after in sorted(wanted.items()))
        return tuple(change for change in found if change.before != change.after)

    def obstacles(self, lying: Collection[Found]) -> set[str]:
        """Paths of what is in the way of a wanted file."""
        files = chain.from_iterable(made.files for made in self.batches.standing())
        found = blockers(lying, chain(files, self.joined.files)).values()
        return {item.path for item in found if is_prunable(item)}


class Edits(NamedTuple):
    """What has to be done to the disk, besides writing the files of requests."""

    rest: tuple[FileChange, ...]
    pruned: tuple[str, ...] = ()
    """What is unexpected, or in the way."""


def write(work: Work, job: Job, settled: Settled, edits: Edits, *, jobs: int) -> None:
    """Bring the disk to it. Raises FilesError, and Interrupted."""
    root, batches = work.tree.root, settled.batches
    written, everything = 0, settled.stand.changed + len(edits.rest)

    def write_batch(batch: int) -> int:
        seen: set[str] = set()
        number = 0
        for number, one in enumerate(batches.writes(batch), start=1):  # noqa: B007 (their number is the answer)
            if one.aside:
                gradual.put(root, one.change.path, work.shelf_of(batch).take(one.aside), seen)
        return number

    try:
        with gradual.held(root, GENERATED):
            gradual.remove(root, GENERATED, settled.rest.unfinished)
            gradual.prune(root, GENERATED, frozenset(edits.pruned))
            several = jobs if settled.stand.changed >= FEW else 1
            for number in workers.spread(write_batch, range(len(batches.packed)), several):
                written += number
                job.show("writing", written, everything)
            # A namespace's Component comes after those that it joins, and these go after it.
            left = [change for change in edits.rest if not work.tree.has(change.path, change.after)]
            for change in left:
                if change.after is not None:
                    gradual.put(root, change.path, change.after, set())
            gradual.remove(root, GENERATED, [change.path for change in left if change.after is None])
    except KeyboardInterrupt as error:
        message = f"at least {written} of {everything} files were written, each whole; the next run completes the rest"
        raise Interrupted(message) from error
