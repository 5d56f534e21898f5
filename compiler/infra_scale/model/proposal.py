"""Proposal: a pull request as it should be, compared with what the forge has and settled by `usecases/propose.py`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Label(NamedTuple):
    """A label of a repository on GitHub."""

    name: str
    colour: str
    """Six hexadecimal digits."""
    description: str
    """At most 100 characters."""


Files = Mapping[str, bytes | None]
"""Contents by path from the root of the repository; None: no file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One branch, and the one pull request that merges it."""

    key: str
    """What is proposed: the target of plans."""
    branch: str
    base: str
    """The branch to merge into."""
    title: str
    body: str
    files: Files
    """None deletes; empty: nothing is proposed, and an earlier pull request is closed."""
    replaces: Files
    """The base's files at these paths."""
    labels: tuple[Label, ...]
    """Until reviewers remove them."""
    created_at: datetime
    """When the run began that proposes it; aware, and in no file."""

    @property
    def digest(self) -> str:
        """What an approval is bound to."""
        return digest_of(self.files)


def digest_of(files: Files) -> str:
    """SHA-256 over path and content of every file."""
    whole = hashlib.sha256()
    for path, content in sorted(files.items()):
        whole.update(f"{path}\0{'-' if content is None else hashlib.sha256(content).hexdigest()}\0".encode())
    return whole.hexdigest()
