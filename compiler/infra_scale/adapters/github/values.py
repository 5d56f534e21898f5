"""What GitHub has, in our own words."""

from typing import NamedTuple


class Commit(NamedTuple):
    """A commit of the remote repository."""

    sha: str
    tree: str
    message: str
    author: str
    """The account's login where GitHub knows it, else the name that the commit gives."""


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


class Comment(NamedTuple):
    """A comment on a pull request."""

    id: int
    body: str


class Rule(NamedTuple):
    """What a ruleset asks for on a branch."""

    type: str
    """As GitHub calls it: creation, update, pull_request, required_linear_history, …"""
    approvals: int
    """How many people have to approve a pull request; 0 for other types."""
