"""Forge: where branches are proposed, reviewed and merged, such as GitHub; its values and its errors."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from infra_scale.errors import InfraScaleError
from infra_scale.model.proposal import Label


class ForgeError(InfraScaleError):
    """The forge refused a call, or did not answer."""


class RefusedError(ForgeError):
    """The forge refuses the token: retrying with it would fail as well."""


class ReadOnlyError(RefusedError):
    """The token may read but not write, as in a pull request from a fork."""


class RaceError(ForgeError):
    """Another process was faster: read again, and decide again."""


class Commit(NamedTuple):
    """A commit of the repository on the forge."""

    sha: str
    tree: str
    message: str
    parents: tuple[str, ...] = ()
    account: str = ""
    """The login of its author as verified by the forge; empty if not verified."""


class Ahead(NamedTuple):
    """The commits that a branch has and its base lacks."""

    merge_base: Commit
    commits: tuple[Commit, ...]
    """Oldest first; empty if the base has all of them."""


class Account(NamedTuple):
    """A user or bot."""

    id: int
    login: str
    """A bot's login ends in `[bot]`; a user's cannot."""

    @property
    def is_bot(self) -> bool:
        """Whether the account belongs to an app."""
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
    """None if the account was deleted."""


class Changed(NamedTuple):
    """Files that a pull request adds or changes."""

    blobs: dict[str, str]
    """Blob ids by path."""
    is_whole: bool
    """Whether all files of the pull request were listed."""
    calls: int
    """The number of API calls for the list."""


class Comment(NamedTuple):
    """A comment of our own on a pull request."""

    id: int
    body: str


class Protection(NamedTuple):
    """The requirements of rulesets and classic protection for a branch, combined."""

    approvals: int = 0
    """The number of required approvals."""
    code_owners: bool = False
    """Whether code owners of the changed files have to approve."""
    dismisses_stale: bool = False
    """Whether a push dismisses approvals."""
    last_push: bool = False
    """Whether a person other than the last pusher has to approve."""
    checks: frozenset[str] = frozenset()
    """The names of required status checks."""
    runs_workflows: bool = False
    """Whether a ruleset requires workflows; it does not show the names of their checks."""
    unseen_reviews: str = ""
    """Why the review requirements of classic protection could not be read; empty if they could."""
    unseen_checks: str = ""
    """The same for required checks."""


class Forge(Protocol):
    """One repository. Every call raises ForgeError."""

    @property
    def name(self) -> str:
        """owner/name."""

    @property
    def url(self) -> str:
        """The URL of the repository's web page."""

    @property
    def default_branch(self) -> str:
        """The branch that plans are merged into."""

    @property
    def account(self) -> Account:
        """The account that the token acts for."""

    def head(self, branch: str) -> str | None:
        """The commit that a branch points at; None if it does not exist."""

    def branches(self, prefix: str) -> dict[str, str]:
        """The commits of all branches whose names begin with `prefix`."""

    def commit(self, sha: str) -> Commit:
        """A commit."""

    def ahead(self, base: str, head: str) -> Ahead | None:
        """The commits that `head` has and `base` lacks; None if they cannot be listed."""

    def entries(self, tree: str) -> dict[str, tuple[str, str]]:
        """Mode and id of each entry of a tree."""

    def blob(self, sha: str, *, limit: int) -> bytes | None:
        """The content of a blob; None if it has more than `limit` bytes, or is not a blob."""

    def create_tree(self, base: Commit, changes: Mapping[str, bytes | None]) -> str:
        """The SHA of a new tree: `base` with `changes`; None deletes."""

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
        """Open a pull request, as a draft if the repository supports drafts."""

    def edit_pull(self, pull: Pull, *, title: str, body: str) -> None:
        """Set title and body of an open pull request."""

    def convert_to_draft(self, pull: Pull) -> None:
        """Make it a draft again, if the repository supports drafts."""

    def close_pull(self, pull: Pull) -> None:
        """Close a pull request without merging it."""

    def was_unlabelled(self, pull: Pull, label: str) -> bool:
        """Whether this label was ever removed from it."""

    def add_label(self, pull: Pull, label: Label) -> None:
        """Label a pull request, and create the label if it is missing."""

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
        """Whether the token may push; None if the forge does not report it."""

    def label_colour(self, name: str) -> str | None:
        """The colour of a label as six hexadecimal digits; None if there is no such label."""

    def actions_may_propose(self) -> bool:
        """Whether workflows may open pull requests with their own token."""

    def rule_types(self, branch: str) -> frozenset[str]:
        """The types of all rules for a branch of this name, which need not exist."""

    def protection(self, branch: str) -> Protection:
        """What rulesets and classic protection require of a branch."""
