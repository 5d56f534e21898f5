"""The connection to one repository.

PyGithub retries reads. Writes are never retried: the caller has to check whether one has happened.
"""

from functools import cached_property
from urllib.parse import urlsplit

from github import Auth, Github
from github.GithubRetry import GithubRetry
from github.PullRequest import PullRequest

from infra_scale import __version__
from infra_scale.adapters.github.errors import explained
from infra_scale.ports.forge import Account, ForgeError

PUBLIC_API = "https://api.github.com"

_OF_AN_APP = "ghs_"
"""The prefix of tokens of GitHub Apps and of Actions, which `GET /user` refuses."""
_SECONDS = 30
_LONGEST_WAIT = 120


class Connection:
    """One repository on GitHub."""

    def __init__(self, *, repository: str, token: str, api: str) -> None:
        """`repository` is owner/name; `api` the URL of its REST API. Raises ForgeError."""
        _refuse_unusable(token, api)
        api = api.rstrip("/")  # a final slash also means github.com
        # github.com requires a second between two writes; self-hosted servers set their own limits, by default none.
        pause = 1.0 if api == PUBLIC_API else 0.0
        retry = GithubRetry(
            total=4,
            backoff_factor=1,
            allowed_methods={"GET", "HEAD"},
            raise_on_status=False,
            max_rate_limit_wait=_LONGEST_WAIT,
        )
        self.name = repository
        self._is_app = token.startswith(_OF_AN_APP)
        self.labels: set[str] = set()
        """Labels that are known to exist."""
        with explained(repository):
            self.github = Github(
                auth=Auth.Token(token),
                base_url=api,
                timeout=_SECONDS,
                per_page=100,
                user_agent=f"infra-scale/{__version__}",
                retry=retry,
                seconds_between_requests=min(pause, 0.25),
                seconds_between_writes=pause,
            )
            self.repository = self.github.get_repo(repository)

    @cached_property
    def account(self) -> Account:
        """The account that the token acts for. Raises ForgeError."""
        with explained(self.name):
            if not self._is_app:
                user = self.github.get_user()
                return Account(user.id, user.login)
            query = "query { viewer { databaseId login } }"
            viewer = self.github.requester.graphql_query(query, {})[1]["data"]["viewer"]
            return Account(viewer["databaseId"], viewer["login"])

    @property
    def default_branch(self) -> str:
        """The branch that plans are merged into."""
        return self.repository.default_branch

    @property
    def url(self) -> str:
        """The URL of the repository's web page."""
        return self.repository.html_url

    def handle(self, number: int) -> PullRequest:
        """A pull request to act on, without fetching it first."""
        at = self.repository.url
        known = {"number": number, "url": f"{at}/pulls/{number}", "issue_url": f"{at}/issues/{number}"}
        return PullRequest(self.repository.requester, {}, known, completed=True)


def _refuse_unusable(token: str, api: str) -> None:
    """Refuse an unusable token or URL: a header allows neither line ends nor characters beyond Latin-1."""
    if not (token.isascii() and token.isprintable()) or " " in token:
        message = "GITHUB_TOKEN contains an invalid character"
        raise ForgeError(message, hint="copy it again, without quotes, spaces and line ends")
    if not _is_url(api):
        message = f"GITHUB_API_URL is not a URL: {api!r}"
        raise ForgeError(message, hint=f"write it as {PUBLIC_API}, or https://github.example.com/api/v3")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an invalid port, or an invalid address in brackets
        return False
