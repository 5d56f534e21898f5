"""Write the changes of a compile to the work tree."""

from collections.abc import Collection, Iterable
from itertools import chain
from typing import NamedTuple

from infra_scale.adapters import workers, writing
from infra_scale.adapters.checkout import refuse_left_out
from infra_scale.core.compiling.compiled import Folded
from infra_scale.core.documents.header import origin
from infra_scale.core.generated.tree import contents
from infra_scale.core.generated.unexpected import blockers, is_prunable
from infra_scale.errors import InfraScaleError
from infra_scale.model.filechange import ChangedPath, FileChange
from infra_scale.model.names import GENERATED
from infra_scale.model.source import Found
from infra_scale.usecases.streaming.gathering import Batches, Changes
from infra_scale.usecases.streaming.job import Generated, Interrupted, Job

FEW = 300
"""Fewer requests than this are compiled before a second process has started."""


class Edits(NamedTuple):
    """The changes besides the files of requests."""

    besides: tuple[FileChange, ...]
    unfinished: tuple[str, ...]
    """Temporary files to delete."""
    pruned: tuple[str, ...] = ()
    """Files to delete: unexpected ones, and those at the paths of generated files."""


def changes_besides(folded: Folded) -> tuple[FileChange, ...]:
    """The changes that belong to no single request, in the order in which to write them."""
    committed = contents(folded.rest.found)
    wanted = {**folded.files, **dict.fromkeys(folded.obsolete)}
    before = {path: content for path, content in committed.items() if path not in folded.rest.unstaged}
    found = (FileChange(path, before.get(path), after) for path, after in sorted(wanted.items()))
    return tuple(change for change in found if change.before != change.after)


def obstacles(batches: Batches, folded: Folded, present: Collection[Found]) -> set[str]:
    """Paths of files and folders that block a generated file."""
    files = chain.from_iterable(one.request.files for one in batches.kept())
    found = blockers(present, chain(files, folded.files)).values()
    return {item.path for item in found if is_prunable(item)}


def write(job: Job, batches: Batches, edits: Edits, *, changed: int, jobs: int) -> None:
    """Write all changes if the job requires it; `changed` files belong to requests.

    Raises InfraScaleError if git would not see a change, and Interrupted.
    """
    generated, wants = job.generated, job.wants
    _refuse_unseen_deletions(generated, edits.besides)
    if not (wants.writes and (edits.besides or changed or edits.unfinished or edits.pruned)):
        return
    others = tuple(ChangedPath(change.path, change.verb) for change in edits.besides)
    others += tuple(ChangedPath(path, "deleted") for path in edits.pruned)
    refuse_left_out(generated.left_out_of(Changes(batches, others)))
    _write(job, batches, edits, _Progress(changed, jobs if changed >= FEW else 1))


class _Progress(NamedTuple):
    changed: int
    jobs: int


def _write(job: Job, batches: Batches, edits: Edits, progress: _Progress) -> None:
    root, written, everything = job.root, 0, progress.changed + len(edits.besides)

    def write_batch(batch: int) -> int:
        seen: set[str] = set()
        number = 0
        for number, (path, content) in enumerate(batches.contents(batch), start=1):  # noqa: B007
            writing.put(root, path, content, seen)
        return number

    try:
        with writing.held(root, GENERATED):
            writing.remove(root, GENERATED, edits.unfinished)
            writing.prune(root, GENERATED, frozenset(edits.pruned))
            for number in workers.spread(write_batch, range(len(batches.packed)), progress.jobs):
                written += number
                job.show("writing", written, everything)
            # A namespace's Component is written after those that it includes, and they are deleted after it.
            left = [change for change in edits.besides if not job.generated.is_in_step(change.path, change.after)]
            for change in left:
                if change.after is not None:
                    writing.put(root, change.path, change.after, set())
            writing.remove(root, GENERATED, [change.path for change in left if change.after is None])
    except KeyboardInterrupt as error:
        message = f"at least {written} of {everything} files were written, each whole; the next run completes the rest"
        raise Interrupted(message) from error


def _refuse_unseen_deletions(generated: Generated, changes: Iterable[FileChange]) -> None:
    """Raise InfraScaleError if a plan would be deleted whose request is in the index as assumed unchanged."""
    gone = {origin(one.path, one.before) for one in changes if one.after is None and one.before is not None}
    missing = sorted(path for path in gone if path)
    assumed = generated.assumed(missing) if missing else ()
    if assumed:
        from shlex import quote  # noqa: PLC0415 (only for an error)

        message = f"{assumed[0]} is not on disk, and git's index assumes it to be unchanged"
        path = quote(assumed[0])
        delete = f"git update-index --no-assume-unchanged {path} && git rm --quiet --cached {path}"
        hint = f"restore the file, or delete it for git as well: `{delete}`"
        raise InfraScaleError(message, hint=hint)
