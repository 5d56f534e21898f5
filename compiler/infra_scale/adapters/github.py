"""The only module that talks to GitHub, through PyGithub.

Reads are tried again by PyGithub. Writes never are: whether one has happened is for the caller to look up.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import requests
from github import Auth, Github, GithubException, InputGitTreeElement, UnknownObjectException
from github.Commit import Commit as RepositoryCommit
from github.GithubRetry import GithubRetry
from github.PullRequest import PullRequest

from infra_scale import __version__
from infra_scale.errors import InfraScaleError
from infra_scale.model.label import Label

if TYPE_CHECKING:
    from github.NamedUser import NamedUser

PUBLIC_API = "https://api.github.com"

_SECONDS = 30
_LONGEST_WAIT = 120
_FILES_PER_TREE = 100
"""Larger trees are sent in pieces, each on top of the last: single large ones end in 502."""


class GitHubError(InfraScaleError):
    """GitHub refused, or did not answer."""


class ReadOnlyError(GitHubError):
    """The token may read, and not write: as in a pull request from a fork."""


class RaceError(GitHubError):
    """Somebody else was faster: read again, and decide anew."""


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


class GitHub:
    """One repository on GitHub."""

    def __init__(self, *, repository: str, token: str, api: str) -> None:
        """`repository` is owner/name; `api` the URL of its REST API. Raises GitHubError."""
        # github.com asks for a second between two writes; a server of one's own sets its own limits, by default none.
        pause = 1.0 if api == PUBLIC_API else 0.0
        retry = GithubRetry(
            total=4,
            backoff_factor=1,
            allowed_methods={"GET", "HEAD"},
            raise_on_status=False,
            max_rate_limit_wait=_LONGEST_WAIT,
        )
        self._name = repository
        with _explained(repository):
            self._github = Github(
                auth=Auth.Token(token),
                base_url=api,
                timeout=_SECONDS,
                per_page=100,
                user_agent=f"infra-scale/{__version__}",
                retry=retry,
                seconds_between_requests=min(pause, 0.25),
                seconds_between_writes=pause,
            )
            self._repository = self._github.get_repo(repository)

    @property
    def default_branch(self) -> str:
        """The branch that plans are merged into."""
        return self._repository.default_branch

    @property
    def url(self) -> str:
        """Where people see the repository."""
        return self._repository.html_url

    def head(self, branch: str) -> str | None:
        """The commit that a branch points at; None where it does not exist. Raises GitHubError."""
        with _explained(self._name):
            try:
                return self._repository.get_git_ref(f"heads/{branch}").object.sha
            except UnknownObjectException:
                return None

    def branches(self, prefix: str) -> dict[str, str]:
        """The commits of all branches whose name begins with `prefix`. Raises GitHubError."""
        with _explained(self._name):
            found = self._repository.get_git_matching_refs(f"heads/{prefix}")
            return {ref.ref.removeprefix("refs/heads/"): ref.object.sha for ref in found}

    def commit(self, sha: str) -> Commit:
        """A commit. Raises GitHubError."""
        with _explained(self._name):
            found = self._repository.get_git_commit(sha)
            return Commit(found.sha, found.tree.sha, found.message, found.author.name)

    def commits_between(self, base: str, head: str) -> tuple[Commit, ...]:
        """The commits that `head` has and `base` does not, oldest first. Raises GitHubError."""
        with _explained(self._name):
            return tuple(map(_commit, self._repository.compare(base, head).commits))

    def create_tree(self, base: Commit, changes: Mapping[str, bytes | None]) -> str:
        """A tree that is that of `base` but for `changes` (None deletes), its SHA. Raises GitHubError."""
        elements = [_element(path, content) for path, content in sorted(changes.items())]
        with _explained(self._name):
            tree = self._repository.get_git_tree(base.tree)
            for start in range(0, len(elements), _FILES_PER_TREE):
                tree = self._repository.create_git_tree(elements[start : start + _FILES_PER_TREE], base_tree=tree)
            return tree.sha

    def create_commit(self, message: str, *, tree: str, parents: tuple[str, ...]) -> str:
        """A commit without author, so that GitHub signs it for an App or Actions; its SHA. Raises GitHubError."""
        with _explained(self._name):
            found = [self._repository.get_git_commit(parent) for parent in parents]
            return self._repository.create_git_commit(message, self._repository.get_git_tree(tree), found).sha

    def move_branch(self, branch: str, *, seen: str | None, to: str) -> None:
        """Create the branch (`seen` is None) or move it forward; never discard a commit. Raises GitHubError."""
        with _explained(self._name):
            if seen is None:
                self._repository.create_git_ref(f"refs/heads/{branch}", to)
            else:
                self._repository.get_git_ref(f"heads/{branch}").edit(to, force=False)

    def delete_branch(self, branch: str, *, seen: str) -> None:
        """Delete a branch that still points at `seen`: GitHub compares and deletes in one step. Raises GitHubError."""
        update = {"name": f"refs/heads/{branch}", "beforeOid": seen, "afterOid": "0" * 40, "force": True}
        given = {"repositoryId": self._repository.node_id, "refUpdates": [update]}
        with _explained(self._name):
            self._github.requester.graphql_named_mutation("updateRefs", given, "clientMutationId")

    def pulls(self, base: str) -> dict[str, Pull]:
        """The open pull requests into `base` from this repository's own branches, by branch. Raises GitHubError."""
        with _explained(self._name):
            found = self._repository.get_pulls(state="open", base=base, sort="created", direction="desc")
            ours = (pull for pull in found if self._is_at_home(pull))
            return {pull.head.ref: _pull(pull) for pull in ours}

    def rejected(self, branch: str, sha: str) -> str | None:
        """The URL of the pull request that people closed unmerged while the branch was at `sha`. Raises GitHubError."""
        with _explained(self._name):
            owner = self._name.partition("/")[0]
            closed = self._repository.get_pulls(state="closed", head=f"{owner}:{branch}")
            found = (pull for pull in closed if pull.head.ref == branch and pull.head.sha == sha and not pull.merged_at)
            return next((pull.html_url for pull in found), None)

    def open_pull(self, *, branch: str, base: str, title: str, body: str) -> Pull:
        """Open a draft pull request; an ordinary one where the repository has no drafts. Raises GitHubError."""
        with _explained(self._name):
            try:
                return _pull(self._create_pull(branch, base, title, body, draft=True))
            except GithubException as error:
                if _NO_DRAFTS[0] not in _text(error):
                    raise
                return _pull(self._create_pull(branch, base, title, body, draft=False))

    def edit_pull(self, pull: Pull, *, title: str, body: str) -> None:
        """Give an open pull request this title and body. Raises GitHubError."""
        with _explained(self._name):
            self._repository.get_pull(pull.number).edit(title=title, body=body)

    def convert_to_draft(self, pull: Pull) -> None:
        """Make it a draft again, where the repository has drafts and the token may. Raises GitHubError."""
        with _explained(self._name):
            try:
                self._repository.get_pull(pull.number).convert_to_draft()
            except GithubException as error:
                if not any(reason in _text(error) for reason in _NO_DRAFTS):
                    raise

    def was_unlabelled(self, pull: Pull, label: str) -> bool:
        """Whether somebody has taken this label off. Raises GitHubError."""
        with _explained(self._name):
            events = self._repository.get_pull(pull.number).get_issue_events()
            return any(event.event == "unlabeled" and event.label.name == label for event in events)

    def close_pull(self, pull: Pull, *, comment: str) -> None:
        """Say why, then close. Raises GitHubError."""
        with _explained(self._name):
            found = self._repository.get_pull(pull.number)
            found.create_issue_comment(comment)
            found.edit(state="closed")

    def comment_once(self, pull: Pull, *, marker: str, text: str) -> None:
        """Comment, unless a comment with this marker is there. Raises GitHubError."""
        with _explained(self._name):
            found = self._repository.get_pull(pull.number)
            if not any(marker in comment.body for comment in found.get_issue_comments()):
                found.create_issue_comment(f"{marker}\n{text}")

    def add_label(self, pull: Pull, label: Label) -> None:
        """Label a pull request, and create the label where it is missing. Raises GitHubError."""
        with _explained(self._name):
            try:
                self._repository.get_label(label.name)
            except UnknownObjectException:
                self._create_label(label)
            self._repository.get_pull(pull.number).add_to_labels(label.name)

    def pull(self, number: int) -> Pull:
        """A pull request by its number. Raises GitHubError."""
        with _explained(self._name):
            return _pull(self._repository.get_pull(number))

    def open_pulls(self, *, base: str, most: int) -> list[int]:
        """The numbers of the newest open pull requests into `base`, from forks too. Raises GitHubError."""
        with _explained(self._name):
            found = self._repository.get_pulls(state="open", base=base, sort="created", direction="desc")
            return [pull.number for pull in islice(found, most)]

    def changed_files(self, number: int, *, below: str, most: int) -> dict[str, str]:
        """The blobs of files below a folder that a pull request adds or changes, by path. Raises GitHubError."""
        with _explained(self._name):
            found = (file for file in self._repository.get_pull(number).get_files() if file.status != "removed")
            inside = (file for file in found if file.filename.startswith(f"{below}/"))
            return {file.filename: file.sha for file in islice(inside, most)}

    def blob(self, sha: str, *, limit: int) -> bytes | None:
        """The content of a blob, None where it has more than `limit` bytes. Raises GitHubError."""
        with _explained(self._name):
            found = self._repository.get_git_blob(sha)
            return b64decode(found.content) if found.size <= limit else None

    def comment_of(self, number: int, *, marker: str) -> Comment | None:
        """The first comment with this marker that a bot or a member wrote: anybody can copy a marker."""
        with _explained(self._name):
            for found in self._repository.get_pull(number).get_issue_comments():
                if marker in found.body and (found.user.type == "Bot" or found.author_association in _TRUSTED):
                    return Comment(found.id, found.body)
            return None

    def write_comment(self, number: int, text: str) -> None:
        """Comment on a pull request. Raises GitHubError."""
        with _explained(self._name):
            self._repository.get_pull(number).create_issue_comment(text)

    def edit_comment(self, number: int, comment: Comment, text: str) -> None:
        """Give a comment of a pull request another text. Raises GitHubError."""
        with _explained(self._name):
            self._repository.get_pull(number).get_issue_comment(comment.id).edit(text)

    def _create_label(self, label: Label) -> None:
        try:
            self._repository.create_label(label.name, label.colour, label.description)
        except GithubException as error:
            if "already_exists" not in _text(error):
                raise

    def _create_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> PullRequest:
        return self._repository.create_pull(
            base=base, head=branch, title=title, body=body, draft=draft, maintainer_can_modify=False
        )

    def _is_at_home(self, pull: PullRequest) -> bool:
        # GitHub's own filters by head are known to miss and to mix up; a fork may use our branch names.
        home = pull.head.raw_data["repo"]  # null when the fork is gone
        same = home is not None and home["full_name"].lower() == self._name.lower()
        return same and pull.state == "open"

    @property
    def archived(self) -> bool:
        """Whether the repository is read-only."""
        return self._repository.archived

    @property
    def may_push(self) -> bool | None:
        """Whether whoever the token belongs to may push; None where GitHub does not say."""
        permissions = self._repository.raw_data.get("permissions") or {}
        return permissions.get("push")

    def label_colour(self, name: str) -> str | None:
        """The colour of a label as six hexadecimal digits; None where there is no such label. Raises GitHubError."""
        with _explained(self._name):
            try:
                return self._repository.get_label(name).color
            except UnknownObjectException:
                return None

    def actions_may_propose(self) -> bool:
        """Whether workflows may open pull requests with their own token. Raises GitHubError, unless administered."""
        with _explained(self._name):
            _, said = self._get("actions/permissions/workflow")
            return bool(said["can_approve_pull_request_reviews"])

    def rules(self, branch: str) -> tuple[Rule, ...]:
        """The rules of all rulesets for a branch of this name, which need not exist. Raises GitHubError."""
        with _explained(self._name):
            _, said = self._get(f"rules/branches/{quote(branch, safe='')}?per_page=100")
            return tuple(_rule(rule) for rule in said)

    def protected_approvals(self, branch: str) -> int:
        """How many approvals the classic protection of a branch asks for. Raises GitHubError, unless administered."""
        path = f"branches/{quote(branch, safe='')}"
        with _explained(self._name):
            if not self._get(path)[1]["protected"]:
                return 0
            reviews = self._get(f"{path}/protection")[1].get("required_pull_request_reviews") or {}
            return int(reviews.get("required_approving_review_count", 0))

    def _get(self, path: str) -> tuple[dict[str, object], Any]:
        """What PyGithub has no call for."""
        return self._github.requester.requestJsonAndCheck("GET", f"{self._repository.url}/{path}")


