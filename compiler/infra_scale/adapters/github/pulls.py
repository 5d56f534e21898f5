"""Pull requests and their labels."""

from typing import TYPE_CHECKING

from github import GithubException, UnknownObjectException
from github.PullRequest import PullRequest

from infra_scale.adapters.github.connection import Connection
from infra_scale.adapters.github.errors import explained, text_of
from infra_scale.model.proposal import Label
from infra_scale.ports.forge import Account, Pull

if TYPE_CHECKING:
    from github.NamedUser import NamedUser
    from github.Organization import Organization

_NO_DRAFTS = ("draft pull requests are not supported", "resource not accessible")


class Pulls(Connection):
    """The pull requests of a repository."""

    def pulls(self, base: str) -> dict[str, Pull]:
        """The open pull requests into `base` from this repository's own branches, by branch. Raises ForgeError."""
        with explained(self.name):
            found = self.repository.get_pulls(state="open", base=base, sort="created", direction="desc")
            ours = (pull for pull in found if self._is_at_home(pull))
            return {pull.head.ref: _pull(pull) for pull in ours}

    def rejected(self, branch: str, sha: str, *, base: str) -> str | None:
        """The URL of our pull request into `base` that was closed unmerged while the branch was at `sha`.

        Anyone can open and close another one from the same branch. Raises ForgeError.
        """
        with explained(self.name):
            owner = self.name.partition("/")[0]
            closed = self.repository.get_pulls(state="closed", head=f"{owner}:{branch}")
            for pull in closed:
                same = (pull.head.ref, pull.head.sha, pull.base.ref) == (branch, sha, base)
                if same and not pull.merged_at and account_of(pull.user) == self.account:
                    return pull.html_url
            return None

    def open_pull(self, *, branch: str, base: str, title: str, body: str) -> Pull:
        """Open a draft pull request; an ordinary one if the repository has no drafts. Raises ForgeError."""
        with explained(self.name):
            try:
                return _pull(self._create_pull(branch, base, title, body, draft=True))
            except GithubException as error:
                if _NO_DRAFTS[0] not in text_of(error):
                    raise
                return _pull(self._create_pull(branch, base, title, body, draft=False))

    def edit_pull(self, pull: Pull, *, title: str, body: str) -> None:
        """Set title and body of an open pull request. Raises ForgeError."""
        with explained(self.name):
            self.handle(pull.number).edit(title=title, body=body)

    def convert_to_draft(self, pull: Pull) -> None:
        """Make it a draft again, if the repository has drafts and the token may do so. Raises ForgeError."""
        with explained(self.name):
            try:
                self.repository.get_pull(pull.number).convert_to_draft()
            except GithubException as error:
                if not any(reason in text_of(error) for reason in _NO_DRAFTS):
                    raise

    def was_unlabelled(self, pull: Pull, label: str) -> bool:
        """Whether this label was ever removed. Raises ForgeError."""
        with explained(self.name):
            events = self.handle(pull.number).get_issue_events()
            return any(event.event == "unlabeled" and event.label.name == label for event in events)

    def close_pull(self, pull: Pull) -> None:
        """Close a pull request without merging it. Raises ForgeError."""
        with explained(self.name):
            self.handle(pull.number).edit(state="closed")

    def add_label(self, pull: Pull, label: Label) -> None:
        """Label a pull request, and create the label if it is missing. Raises ForgeError."""
        with explained(self.name):
            if label.name not in self.labels:
                self._find_or_create(label)
                self.labels.add(label.name)
            self.handle(pull.number).add_to_labels(label.name)

    def remove_label(self, pull: Pull, label: Label) -> None:
        """Remove a label from a pull request. Raises ForgeError."""
        with explained(self.name):
            self.handle(pull.number).remove_from_labels(label.name)

    def pull(self, number: int) -> Pull:
        """A pull request by its number. Raises ForgeError."""
        with explained(self.name):
            return _pull(self.repository.get_pull(number))

    def _find_or_create(self, label: Label) -> None:
        try:
            self.repository.get_label(label.name)
        except UnknownObjectException:
            self._create(label)

    def _create(self, label: Label) -> None:
        try:
            self.repository.create_label(label.name, label.colour, label.description)
        except GithubException as error:
            if "already_exists" not in text_of(error):
                raise

    def _create_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> PullRequest:
        return self.repository.create_pull(
            base=base, head=branch, title=title, body=body, draft=draft, maintainer_can_modify=False
        )

    def _is_at_home(self, pull: PullRequest) -> bool:
        # GitHub's filter by head is unreliable: it misses or confuses branches; a fork may use our branch names.
        home = pull.head.raw_data.get("repo")  # null if the fork was deleted
        same = home is not None and home["full_name"].lower() == self.name.lower()
        return same and pull.state == "open"


def account_of(user: "NamedUser | Organization | None") -> Account | None:
    """The account of an author; None if it was deleted."""
    return Account(user.id, user.login) if user is not None else None


def _pull(pull: PullRequest) -> Pull:
    return Pull(
        pull.number,
        pull.html_url,
        pull.head.ref,
        pull.base.ref,
        pull.title,
        pull.body or "",
        frozenset(label.name for label in pull.labels),
        pull.draft,
        account_of(pull.user),
    )
