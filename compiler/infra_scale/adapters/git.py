"""Queries to git, through its plumbing commands and adapters/git_command.py."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.adapters import git_command, process
from infra_scale.adapters.process import Completed, Dialogue
from infra_scale.errors import InfraScaleError

if TYPE_CHECKING:
    from datetime import datetime


class GitError(InfraScaleError):
    """Git failed, or is not installed."""


class NoRepositoryError(GitError):
    """The folder is not in a repository."""


class Call(NamedTuple):
    """A prepared git call."""

    arguments: Sequence[str]
    folder: Path
    environment: dict[str, str]


def call(root: Path, *command: str, user_config: tuple[str, ...] = ()) -> Call:
    """Git in the repository that `root` is in; see git_command.arguments. Raises GitError."""
    git = _program()
    repository = git_command.find(os.fspath(root))
    if repository is None:
        message = f"not in a git repository: {root}"
        raise NoRepositoryError(message, hint="run it inside a git repository")
    if not repository.is_ours:
        _refuse_untrusted(git, repository.top)
    arguments = git_command.arguments(git, repository, command, user_config=user_config)
    return Call(arguments, root, git_command.environment())


def run(root: Path, *command: str, given: bytes = b"", user_config: tuple[str, ...] = ()) -> Completed:
    """Run git in the repository that `root` is in. Raises GitError."""
    return _run(call(root, *command, user_config=user_config), given)


def ask(
    root: Path,
    *command: str,
    given: bytes = b"",
    accepted: Sequence[int] = (0,),
    user_config: tuple[str, ...] = (),
) -> bytes:
    """The output of git. Raises GitError unless the exit code is one of `accepted`."""
    done = run(root, *command, given=given, user_config=user_config)
    if done.code in accepted:
        return done.output
    raise _failed(done, command[0])


def dialogue(root: Path, *command: str) -> Dialogue:
    """A long-running git process for several queries. Raises GitError."""
    made = call(root, *command)
    return Dialogue(made.arguments, folder=made.folder, seconds=git_command.SECONDS, environment=made.environment)


def line(output: bytes) -> str:
    """The one line that git printed."""
    return os.fsdecode(output.removesuffix(b"\n"))


def split(output: bytes) -> tuple[str, ...]:
    """NUL-separated paths; a byte that is not UTF-8 is shown as its escape."""
    return tuple(path.decode("utf-8", "backslashreplace") for path in output.split(b"\0") if path)


def _run(made: Call, given: bytes = b"") -> Completed:
    return process.run(
        made.arguments,
        folder=made.folder,
        given=given,
        seconds=git_command.SECONDS,
        environment=made.environment,
    )


def _program() -> str:
    found = git_command.program()
    if found is None:
        message = "git is not installed"
        raise InfraScaleError(message, hint="install git and put it on the PATH")
    return found


@cache
def _refuse_untrusted(git: str, top: str) -> None:
    """Raise GitError if git does not trust the owner of a repository (safe.directory).

    With an explicit --git-dir, git does not check the owner.
    """
    done = _run(Call(git_command.ownership(git), Path(top), git_command.environment()))
    if done.code == 0:
        return
    if "dubious ownership" not in done.complaint and "unsafe repository" not in done.complaint:
        raise _failed(done, "rev-parse")
    from shlex import quote  # noqa: PLC0415 (only for an error)

    message = "git does not trust this repository: it belongs to another user"
    raise GitError(message, hint=f"if you trust it: git config --global --add safe.directory {quote(top)}")


def is_unfetched(complaint: str) -> bool:
    """Whether git needs an object that a partial clone did not fetch."""
    return "promisor remote" in complaint or "lazy fetching disabled" in complaint


def _failed(done: Completed, command: str) -> GitError:
    if is_unfetched(done.complaint):
        message = f"git {command} needs objects that are not in this partial clone, and infra-scale fetches nothing"
        return GitError(message, hint="fetch all of them: git fetch --refetch --no-filter")
    message = f"git {command} failed: {done.complaint}"
    return GitError(message)


def changed_since(root: Path, commit: str) -> dict[str, str]:
    """Paths from the top of the work tree, with their status since a commit: A, M, D or T. Raises GitError."""
    changed = split(ask(root, "diff", "--name-status", "--no-renames", "-z", commit, "--"))
    untracked = split(ask(root, "ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ":/"))
    return dict(
        sorted({**dict.fromkeys(untracked, "A"), **dict(zip(changed[1::2], changed[::2], strict=True))}.items())
    )


def has_changes(root: Path, folders: Sequence[str]) -> bool:
    """Whether any file below folders of `root` differs from HEAD, or is not tracked. Raises GitError."""
    return bool(ask(root, "status", "--porcelain", "--untracked-files=all", "-z", "--", *folders))


def last_change(root: Path, path: str) -> str | None:
    """The newest commit of HEAD's first parents that changed a file; None if none did. Raises GitError."""
    options = ("-1", "--first-parent", "--no-show-signature", "--format=%H")
    return line(ask(root, "log", *options, "HEAD", "--", path)) or None


def ignoring(root: Path, paths: Sequence[str]) -> str | None:
    """The line that makes git ignore the first of `paths` that it ignores: ".gitignore:3: ops/". Raises GitError."""
    given = "".join(f"{path}\0" for path in paths).encode()
    done = run(root, "check-ignore", "--verbose", "-z", "--stdin", given=given)
    if done.code != 0:  # 1: it ignores none of them
        return None
    file, line, pattern, *_ = split(done.output)
    return f"{file}:{line}: {pattern}"