def _rule(said: dict[str, Any]) -> Rule:
    parameters = said.get("parameters") or {}
    return Rule(said["type"], int(parameters.get("required_approving_review_count", 0)))


def is_refusal(error: InfraScaleError) -> bool:
    """Whether GitHub has answered, and said no to whoever asks; not that it failed, or asks to wait."""
    cause = error.__cause__
    refused = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    return isinstance(cause, GithubException) and cause.status in refused and "rate limit" not in _text(cause)


def _element(path: str, content: bytes | None) -> InputGitTreeElement:
    if content is None:
        return InputGitTreeElement(path, "100644", "blob", sha=None)
    return InputGitTreeElement(path, "100644", "blob", content=content.decode("utf-8"))


def _pull(pull: PullRequest) -> Pull:
    labels = frozenset(label.name for label in pull.labels)
    return Pull(
        pull.number, pull.html_url, pull.head.ref, pull.base.ref, pull.title, pull.body or "", labels, pull.draft
    )


def _commit(found: RepositoryCommit) -> Commit:
    written = found.commit
    account: NamedUser | None = found.author  # null where no account has the address
    author = account.login if account is not None else written.author.name
    return Commit(found.sha, written.tree.sha, written.message, author)


def _text(error: GithubException) -> str:
    """Everything that GitHub said, in lower case: the message, and the codes of its details."""
    return str(error.data).lower()


