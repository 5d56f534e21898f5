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
    """That of a bot ends in `[bot]`; no user's login can."""

    @property
    def is_bot(self) -> bool:
        """Whether it is the account of an app."""
        return self.login.endswith("[bot]")


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


class Changed(NamedTuple):
    """Files that a pull request adds or changes."""

    blobs: dict[str, str]
    """The ids of their contents, by path."""
    is_whole: bool
    """Whether all files of the pull request were listed."""
    calls: int
    """How many that has taken."""


class Comment(NamedTuple):
    """A comment of our own on a pull request."""

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
    """Whether a person other than the last pusher has to approve."""
    checks: frozenset[str] = frozenset()
    """The names of required status checks."""
    runs_workflows: bool = False
    """Whether a ruleset requires workflows, whose checks have names that it does not tell."""
    unseen_reviews: str = ""
    """Why the classic protection could not be read for what it asks of reviews; empty where it could."""
    unseen_checks: str = ""
    """Likewise, for checks."""
