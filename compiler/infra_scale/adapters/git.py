"""The only module that talks to git.

The hook reads the index with plumbing: it honours the GIT_INDEX_FILE that `git commit -a` and `git commit PATH` set,
which GitPython's index does not, and it answers before GitPython would be imported.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import process
from infra_scale.errors import InfraScaleError
from infra_scale.model.source import Found, NotAFile, Source

_SECONDS = 60.0
_LINK, _SUBMODULE = "120000", "160000"


class GitError(InfraScaleError):
    """Git refused, or is not there."""


class _Entry(NamedTuple):
    mode: str
    blob: str
    path: str


def staged_paths(root: Path, *, folders: Sequence[str] = ()) -> tuple[str, ...]:
    """Paths that the next commit changes: all of them, or those below `folders` of `root`. Raises GitError."""
    _git(root, "rev-parse", "--git-dir")  # outside a repository, `git diff` would compare files instead of failing
    below = ["--relative", "--", *folders] if folders else ["--"]
    return _split(_git(root, "diff", "--cached", "--name-only", "--no-renames", "-z", *below))


def staged_files(root: Path, folder: str, *, limit: int) -> tuple[Found, ...]:
    """Everything below `folder` of `root` as the index has it, with content up to `limit` bytes.

    A larger file comes without content. Hidden files belong to editors and tools and are passed over. Raises GitError,
    also while the index has unmerged files.
    """
    entries = tuple(entry for entry in _entries(root, folder) if "/." not in entry.path)
    blobs = [entry.blob for entry in entries if entry.mode not in (_LINK, _SUBMODULE)]
    sizes = _sizes(root, blobs)
    if 0 in sizes.values():
        intended = _intended(root, folder)
        entries = tuple(entry for entry in entries if sizes.get(entry.blob) or entry.path not in intended)
    return _contents_of(root, entries, sizes, limit)


def files_at(root: Path, commit: str, folder: str, *, limit: int) -> tuple[Found, ...]:
    """Everything below `folder` of `root` as a commit that is here has it; the rest as for `staged_files`.

    Raises GitError.
    """
    entries: list[_Entry] = []
    for line in _split(_git(root, "ls-tree", "-r", "-z", commit, "--", folder)):
        facts, path = line.split("\t", 1)
        mode, _, blob = facts.split(" ")
        if path.startswith(f"{folder}/") and "/." not in path:
            entries.append(_Entry(mode, blob, path))
    sizes = _sizes(root, [entry.blob for entry in entries if entry.mode not in (_LINK, _SUBMODULE)])
    return _contents_of(root, entries, sizes, limit)


def ignoring(root: Path, paths: Sequence[str]) -> str | None:
    """The line that makes git ignore the first of `paths` that it ignores: ".gitignore:3: ops/". Raises GitError."""
    given = "".join(f"{path}\0" for path in paths).encode()
    done = process.run(
        ("git", "check-ignore", "--verbose", "-z", "--stdin"), folder=root, given=given, seconds=_SECONDS
    )
    if done.code != 0:  # 1: it ignores none of them
        return None
    file, line, pattern, *_ = _split(done.output)
    return f"{file}:{line}: {pattern}"


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


def _entries(root: Path, folder: str) -> Iterator[_Entry]:
    for line in _split(_git(root, "ls-files", "--stage", "-z", "--", folder)):
        facts, path = line.split("\t", 1)
        mode, blob, stage = facts.split(" ")
        if stage != "0":
            message = f"{path} is not merged"
            raise GitError(message, hint="resolve the conflict and `git add` the file")
        yield _Entry(mode, blob, path)


def _intended(root: Path, folder: str) -> frozenset[str]:
    """Paths of `git add --intent-to-add`: in the index they are empty, and no commit takes them."""
    options = ("--name-only", "--no-renames", "--diff-filter=A", "--relative", "-z")
    return frozenset(_split(_git(root, "diff", *options, "--", folder)))


def _contents_of(root: Path, entries: Sequence[_Entry], sizes: dict[str, int], limit: int) -> tuple[Found, ...]:
    read = [entry.blob for entry in entries if sizes.get(entry.blob, limit + 1) <= limit]
    contents = _contents(root, list(dict.fromkeys(read)))
    return tuple(_found(entry, sizes, contents) for entry in entries)


def _found(entry: _Entry, sizes: dict[str, int], contents: dict[str, bytes]) -> Found:
    if entry.mode == _LINK:
        return NotAFile(entry.path, "a symbolic link")
    if entry.mode == _SUBMODULE:
        return NotAFile(entry.path, "a submodule")
    return Source(entry.path, contents.get(entry.blob, b""), sizes[entry.blob])


def _sizes(root: Path, blobs: Sequence[str]) -> dict[str, int]:
    answer = _git(root, "cat-file", "--batch-check=%(objectname) %(objectsize)", given=_lines(blobs)) if blobs else b""
    pairs = (line.split(" ") for line in answer.decode("ascii").splitlines())
    return {blob: int(size) for blob, size in pairs}


def _contents(root: Path, blobs: Sequence[str]) -> dict[str, bytes]:
    answer = _git(root, "cat-file", "--batch=%(objectsize)", given=_lines(blobs)) if blobs else b""
    contents: dict[str, bytes] = {}
    start = 0
    for blob in blobs:
        end_of_line = answer.index(b"\n", start)
        size = int(answer[start:end_of_line])
        contents[blob] = answer[end_of_line + 1 : end_of_line + 1 + size]
        start = end_of_line + size + 2
    return contents


def _git(root: Path, *arguments: str, given: bytes = b"", accepted: Sequence[int] = (0,)) -> bytes:
    options = ("--no-pager", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false")
    done = process.run(("git", *options, *arguments), folder=root, given=given, seconds=_SECONDS)
    if done.code in accepted:
        return done.output
    hint = "run it inside a git repository"
    if "dubious ownership" in done.complaint:
        hint = f"if you trust this repository: git config --global --add safe.directory {root}"
    message = f"git {arguments[0]} failed: {done.complaint}"
    raise GitError(message, hint=hint)


def _line(output: bytes) -> str:
    return os.fsdecode(output.removesuffix(b"\n"))


def _lines(blobs: Sequence[str]) -> bytes:
    return "".join(f"{blob}\n" for blob in blobs).encode("ascii")


def _split(output: bytes) -> tuple[str, ...]:
    """NUL-separated paths; a byte that is not UTF-8 is shown as its escape."""
    return tuple(path.decode("utf-8", "backslashreplace") for path in output.split(b"\0") if path)
