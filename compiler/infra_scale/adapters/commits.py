"""What a commit of the local repository holds, read through GitPython."""

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from infra_scale.errors import InfraScaleError
from infra_scale.model.source import Found, NotAFile, Source

try:
    import git
    from git.exc import GitError, ODBError
except ModuleNotFoundError:
    raise
except ImportError as error:  # GitPython looks for git when it is imported
    _REASON = "git is not installed"
    raise InfraScaleError(_REASON, hint="install git and put it on the PATH") from error

_UNKNOWN = (GitError, ODBError, ValueError, BrokenPipeError)
"""What GitPython raises for a revision that it does not find, or may not look for."""
_LINK = 0o120000
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HISTORY = 1000
"""Commits that are looked through for the last one of each path."""


class CommitError(InfraScaleError):
    """The local repository does not have, or does not show, what was asked for."""


def files_at(root: Path, commit: str, folder: str, *, limit: int) -> tuple[Found, ...]:
    """Everything below `folder` of `root` as a `commit` has it, with content up to `limit` bytes.

    Hidden files are passed over. Raises CommitError where the commit is not here: nothing is fetched.
    """
    try:
        with git.Repo(root, search_parent_directories=True) as repository:
            inside = f"{_prefix(repository, root)}{folder}"
            tree = repository.commit(commit).tree
            items = _items(tree / inside) if _has(tree, inside) else iter(())
            skipped = len(inside) - len(folder)
            found = (_found(item, skipped, limit) for item in items if "/." not in str(item.path)[skipped:])
            return tuple(found)
    except git.InvalidGitRepositoryError as error:
        raise _no_repository(root) from error
    except _UNKNOWN as error:
        raise _missing(commit, error, root) from error


def committed_at(root: Path, commit: str) -> str:
    """When a commit was made, RFC 3339 in UTC with seconds. Raises CommitError."""
    try:
        with git.Repo(root, search_parent_directories=True) as repository:
            moment = repository.commit(commit).committed_datetime
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except git.InvalidGitRepositoryError as error:
        raise _no_repository(root) from error
    except _UNKNOWN as error:
        raise _missing(commit, error, root) from error


def prefix(root: Path) -> str:
    """Where `root` is in its repository: empty at the top, else a path with a final slash. Raises CommitError."""
    try:
        with git.Repo(root, search_parent_directories=True) as repository:
            return _prefix(repository, root)
    except git.InvalidGitRepositoryError as error:
        raise _no_repository(root) from error


class Objects:
    """Objects of a clone by their id."""

    def __init__(self, repository: git.Repo, root: Path) -> None:
        self._repository = repository
        self._root = root

    def tree(self, name: str) -> bytes:
        """A tree as Git stores it. Raises CommitError where it is not here."""
        try:
            return bytes(self._repository.odb.stream(bytes.fromhex(name)).read())
        except _UNKNOWN as error:
            if _is_untrusted(error, self._root):
                raise _missing(name, error, self._root) from error
            message = f"this clone lacks a part of the history: the tree {name}"
            raise CommitError(message, hint="git fetch --unshallow (in Actions: fetch-depth: 0)") from error

    def blob(self, name: str, *, limit: int) -> bytes | None:
        """A file's content of up to `limit` bytes; None where it is larger, or not here."""
        try:
            found = self._repository.odb.stream(bytes.fromhex(name))
            return bytes(found.read()) if found.type == b"blob" and found.size <= limit else None
        except _UNKNOWN:
            return None


@contextmanager
def objects(root: Path) -> Iterator[Objects]:
    """The objects of the clone that `root` is in. Raises CommitError outside a repository."""
    try:
        repository = git.Repo(root, search_parent_directories=True)
    except git.InvalidGitRepositoryError as error:
        raise _no_repository(root) from error
    with repository:
        yield Objects(repository, root)


def changed_paths(root: Path, commit: str) -> frozenset[str]:
    """The paths, from the top of the repository, at which HEAD differs from `commit`. Raises CommitError."""
    try:
        with git.Repo(root, search_parent_directories=True) as repository:
            trees = (repository.commit(one).tree.hexsha for one in (commit, "HEAD"))
            listed = repository.git.diff_tree("-r", "-z", "--name-only", "--no-renames", *trees)
            return frozenset(path for path in listed.split("\0") if path)
    except _UNKNOWN as error:
        raise _missing(commit, error, root) from error


def tree_of(root: Path, commit: str) -> str:
    """The id of a commit's tree. Raises CommitError."""
    try:
        with git.Repo(root, search_parent_directories=True) as repository:
            return repository.commit(commit).tree.hexsha
    except _UNKNOWN as error:
        raise _missing(commit, error, root) from error


def first_parent_of_merge(root: Path) -> str | None:
    """The commit that HEAD merges into, where HEAD is a merge: what Actions checks out for a pull request."""
    try:
        with git.Repo(root, search_parent_directories=True) as repository:
            parents = repository.head.commit.parents
            return parents[0].hexsha if len(parents) > 1 else None
    except _UNKNOWN:
        return None


def last_changes(root: Path, commit: str, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Author and SHA of the last commit up to `commit` that changed each path below `root`, where history tells.

    A shallow clone shows everything as changed by its oldest commits: these are left out. Raises CommitError.
    """
    if not paths:
        return {}
    with git.Repo(root, search_parent_directories=True) as repository:
        inside = _prefix(repository, root)
        shallow = Path(repository.common_dir) / "shallow"
        cut = set(shallow.read_text("ascii").split()) if shallow.exists() else set()
        options = ("--format=%x01%H%x00%an", "--name-only", "--no-renames", "-z", f"--max-count={_HISTORY}")
        try:
            log = repository.git.log(*options, commit, "--", *(f"{inside}{path}" for path in paths))
        except GitError as error:
            raise _missing(commit, error, root) from error
    found: dict[str, tuple[str, str]] = {}
    for entry in log.split("\x01")[1:]:
        sha, author, *changed = entry.replace("\n", "").split("\0")
        for path in changed:
            if sha not in cut:
                found.setdefault(path.removeprefix(inside), (author, sha))
    return {path: found[path] for path in paths if path in found}


def _prefix(repository: git.Repo, root: Path) -> str:
    top = Path(str(repository.working_tree_dir)).resolve()
    inside = root.resolve().relative_to(top).as_posix()
    return "" if inside == "." else f"{inside}/"


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


def _no_repository(root: Path) -> CommitError:
    message = f"{root} is not in a git repository"
    return CommitError(message, hint="run it in a clone of the repository")


def _is_untrusted(error: Exception, root: Path) -> bool:
    return "dubious ownership" in f"{error} {_complaint(root)}"


def _missing(commit: str, error: Exception, root: Path) -> CommitError:
    if _is_untrusted(error, root):
        message = "git does not trust this repository: it belongs to somebody else"
        return CommitError(message, hint=f"git config --global --add safe.directory {shlex.quote(str(root))}")
    message = f"this clone does not have the commit {commit}"
    hint = f"fetch it: git fetch --no-tags --depth=1 origin {commit} (in Actions: fetch-depth: 0)"
    if not _SHA.fullmatch(commit):
        hint = "name a commit, branch or tag that is here, or fetch it first (in Actions: fetch-depth: 0)"
    return CommitError(message, hint=hint)


def _complaint(root: Path) -> str:
    """What git itself says about the repository; GitPython loses it where its helper process ends early."""
    try:
        git.Git(root).rev_parse("--git-dir")
    except GitError as error:
        return str(error)
    return ""