@contextmanager
def _explained(repository: str) -> Iterator[None]:
    """Turn what PyGithub raises into one exception with a hint."""
    try:
        yield
    except GithubException as error:
        raise _meaning(error, repository) from error
    except requests.RequestException as error:
        message = f"GitHub did not answer: {type(error).__name__}"
        raise GitHubError(message, hint="run it again: it picks up where it stopped") from error


_TRUSTED = ("OWNER", "MEMBER", "COLLABORATOR")
_NO_DRAFTS = ("draft pull requests are not supported", "resource not accessible")
_RACES = (
    "is not a fast",  # "a fast forward", with or without a hyphen
    "reference already exists",
    "a pull request already exists",
    "reference does not exist",
    "no commits between",
)
_PERMISSIONS = "it needs the permissions contents: write, pull-requests: write and issues: write"
_MEANINGS: tuple[tuple[str, type[GitHubError], str], ...] = (
    (
        "not permitted to create or approve pull requests",
        GitHubError,
        "Settings, Actions, General: allow Actions to create pull requests",
    ),
    (
        "resource not accessible",
        ReadOnlyError,
        f"{_PERMISSIONS}; a pull request from a fork never has them",
    ),
    (
        "repository was archived",
        GitHubError,
        "an archived repository is read-only: unarchive it, or take it out of the schedule",
    ),
    ("protected branch", GitHubError, "a branch protection rule covers infra/scale-*: let the bot push there"),
    ("repository rule violations", GitHubError, "a ruleset covers infra/scale-*: let the bot push there"),
)


def _meaning(error: GithubException, repository: str) -> GitHubError:
    said = _text(error)
    brief = error.message or str(error.data)[:200]
    if any(race in said for race in _RACES) or error.status == HTTPStatus.CONFLICT:
        return RaceError(f"GitHub: {brief}", hint="run it again")
    if error.status == HTTPStatus.UNAUTHORIZED:
        return GitHubError("GitHub does not accept the token", hint="GITHUB_TOKEN is wrong or has expired")
    if error.status == HTTPStatus.TOO_MANY_REQUESTS or "rate limit" in said:
        wait = (error.headers or {}).get("retry-after", "a few minutes")
        return GitHubError(f"GitHub's rate limit is reached: {brief}", hint=f"run it again in {wait} seconds")
    for fragment, kind, hint in _MEANINGS:
        if fragment in said:
            return kind(f"GitHub: {brief}", hint=hint)
    if error.status == HTTPStatus.NOT_FOUND:
        return GitHubError(
            f"GitHub shows nothing at {repository}", hint="the name is wrong, or the token may not see it"
        )
    return GitHubError(f"GitHub answered {error.status}: {brief}", hint="run it again: it picks up where it stopped")
