"""What GitHub has, in our own words."""

from typing import NamedTuple


class Commit(NamedTuple):
    """A commit of the remote repository."""

    sha: str
    tree: str
    message: str
    parents: tuple[str, ...] = ()
    account: str = ""
    """The login of the account that GitHub has verified as its author; empty where it has verified none."""


class Ahead(NamedTuple):
    """What a branch has and its base does not."""

    merge_base: Commit
    commits: tuple[Commit, ...]
    """Oldest first; none where the base has them all."""


class Account(NamedTuple):
    """A user or bot."""

    id: int
    login: str
    """That of a bot ends in `[bot]`."""


class Pull(NamedTuple):
    """An open pull request."""

    number: int
    url: str
    branch: str
    base: str
    title: str
    body: str
    labels: frozenset[str]
    is_draft: bool
    author: Account | None = None
    """None where the account is gone."""


class Comment(NamedTuple):
    """A comment of our own on a pull request."""

    id: int
    body: str


class Rule(NamedTuple):
    """What a ruleset asks for on a branch."""

    type: str
    """As GitHub calls it: creation, update, pull_request, required_linear_history, …"""
    approvals: int
    """How many people have to approve a pull request; 0 for other types."""
