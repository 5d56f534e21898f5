"""What git would not see of a run's changes, because of marks in its index: refused before anything is written."""

from collections.abc import Iterable

from infra_scale.adapters.checkout import refuse_left_out
from infra_scale.core.documents.header import origin
from infra_scale.errors import InfraScaleError
from infra_scale.model.filechange import Change, FileChange
from infra_scale.usecases.gradual.trees import Tree


def refuse_unseen_deletions(tree: Tree, changes: Iterable[FileChange]) -> None:
    """Raise InfraScaleError where plans go of a request that git has still, and assumes to be unchanged."""
    gone = {origin(one.path, one.before) for one in changes if one.after is None and one.before is not None}
    missing = sorted(path for path in gone if path)
    assumed = tree.assumed(missing) if missing else ()
    if assumed:
        from shlex import quote  # noqa: PLC0415 (only for an error)

        message = f"{assumed[0]} is not on disk, and git's index assumes it to be unchanged"
        take_back = f"git update-index --no-assume-unchanged {quote(assumed[0])}"
        hint = f"restore the file, or take the mark back ({take_back}) and delete it with git rm"
        raise InfraScaleError(message, hint=hint)


def refuse_unseen_changes(tree: Tree, changes: Iterable[Change]) -> None:
    """Raise InfraScaleError where files would be written that git has not checked out, and keeps as they are."""
    refuse_left_out(tree.left_out_of(changes))
