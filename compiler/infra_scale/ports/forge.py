"""Forge: where branches are proposed, reviewed and merged, such as GitHub; its values and its errors."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from infra_scale.errors import InfraScaleError
from infra_scale.model.proposal import Label


class ForgeError(InfraScaleError):
    """The forge refused a call, or did not answer."""


class RefusedError(ForgeError):
    """The forge refuses the token: another attempt with it would fail as well."""


class ReadOnlyError(RefusedError):
    """The token may read, and not write: as in a pull request from a fork."""


class RaceError(ForgeError):
    """Another process was faster: read again, and decide again."""


class Commit(NamedTuple):
    """A commit of the repository on the forge."""

    sha: str
    tree: str
    message: str
    parents: tuple[str, ...] = ()
    account: str = ""
    """The login of the account that the forge has verified as its author; empty where it has verified none."""


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


class Forge(Protocol):
    """One repository. Every call raises ForgeError."""

    @property
    def name(self) -> str:
        """owner/name."""

    @property
    def url(self) -> str:
        """The page of the repository."""

    @property
    def default_branch(self) -> str:
        """The branch that plans are merged into."""

    @property
    def account(self) -> Account:
        """The account that the token acts for."""

    def head(self, branch: str) -> str | None:
        """The commit that a branch points at; None where it does not exist."""

    def branches(self, prefix: str) -> dict[str, str]:
        """The commits of all branches whose name begins with `prefix`."""

    def commit(self, sha: str) -> Commit:
        """A commit."""

    def ahead(self, base: str, head: str) -> Ahead | None:
        """What `head` has and `base` does not; None where that cannot be listed."""

    def entries(self, tree: str) -> dict[str, tuple[str, str]]:
        """Mode and id of what a tree has under each name."""

    def blob(self, sha: str, *, limit: int) -> bytes | None:
        """The content of a blob; None where it has more than `limit` bytes, or is none."""

    def create_tree(self, base: Commit, changes: Mapping[str, bytes | None]) -> str:
        """The SHA of a new tree: that of `base` with `changes`; None deletes."""

    def create_commit(self, message: str, *, tree: str, parents: tuple[str, ...]) -> str:
        """The SHA of a new commit."""

    def move_branch(self, branch: str, *, seen: str | None, to: str) -> None:
        """Create the branch (`seen` is None) or move it forward; never discard a commit."""

    def delete_branch(self, branch: str, *, seen: str) -> None:
        """Delete a branch that still points at `seen`."""

    def pulls(self, base: str) -> dict[str, Pull]:
        """The open pull requests into `base` from the repository's own branches, by branch."""

    def open_pulls(self, *, base: str, most: int) -> list[int]:
        """The numbers of the newest open pull requests into `base`, from forks too."""

    def pull(self, number: int) -> Pull:
        """A pull request by its number."""

    def changed_files(self, number: int, *, below: str) -> Changed:
        """The files below a folder that a pull request adds or changes."""

    def rejected(self, branch: str, sha: str, *, base: str) -> str | None:
        """The URL of our pull request into `base` that was closed unmerged while the branch was at `sha`."""

    def open_pull(self, *, branch: str, base: str, title: str, body: str) -> Pull:
        """Open a pull request, as a draft where there are drafts."""

    def edit_pull(self, pull: Pull, *, title: str, body: str) -> None:
        """Give an open pull request this title and body."""

    def convert_to_draft(self, pull: Pull) -> None:
        """Make it a draft again, where there are drafts."""

    def close_pull(self, pull: Pull) -> None:
        """Close a pull request without merging it."""

    def was_unlabelled(self, pull: Pull, label: str) -> bool:
        """Whether this label was ever removed from it."""

    def add_label(self, pull: Pull, label: Label) -> None:
        """Label a pull request, and create the label where it is missing."""

    def remove_label(self, pull: Pull, label: Label) -> None:
        """Remove a label from a pull request."""

    def comment_once(self, pull: Pull, *, marker: str, text: str) -> None:
        """Comment, unless the token's own account has a comment with this marker."""

    def comment_of(self, number: int, *, marker: str) -> Comment | None:
        """The first comment with this marker by the token's own account."""

    def write_comment(self, number: int, text: str) -> None:
        """Comment on a pull request."""

    def edit_comment(self, number: int, comment: Comment, text: str) -> None:
        """Replace the text of a comment."""


class ForgeSettings(Protocol):
    """Settings of one repository. Every call raises ForgeError."""

    @property
    def default_branch(self) -> str:
        """The branch that plans are merged into."""

    @property
    def archived(self) -> bool:
        """Whether the repository is read-only."""

    @property
    def may_push(self) -> bool | None:
        """Whether the token may push; None where the forge does not report it."""

    def label_colour(self, name: str) -> str | None:
        """The colour of a label as six hexadecimal digits; None where there is no such label."""

    def actions_may_propose(self) -> bool:
        """Whether workflows may open pull requests with their own token."""

    def rule_types(self, branch: str) -> frozenset[str]:
        """The types of all rules for a branch of this name, which need not exist."""

    def protection(self, branch: str) -> Protection:
        """What rulesets and classic protection require of a branch."""
