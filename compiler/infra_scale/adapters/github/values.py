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


class Protection(NamedTuple):
    """What rulesets and the classic protection ask of a branch, taken together."""

    approvals: int = 0
    """How many people have to approve a pull request."""
    code_owners: bool = False
    """Whether owners of the changed files have to be among them."""
    dismisses_stale: bool = False
    """Whether a push takes approvals back."""
    last_push: bool = False
    """Whether somebody else than who pushed last has to approve."""
    checks: frozenset[str] = frozenset()
    """The names of required status checks."""
    runs_workflows: bool = False
    """Whether a ruleset requires workflows, whose checks have names that it does not tell."""
    unseen_reviews: str = ""
    """Why the classic protection could not be read for what it asks of reviews; empty where it could."""
    unseen_checks: str = ""
    """Likewise, for checks."""
