"""The only module that talks to git.

The hook reads the index with plumbing: it honours the GIT_INDEX_FILE that `git commit -a` and `git commit PATH` set,
which GitPython's index does not, and it answers before GitPython would be imported.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import process
from infra_scale.adapters.process import Dialogue
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import is_passed_over
from infra_scale.model.source import Found, NotAFile, Source

_SECONDS = 60.0
_OPTIONS = ("--no-pager", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "diff.relative=false")
_READING = (*_OPTIONS, "--no-replace-objects", "cat-file")
_WHAT = {"120000": "a symbolic link", "160000": "a submodule"}
_EMPTY = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""The empty blob, by SHA-1 and by SHA-256."""
_AT_ONCE = 1 << 20


class GitError(InfraScaleError):
    """Git refused, or is not there."""


class Entry(NamedTuple):
    """What the index or a commit has at a path."""

    path: str
    blob: str
    """The name of its content in git's database."""
    what: str
    """What it is, as NotAFile has it; empty for a regular file."""


def staged_paths(root: Path) -> tuple[str, ...]:
    """Paths from `root` that the next commit changes below it. Raises GitError."""
    return _staged(root, "--relative")


def has_staged(root: Path) -> bool:
    """Whether the next commit changes anything, wherever. Raises GitError."""
    return bool(_staged(root))


def _staged(root: Path, *options: str) -> tuple[str, ...]:
    command = ("diff", "--cached", "--name-only", "--no-renames", "-z", *options, "--")
    done = process.run(("git", *_OPTIONS, *command), folder=root, seconds=_SECONDS)
    if done.code:
        _git(root, "rev-parse", "--git-dir")  # what `git diff` says outside a repository is about other options
        raise _failed(command[0], done.complaint, root)
    return _split(done.output)


def staged_entries(root: Path, folders: Sequence[str]) -> Iterator[Entry]:
    """Everything below some folders of `root` as the index has it, sorted by path, without what it cannot commit yet.

    Hidden files are left out, except among generated files. Raises GitError, also while the index has unmerged files.
    """
    entries = tuple(entry for entry in _entries(root, folders) if not is_passed_over(entry.path))
    intended = _intended(root, folders) if any(entry.blob in _EMPTY for entry in entries) else frozenset()
    return (entry for entry in entries if entry.path not in intended)


