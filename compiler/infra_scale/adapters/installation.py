"""Source of this installation of infra-scale."""

import json
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from shlex import quote
from typing import Any, NamedTuple


class GitOrigin(NamedTuple):
    """Metadata of pip about an installation from git."""

    url: str
    commit: str
    """The full SHA that pip has installed."""
    revision: str
    """The requested tag, branch or commit; empty for the default branch."""


def git_origin() -> GitOrigin | None:
    """The git repository and commit of this installation, or None if it has another source.

    pip leaves them behind in direct_url.json:
    https://packaging.python.org/en/latest/specifications/direct-url/
    """
    origin = _origin()
    if not _is_git(origin):
        return None
    info = origin["vcs_info"]
    return GitOrigin(str(origin["url"]), str(info.get("commit_id", "")), str(info.get("requested_revision", "")))


def with_extra(name: str) -> str:
    """The command that reinstalls it from the same source, with one of its extras.

    By name only, a package index could provide another package.
    """
    origin = _origin()
    url = str(origin.get("url", ""))
    if _is_git(origin):
        url = f"git+{url}@{origin['vcs_info']['commit_id']}"
    return f"pip install {quote(f'infra-scale[{name}] @ {url}' if url else f'infra-scale[{name}]')}"


def fingerprint() -> str:
    """An id of this version of infra-scale: the same id gives the same output."""
    package = Path(__file__).parents[1]
    whole = sha256()
    for file in sorted(package.rglob("*.py")):
        whole.update(f"{file.relative_to(package).as_posix()}\0{sha256(file.read_bytes()).hexdigest()}\0".encode())
    return whole.hexdigest()[:16]


def _is_git(origin: dict[str, Any]) -> bool:
    return bool(origin.get("vcs_info", {}).get("vcs") == "git")


def _origin() -> dict[str, Any]:
    try:
        text = metadata.distribution("infra-scale").read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # run from a source tree
        text = None
    origin: dict[str, Any] = json.loads(text or "{}")
    return origin
