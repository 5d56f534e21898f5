"""How git is started: program, repository, options and environment.

Nothing else in the compiler starts git (`tests/world/test_every_git_call.py`). Imported first, like adapters/stamp.py,
so it imports only `os`.

A pull request can add `HEAD`, `config`, `objects/` and `refs/` to any folder. Git treats such a folder as a bare
repository and runs the programs in its config. So git never searches for a repository here: we search upwards for a
`.git`, which cannot be committed, and pass it to git (https://git-scm.com/docs/git-config#Documentation/git-config.txt-safebareRepository).
"""

from __future__ import annotations

import os

SECONDS = 60.0
"""The time limit of one git call."""

_CONFIG = (
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.untrackedCache=false",
    "core.alternateRefsCommand=true",
    "core.quotePath=false",
    "diff.relative=false",
    "log.showSignature=false",
    "protocol.allow=never",
)
_OPTIONS = ("--no-pager", "--no-replace-objects")
_COMPARING = ("diff", "log")
_WITHOUT_PROGRAMS = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
"""Commands that compare would start external diff and textconv programs, and git in submodules."""

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, no `protocol.<name>.allow` in a config is above it
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
}
_KEPT = {
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_NAMESPACE",
    "GIT_SHALLOW_FILE",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_TEST_ASSUME_DIFFERENT_OWNER",
}
"""Variables of git that are passed on: those of a hook, and the location of the user's config.

Every other one is dropped: many of them name programs (GIT_EXTERNAL_DIFF, GIT_SSH_COMMAND), or files to write to.
"""
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
_DROPPED = {"PAGER", "SSH_ASKPASS"}
_MOST_BYTES = 1 << 16
_GITDIR = b"gitdir: "
_MAGIC = b"DIRC"
_PLAIN_INDEX = b"DIRC\0\0\0\2"
"""How an index begins that has no extended flags: none of its files is marked skip-worktree."""


class Repository:
    """Paths of a repository: its database, and the top of its work tree."""

    __slots__ = ("git_dir", "is_ours", "top")

    def __init__(self, git_dir: str, top: str, *, is_ours: bool) -> None:
        self.git_dir = git_dir
        self.top = top
        self.is_ours = is_ours
        """Whether the current user owns its files; else git has to decide, see `ownership`."""


def find(folder: str) -> Repository | None:
    """The repository in the environment of a hook, else the one with its `.git` at or above `folder`.

    A bare repository is never found. Raises OSError if a folder is not readable.
    """
    inherited = os.environ.get("GIT_DIR")
    if inherited is not None:
        top = os.path.abspath(os.environ.get("GIT_WORK_TREE", "."))
        return Repository(os.path.abspath(inherited), top, is_ours=True)
    top = os.path.realpath(folder)
    while True:
        marker = f"{top.rstrip('/')}/.git"
        git_dir = _git_dir(marker)
        if git_dir:
            work_tree = os.path.abspath(os.environ.get("GIT_WORK_TREE", top))
            return Repository(git_dir, work_tree, is_ours=_are_ours(marker, top, git_dir))
        above = os.path.dirname(top)
        if above == top:
            return None
        top = above


def program() -> str | None:
    """The path of git: in a folder of the PATH, never in the current one."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def arguments(
    git: str, repository: Repository | None, command: tuple[str, ...], *, user_config: tuple[str, ...] = ()
) -> list[str]:
    """The arguments of the program `git` for a `command`; without a repository it finds none.

    `user_config` are keys, such as core.hooksPath, that a command asks for as the user has set them.
    """
    name, *rest = command
    place, taken = ["--git-dir=/dev/null"], _WITHOUT_PROGRAMS if name in _COMPARING else ()
    if repository:
        place = [f"--git-dir={repository.git_dir}", f"--work-tree={repository.top}"]
    return [git, *place, *_options(user_config), name, *taken, *rest]


def ownership(git: str) -> list[str]:
    """The arguments of a call at the top of a repository, with which git checks its owner.

    Git decides only where it finds the repository by itself, and at its top it finds `.git` first.
    """
    return [git, *_options(()), "rev-parse", "--git-dir"]


def environment() -> dict[str, str]:
    """Our environment without variables that make git run programs, use the network, or use another repository."""
    kept = {name: value for name, value in os.environ.items() if _is_kept(name)}
    return {**kept, **_ENVIRONMENT}


def index_mark(folder: str) -> tuple[object, ...]:
    """Changes with the index, where the index may have files that are not checked out; empty for any other index."""
    repository = find(folder)
    if repository is None:
        return ()
    path = os.environ.get("GIT_INDEX_FILE") or f"{repository.git_dir}/index"
    try:
        handle = os.open(os.path.join(repository.top, path), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ()
    try:
        head, facts = os.read(handle, len(_PLAIN_INDEX)), os.fstat(handle)
    except OSError:
        return ()
    finally:
        os.close(handle)
    if not head.startswith(_MAGIC) or (head == _PLAIN_INDEX and not _is_split(repository.git_dir)):
        return ()
    return (facts.st_mtime_ns, facts.st_size, facts.st_ino)


def _is_split(git_dir: str) -> bool:
    """Whether parts of the index are in another file, with flags that its first bytes do not show."""
    with os.scandir(git_dir) as entries:
        return any(entry.name.startswith("sharedindex.") for entry in entries)


def _options(user_config: tuple[str, ...]) -> list[str]:
    config = [item for item in _CONFIG if item.partition("=")[0] not in user_config]
    return [*_OPTIONS, *(word for item in config for word in ("-c", item))]


def _is_kept(name: str) -> bool:
    if name.startswith("GIT_"):
        return name in _KEPT or name.startswith(_KEPT_PREFIXES)
    return name not in _DROPPED


def _git_dir(marker: str) -> str | None:
    """The git directory of a `.git`: itself, or the folder named in it (in a submodule or a linked work tree)."""
    if os.path.isdir(marker):
        return marker if os.path.lexists(f"{marker}/HEAD") else None  # git ignores an empty one, too
    if not os.path.isfile(marker):
        return None
    with open(marker, "rb") as file:
        content = file.read(_MOST_BYTES)
    if not content.startswith(_GITDIR):
        return None
    place = content.removeprefix(_GITDIR)
    return os.path.realpath(os.path.join(os.path.dirname(marker), os.fsdecode(place.rstrip(b"\r\n"))))


def _are_ours(*paths: str) -> bool:
    if os.name == "nt" or "GIT_TEST_ASSUME_DIFFERENT_OWNER" in os.environ:
        return False
    user = os.geteuid()
    try:
        return all(os.lstat(path).st_uid == user for path in paths)
    except OSError:
        return False