class Blobs:
    """What entries of the index or of a commit hold, read one by one. To be closed.

    To ask for one costs as much as to read a small file, once git has started; each of our processes starts its own.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._started: dict[int, Dialogue] = {}

    def found(self, entry: Entry, *, limit: int) -> Found:
        """An entry with its content; without it where that is larger than `limit` bytes. Raises GitError."""
        if entry.what:
            return NotAFile(entry.path, entry.what)
        git = self._git()
        answer = git.ask(f"{entry.blob}\n".encode("ascii")).removesuffix(b"\n")
        if not answer.isdigit():
            raise _unreadable(self._root, entry)
        size = int(answer)
        if size > limit:
            _pass_over(git, size + 1)
            return Source(entry.path, b"", size)
        content = git.more(size + 1)
        if len(content) <= size:
            raise _unreadable(self._root, entry)
        return Source(entry.path, content[:size], size)

    def _git(self) -> Dialogue:
        here = os.getpid()
        if here not in self._started:
            command = ("git", *_READING, "--batch=%(objectsize)")
            self._started[here] = Dialogue(command, folder=self._root)
        return self._started[here]

    def close(self) -> None:
        """End the git that this process has started."""
        if started := self._started.pop(os.getpid(), None):
            started.close()


def files_at(root: Path, commit: str, folder: str, *, limit: int) -> tuple[Found, ...]:
    """Everything below `folder` of `root` as a commit that is here has it; the rest as for Blobs. Raises GitError."""
    entries: list[Entry] = []
    for line in _split(_git(root, "ls-tree", "-r", "-z", commit, "--", folder)):
        facts, path = line.split("\t", 1)
        mode, _, blob = facts.split(" ")
        if path.startswith(f"{folder}/") and not is_passed_over(path):
            entries.append(Entry(path, blob, _WHAT.get(mode, "")))
    blobs = Blobs(root)
    try:
        return tuple(blobs.found(entry, limit=limit) for entry in entries)
    finally:
        blobs.close()


def ignoring(root: Path, paths: Sequence[str]) -> str | None:
    """The line that makes git ignore the first of `paths` that it ignores: ".gitignore:3: ops/". Raises GitError."""
    given = "".join(f"{path}\0" for path in paths).encode()
    command = ("git", "check-ignore", "--verbose", "-z", "--stdin")
    done = process.run(command, folder=root, given=given, seconds=_SECONDS)
    if done.code != 0:  # 1: it ignores none of them
        return None
    file, line, pattern, *_ = _split(done.output)
    return f"{file}:{line}: {pattern}"


def ignored(root: Path, paths: Sequence[str]) -> frozenset[str]:
    """Those of `paths` that git ignores and does not track; none that has a byte escaped, and none on failure."""
    given = "".join(f"{path}\0" for path in paths if "\\" not in path).encode()
    try:
        return frozenset(_split(_git(root, "check-ignore", "-z", "--stdin", given=given, accepted=(0, 1))))
    except InfraScaleError:  # no git, no repository, or a path in a submodule
        return frozenset()


def tracked(root: Path, folders: Sequence[str]) -> frozenset[str]:
    """What the index has below some folders of `root`; nothing without git or a repository. Raises GitError."""
    try:
        return frozenset(_split(_git(root, "ls-files", "-z", "--", *folders)))
    except InfraScaleError as error:
        if isinstance(error, GitError) and "not a git repository" not in error.message:
            raise
        return frozenset()


def is_branch_name(name: str, *, folder: Path) -> bool:
    """Whether git accepts `name` for a branch. Raises InfraScaleError where there is no git."""
    checked = process.run(("git", "check-ref-format", f"refs/heads/{name}"), folder=folder, seconds=_SECONDS)
    return checked.code == 0 and not name.startswith("-")


def top(folder: Path) -> Path | None:
    """The top of the work tree that `folder` is in, or None outside of any repository. Raises GitError."""
    try:
        return Path(_line(_git(folder, "rev-parse", "--show-toplevel"))).resolve()
    except GitError as error:
        if "not a git repository" in error.message:
            return None
        raise


def is_shallow(folder: Path) -> bool:
    """Whether the clone was cut off at some commit. Raises GitError."""
    return _git(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"


def newest_commit(folder: Path) -> str | None:
    """When HEAD was committed, RFC 3339 in UTC with seconds; None without a commit or a repository. Raises GitError."""
    from datetime import UTC, datetime  # noqa: PLC0415 (only where there are snapshots)

    try:
        seconds = int(_line(_git(folder, "log", "-1", "--no-show-signature", "--format=%ct")))
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except GitError as error:
        if "not a git repository" in error.message or "does not have any commits" in error.message:
            return None
        raise


def commit_of(folder: Path, name: str) -> str | None:
    """The full SHA of the commit that a revision names, or None where this clone does not have it. Raises GitError."""
    options = ("--verify", "--quiet", "--end-of-options")
    return _line(_git(folder, "rev-parse", *options, f"{name}^{{commit}}", accepted=(0, 1))) or None


def default_branch(folder: Path) -> str | None:
    """The remote's default branch, such as origin/main; None where the clone does not know it. Raises GitError."""
    place = f"refs/remotes/{remote(folder) or 'origin'}/HEAD"
    answer = _git(folder, "symbolic-ref", "--quiet", place, accepted=(0, 1))
    return _line(answer).removeprefix("refs/remotes/") or None


def remote(folder: Path) -> str | None:
    """The remote `origin`, else the only one there is, else None. Raises GitError."""
    names = _git(folder, "remote").decode("utf-8", "backslashreplace").splitlines()
    return "origin" if "origin" in names else names[0] if len(names) == 1 else None


def merge_base(folder: Path, one: str, other: str) -> str | None:
    """The SHA of the best common ancestor of two commits, or None where none is known here. Raises GitError."""
    return _line(_git(folder, "merge-base", one, other, accepted=(0, 1))).partition("\n")[0] or None