def ignored(root: Path, paths: Sequence[str]) -> frozenset[str]:
    """Those of `paths` that git ignores and does not track; none that has a byte escaped, and none on failure."""
    given = "".join(f"{path}\0" for path in paths if "\\" not in path).encode()
    try:
        return frozenset(split(ask(root, "check-ignore", "-z", "--stdin", given=given, accepted=(0, 1))))
    except InfraScaleError:  # no git, no repository, or a path in a submodule
        return frozenset()


def tracked(root: Path, folders: Sequence[str]) -> frozenset[str]:
    """The files of the index below some folders of `root`; none without git or a repository. Raises GitError."""
    try:
        return frozenset(split(ask(root, "ls-files", "-z", "--", *folders)))
    except NoRepositoryError:
        return frozenset()
    except GitError:
        raise
    except InfraScaleError:  # no git
        return frozenset()


def is_branch_name(name: str, *, folder: Path) -> bool:
    """Whether git accepts `name` for a branch. Raises InfraScaleError without git."""
    command = ("check-ref-format", f"refs/heads/{name}")
    arguments = git_command.arguments(_program(), None, command)
    checked = _run(Call(arguments, folder, git_command.environment()))
    return checked.code == 0 and not name.startswith("-")


def top(folder: Path) -> Path | None:
    """The top of the work tree that `folder` is in, or None outside of any repository. Raises GitError."""
    try:
        return Path(line(ask(folder, "rev-parse", "--show-toplevel"))).resolve()
    except NoRepositoryError:
        return None


def is_shallow(folder: Path) -> bool:
    """Whether the clone is shallow. Raises GitError."""
    return ask(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"


def newest_commit(folder: Path) -> "datetime | None":
    """When HEAD was committed, as `committed_at` has it; None without a commit or a repository. Raises GitError."""
    try:
        return committed_at(folder)
    except NoRepositoryError:
        return None
    except GitError as error:
        if "does not have any commits" in error.message:
            return None
        raise


def committed_at(folder: Path, *commit: str) -> "datetime":
    """The time of a local commit or HEAD. Raises GitError."""
    from datetime import UTC, datetime  # noqa: PLC0415 (only where there are snapshots)

    options = ("-1", "--no-show-signature", "--format=%ct")
    seconds = int(line(ask(folder, "log", *options, *commit)))
    return datetime.fromtimestamp(seconds, UTC)


def commit_of(folder: Path, name: str) -> str | None:
    """The full SHA of the commit that a revision names, or None where this clone does not have it. Raises GitError."""
    if name.count("{") != name.count("}"):  # an open one, as in `main@{now`, would take ours in
        return None
    done = run(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if done.code in (0, 1):
        return line(done.output) or None
    if is_unfetched(done.complaint):
        return None
    raise _failed(done, "rev-parse")


def default_branch(folder: Path) -> str | None:
    """The remote's default branch, such as origin/main; None where the clone does not know it. Raises GitError."""
    place = f"refs/remotes/{remote(folder) or 'origin'}/HEAD"
    answer = ask(folder, "symbolic-ref", "--quiet", place, accepted=(0, 1))
    return line(answer).removeprefix("refs/remotes/") or None


def remote(folder: Path) -> str | None:
    """The remote `origin`, else the only one there is, else None. Raises GitError."""
    names = ask(folder, "remote").decode("utf-8", "backslashreplace").splitlines()
    return "origin" if "origin" in names else names[0] if len(names) == 1 else None


def merge_base(folder: Path, one: str, other: str) -> str | None:
    """The SHA of the best common ancestor of two commits, or None where none is known here. Raises GitError."""
    return line(ask(folder, "merge-base", one, other, accepted=(0, 1))).partition("\n")[0] or None


def branch(folder: Path) -> str | None:
    """The branch that is checked out, or None. Raises GitError."""
    return line(ask(folder, "branch", "--show-current")) or None


def attributes(folder: Path, paths: Sequence[str]) -> dict[str, dict[str, str]]:
    """The attributes that git would give files at `paths` of `folder`, for those that have any. Raises GitError."""
    given = b"".join(os.fsencode(path) + b"\0" for path in paths)
    answer = split(ask(folder, "check-attr", "-z", "--all", "--stdin", given=given))
    found: dict[str, dict[str, str]] = {}
    for path, name, value in zip(answer[::3], answer[1::3], answer[2::3], strict=True):
        found.setdefault(path, {})[name] = value
    return found


def ignored_by(folder: Path, path: str) -> str | None:
    """The ignore rule for a file at `path` of `folder`, as file:line; or None. Raises GitError."""
    options = ("--verbose", "--no-index", "--stdin", "-z")
    answer = split(ask(folder, "check-ignore", *options, given=os.fsencode(path), accepted=(0, 1)))
    if not answer or answer[2].startswith("!"):  # the last matching pattern can be a negation
        return None
    return f"{answer[0]}:{answer[1]}"


def hooks_folder(folder: Path) -> tuple[Path, bool]:
    """The folder of git's hooks, and whether core.hooksPath has moved it. Raises GitError."""
    key = "core.hooksPath"
    place = folder / line(ask(folder, "rev-parse", "--git-path", "hooks", user_config=(key,)))
    return place, bool(ask(folder, "config", "--get", key, accepted=(0, 1), user_config=(key,)))


def origin(folder: Path) -> str | None:
    """The URL of the remote repository `origin`, or None. Raises GitError."""
    return line(ask(folder, "config", "--get", "remote.origin.url", accepted=(0, 1))) or None
