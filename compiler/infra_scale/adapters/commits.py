"""Content of commits of the local repository, read through git's plumbing; history through GitPython."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from infra_scale.adapters import git, git_command
from infra_scale.adapters.environment import replaced
from infra_scale.adapters.git import GitError, NoRepositoryError
from infra_scale.adapters.objects import Blobs
from infra_scale.adapters.process import too_slow

_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_MOST_TREE_BYTES = 64 << 20
_HISTORY = 1000
"""Maximum number of commits searched for the last one of each path."""
_WITHOUT_START = {"GIT_PYTHON_REFRESH": "quiet", "GIT_PYTHON_GIT_EXECUTABLE": "/dev/null"}
"""GitPython starts git on import; it cannot start this one, and reports no error."""


class CommitError(GitError):
    """The local repository does not have the requested object, or is not readable."""


def committed_at(root: Path, commit: str) -> datetime:
    """When a commit was made. Raises CommitError."""
    with translated(root):
        return git.committed_at(root, full_sha(root, commit))


def prefix(root: Path) -> str:
    """Where `root` is in its repository: empty at the top, else a path with a final slash. Raises CommitError."""
    with translated(root):
        return git.line(git.ask(root, "rev-parse", "--show-prefix"))


class Objects:
    """Objects of a clone by their id."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def tree(self, name: str) -> bytes:
        """A tree as Git stores it. Raises CommitError where it is not here."""
        content = self._blobs.read("tree", name, limit=_MOST_TREE_BYTES)[1]
        if not content and name != _EMPTY_TREE:
            message = f"this clone does not have a part of the history: the tree {name}"
            raise CommitError(message, hint="`git fetch --unshallow` (in Actions: fetch-depth: 0)")
        return content or b""

    def blob(self, name: str, *, limit: int) -> bytes | None:
        """A file's content of up to `limit` bytes; None where it is larger, or not here."""
        size, content = self._blobs.read("blob", name, limit=limit)
        return content if size <= limit else None


@contextmanager
def objects(root: Path) -> Iterator[Objects]:
    """The objects of the clone that `root` is in. Raises CommitError outside a repository."""
    with translated(root), closing(Blobs(root)) as blobs:
        git.call(root, "cat-file")  # is there a repository?
        yield Objects(blobs)


def changed_paths(root: Path, commit: str) -> frozenset[str]:
    """The paths, from the top of the repository, at which HEAD differs from `commit`. Raises CommitError."""
    with translated(root):
        trees = (tree_of(root, one) for one in (commit, "HEAD"))
        listed = git.ask(root, "diff-tree", "-r", "-z", "--name-only", "--no-renames", *trees)
        return frozenset(git.split(listed))


def tree_of(root: Path, commit: str) -> str:
    """The id of a commit's tree. Raises CommitError."""
    with translated(root):
        return git.line(git.ask(root, "rev-parse", f"{full_sha(root, commit)}^{{tree}}"))


def first_parent_of_merge(root: Path) -> str | None:
    """The commit that HEAD merges into, where HEAD is a merge: what Actions checks out for a pull request.

    A clone that is cut off at HEAD does not have its parents, but it has their names.
    """
    try:
        head = git.ask(root, "cat-file", "commit", "HEAD").partition(b"\n\n")[0]
    except GitError:
        return None
    parents = [line.removeprefix(b"parent ") for line in head.splitlines() if line.startswith(b"parent ")]
    return parents[0].decode("ascii") if len(parents) > 1 else None


def last_changes(root: Path, commit: str, paths: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Author and SHA of the last commit up to `commit` that changed each path below `root`, if known.

    A shallow clone shows everything as changed by its oldest commits: these are left out. Raises CommitError.
    """
    if not paths:
        return {}
    options = ("--format=%x01%H%x00%an", "--name-only", "--no-renames", "-z", f"--max-count={_HISTORY}")
    with translated(root):
        inside, cut = prefix(root), _cut(root)
        log = _history(git.call(root, "log", *options, full_sha(root, commit), "--", *paths))
    found: dict[str, tuple[str, str]] = {}
    for entry in log.split("\x01")[1:]:
        sha, author, *changed = entry.replace("\n", "").split("\0")
        for path in changed:
            if sha not in cut:
                found.setdefault(path.removeprefix(inside), (author, sha))
    return {path: found[path] for path in paths if path in found}


def _history(call: git.Call) -> str:
    with replaced({**call.environment, **_WITHOUT_START}):
        from git import Git  # noqa: PLC0415 (slow to import, and only the history is read through it)

        code, log, complaint = Git(call.folder).execute(
            list(call.arguments),
            with_extended_output=True,
            with_exceptions=False,
            kill_after_timeout=git_command.SECONDS,
        )
    if complaint.startswith("Timeout: "):
        raise too_slow(call.arguments[0], git_command.SECONDS)
    if code:
        message = f"git log failed: {complaint}"
        raise GitError(message)
    return str(log)


def _cut(root: Path) -> set[str]:
    """Commits whose parents a shallow clone does not have."""
    shallow = root / git.line(git.ask(root, "rev-parse", "--git-path", "shallow"))
    return set(shallow.read_text("ascii").split()) if shallow.is_file() else set()


def full_sha(root: Path, commit: str) -> str:
    """The full SHA of a commit that is here."""
    found = git.commit_of(root, commit)
    if found is None:
        raise _missing(commit)
    return found


@contextmanager
def translated(root: Path) -> Iterator[None]:
    """Turn errors of git into a CommitError."""
    try:
        yield
    except NoRepositoryError as error:
        message = f"{root} is not in a git repository"
        raise CommitError(message, hint="run it in a clone of the repository") from error
    except CommitError:
        raise
    except GitError as error:
        raise CommitError(error.message, hint=error.hint) from error


def _missing(commit: str) -> CommitError:
    message = f"this clone does not have the commit {commit}"
    hint = f"fetch it: `git fetch --no-tags --depth=1 origin {commit}` (in Actions: fetch-depth: 0)"
    if not _SHA.fullmatch(commit):
        hint = "use a commit, branch or tag of this clone, or fetch it first (in Actions: fetch-depth: 0)"
    return CommitError(message, hint=hint)