def branch(folder: Path) -> str | None:
    """The branch that is checked out, or None. Raises GitError."""
    return _line(_git(folder, "branch", "--show-current")) or None


def attributes(folder: Path, path: str) -> dict[str, str]:
    """The attributes that git would give a file at `path` of `folder`. Raises GitError."""
    answer = _split(_git(folder, "check-attr", "-z", "--all", "--", path))
    return dict(zip(answer[1::3], answer[2::3], strict=True))


def ignored_by(folder: Path, path: str) -> str | None:
    """Where it is written that git ignores a file at `path` of `folder`, as file:line; or None. Raises GitError."""
    options = ("--verbose", "--no-index", "--stdin", "-z")
    answer = _split(_git(folder, "check-ignore", *options, given=os.fsencode(path), accepted=(0, 1)))
    if not answer or answer[2].startswith("!"):  # the last pattern that matches may be one that takes it back
        return None
    return f"{answer[0]}:{answer[1]}"


def hooks_folder(folder: Path) -> tuple[Path, bool]:
    """The folder of git's hooks, and whether core.hooksPath has moved it. Raises GitError."""
    place = folder / _line(_git(folder, "rev-parse", "--git-path", "hooks"))
    return place, bool(_git(folder, "config", "--get", "core.hooksPath", accepted=(0, 1)))


def origin(folder: Path) -> str | None:
    """The URL of the remote repository `origin`, or None. Raises GitError."""
    return _line(_git(folder, "config", "--get", "remote.origin.url", accepted=(0, 1))) or None


def _entries(root: Path, folders: Sequence[str]) -> Iterator[Entry]:
    for line in _split(_git(root, "ls-files", "--stage", "-z", "--", *folders)):
        facts, path = line.split("\t", 1)
        mode, blob, stage = facts.split(" ")
        if stage != "0":
            message = f"{path} is not merged"
            raise GitError(message, hint="resolve the conflict and `git add` the file")
        yield Entry(path, blob, _WHAT.get(mode, ""))


def _intended(root: Path, folders: Sequence[str]) -> frozenset[str]:
    """Paths of `git add --intent-to-add`: in the index they are empty, and no commit takes them."""
    options = ("--name-only", "--no-renames", "--diff-filter=A", "--relative", "-z")
    return frozenset(_split(_git(root, "diff", *options, "--", *folders)))


def _unreadable(root: Path, entry: Entry) -> GitError:
    """Asked for one content alone, git says why."""
    done = process.run(("git", *_READING, "blob", entry.blob), folder=root, seconds=_SECONDS)
    reason = " ".join(done.complaint.splitlines()) or "it has ended"
    return GitError(f"git cannot read {entry.path}: {reason}", hint="git fsck tells what is missing")


def _pass_over(git: Dialogue, size: int) -> None:
    while size > 0:
        size -= len(git.more(min(size, _AT_ONCE))) or size


def _git(root: Path, *arguments: str, given: bytes = b"", accepted: Sequence[int] = (0,)) -> bytes:
    done = process.run(("git", *_OPTIONS, *arguments), folder=root, given=given, seconds=_SECONDS)
    if done.code in accepted:
        return done.output
    raise _failed(arguments[0], done.complaint, root)


def _failed(command: str, complaint: str, root: Path) -> GitError:
    return GitError(f"git {command} failed: {complaint}", hint=_advice(complaint, root))


def _advice(complaint: str, root: Path) -> str:
    if "dubious ownership" in complaint:
        from shlex import quote  # noqa: PLC0415 (only for an error)

        return f"if you trust this repository: git config --global --add safe.directory {quote(str(root))}"
    return "run it inside a git repository" if "not a git repository" in complaint else ""


def _line(output: bytes) -> str:
    return os.fsdecode(output.removesuffix(b"\n"))


def _split(output: bytes) -> tuple[str, ...]:
    """NUL-separated paths; a byte that is not UTF-8 is shown as its escape."""
    return tuple(path.decode("utf-8", "backslashreplace") for path in output.split(b"\0") if path)
