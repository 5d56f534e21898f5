"""What a commit of the local repository holds, read through GitPython."""

from collections.abc import Iterator
from pathlib import Path

import git
from git.exc import GitError as GitPythonError

from infra_scale.errors import InfraScaleError
from infra_scale.model.source import Found, NotAFile, Source

_LINK = 0o120000


class CommitError(InfraScaleError):
    """The local repository does not have, or does not show, what was asked for."""


def files_at(root: Path, commit: str, folder: str, *, limit: int) -> tuple[Found, ...]:
    """Everything below `folder` of `root` as `commit` (a full SHA) has it, with content up to `limit` bytes.

    Hidden files are passed over. Raises CommitError where the commit is not here: nothing is fetched.
    """
    try:
        with git.Repo(root, search_parent_directories=True) as repository:
            top = Path(str(repository.working_tree_dir)).resolve()
            prefix = root.resolve().relative_to(top).as_posix()
            inside = folder if prefix == "." else f"{prefix}/{folder}"
            tree = repository.commit(commit).tree
            items = _items(tree / inside) if _has(tree, inside) else iter(())
            skipped = len(inside) - len(folder)
            return tuple(_found(item, skipped, limit) for item in items if "/." not in str(item.path))
    except git.InvalidGitRepositoryError as error:
        message = f"{root} is not in a git repository"
        raise CommitError(message, hint="run it in a clone of the repository") from error
    except (GitPythonError, ValueError) as error:
        raise _missing(commit, error, root) from error


def _has(tree: git.Tree, path: str) -> bool:
    try:
        return isinstance(tree / path, git.Tree)
    except KeyError:
        return False


def _items(tree: git.Tree) -> Iterator[git.Blob | git.Submodule]:
    for item in tree.traverse():
        if isinstance(item, (git.Blob, git.Submodule)):
            yield item


def _found(item: git.Blob | git.Submodule, skipped: int, limit: int) -> Found:
    path = str(item.path)[skipped:]
    if not isinstance(item, git.Blob):
        return NotAFile(path, "a submodule")
    if item.mode == _LINK:
        return NotAFile(path, "a symbolic link")
    return Source(path, item.data_stream.read(limit + 1) if item.size <= limit else b"", item.size)


def _missing(commit: str, error: Exception, root: Path) -> CommitError:
    if "dubious ownership" in str(error):
        message = "git does not trust this repository: it belongs to somebody else"
        return CommitError(message, hint=f"git config --global --add safe.directory {root}")
    message = f"this clone does not have the commit {commit}"
    hint = f"fetch it: git fetch --no-tags --depth=1 origin {commit} (in Actions: fetch-depth: 0)"
    return CommitError(message, hint=hint)
