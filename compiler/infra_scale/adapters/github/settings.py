"""Settings of a repository, read to find what is wrong with them."""

from typing import Any
from urllib.parse import quote

from github import UnknownObjectException

from infra_scale.adapters.github.connection import Connection
from infra_scale.adapters.github.errors import explained
from infra_scale.adapters.github.values import Rule


class Settings(Connection):
    """What a repository allows."""

    @property
    def archived(self) -> bool:
        """Whether the repository is read-only."""
        return self.repository.archived

    @property
    def may_push(self) -> bool | None:
        """Whether whoever the token belongs to may push; None where GitHub does not say."""
        permissions = self.repository.raw_data.get("permissions") or {}
        return permissions.get("push")

    def label_colour(self, name: str) -> str | None:
        """The colour of a label as six hexadecimal digits; None where there is no such label. Raises GitHubError."""
        with explained(self.name):
            try:
                return self.repository.get_label(name).color
            except UnknownObjectException:
                return None

    def actions_may_propose(self) -> bool:
        """Whether workflows may open pull requests with their own token. Raises GitHubError, unless administered."""
        with explained(self.name):
            _, said = self._get("actions/permissions/workflow")
            return bool(said["can_approve_pull_request_reviews"])

    def rules(self, branch: str) -> tuple[Rule, ...]:
        """The rules of all rulesets for a branch of this name, which need not exist. Raises GitHubError."""
        with explained(self.name):
            _, said = self._get(f"rules/branches/{quote(branch, safe='')}?per_page=100")
            return tuple(_rule(rule) for rule in said)

    def protected_approvals(self, branch: str) -> int:
        """How many approvals the classic protection of a branch asks for. Raises GitHubError, unless administered."""
        path = f"branches/{quote(branch, safe='')}"
        with explained(self.name):
            if not self._get(path)[1]["protected"]:
                return 0
            reviews = self._get(f"{path}/protection")[1].get("required_pull_request_reviews") or {}
            return int(reviews.get("required_approving_review_count", 0))

    def _get(self, path: str) -> tuple[dict[str, object], Any]:
        """What PyGithub has no call for."""
        return self.github.requester.requestJsonAndCheck("GET", f"{self.repository.url}/{path}")


def _rule(said: dict[str, Any]) -> Rule:
    parameters = said.get("parameters") or {}
    return Rule(said["type"], int(parameters.get("required_approving_review_count", 0)))
