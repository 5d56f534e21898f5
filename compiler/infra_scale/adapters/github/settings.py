"""Settings of a repository, for `doctor`."""

from typing import Any
from urllib.parse import quote

from github import GithubException, UnknownObjectException

from infra_scale.adapters.github.connection import Connection
from infra_scale.adapters.github.errors import explained, text_of
from infra_scale.ports.forge import ForgeError, Protection


class Settings(Connection):
    """The settings of a repository."""

    @property
    def archived(self) -> bool:
        """Whether the repository is read-only."""
        return self.repository.archived

    @property
    def may_push(self) -> bool | None:
        """Whether the token's account may push; None if GitHub does not show it."""
        permissions = self.repository.raw_data.get("permissions") or {}
        return permissions.get("push")

    def label_colour(self, name: str) -> str | None:
        """The colour of a label as six hexadecimal digits; None if there is no such label. Raises ForgeError."""
        with explained(self.name):
            try:
                return self.repository.get_label(name).color
            except UnknownObjectException:
                return None

    def actions_may_propose(self) -> bool:
        """Whether workflows may open pull requests with their own token. Raises ForgeError if not readable."""
        with explained(self.name):
            _, said = self._get("actions/permissions/workflow")
            return bool(said["can_approve_pull_request_reviews"])

    def rule_types(self, branch: str) -> frozenset[str]:
        """The types of all rules for a branch of this name, which need not exist: creation, update, pull_request, …

        Raises ForgeError.
        """
        return frozenset(str(rule["type"]) for rule in self._rules(branch))

    def protection(self, branch: str) -> Protection:
        """The requirements of rulesets and classic protection for a branch. Raises ForgeError without read access."""
        found = Protection()
        for rule in self._rules(branch):
            found = _with_rule(found, rule["type"], rule.get("parameters") or {})
        return self._with_classic(found, branch)

    def _rules(self, branch: str) -> list[dict[str, Any]]:
        with explained(self.name):
            said: list[dict[str, Any]] = self._get(f"rules/branches/{quote(branch, safe='')}?per_page=100")[1]
            return said

    def _with_classic(self, found: Protection, branch: str) -> Protection:
        """Read access shows the checks of classic protection; only administrators can read its reviews."""
        path = f"branches/{quote(branch, safe='')}"
        try:
            with explained(self.name):
                seen = self._get(path)[1]
            if not seen["protected"]:
                return found
        except ForgeError as error:
            return found._replace(unseen_reviews=error.message, unseen_checks=error.message)
        told = seen.get("protection") or {}
        found = _with_checks(found, told)
        try:
            with explained(self.name):
                return _with_reviews(_with_checks(found, protection := self._classic(path)), protection)
        except ForgeError as error:
            unseen = "" if "required_status_checks" in told or told.get("enabled") is False else error.message
            return found._replace(unseen_reviews=error.message, unseen_checks=unseen)

    def _classic(self, path: str) -> dict[str, Any]:
        """The classic protection; empty if only rulesets protect the branch."""
        try:
            protection: dict[str, Any] = self._get(f"{path}/protection")[1]
        except GithubException as error:  # UnknownObjectException is only raised for the message "Not Found"
            if "branch not protected" in text_of(error):
                return {}
            raise
        return protection

    def _get(self, path: str) -> tuple[dict[str, object], Any]:
        """A GET request for which PyGithub has no method."""
        return self.github.requester.requestJsonAndCheck("GET", f"{self.repository.url}/{path}")


def _with_rule(found: Protection, kind: str, given: dict[str, Any]) -> Protection:
    """GitHub applies the strictest of several rules."""
    if kind == "pull_request":
        return found._replace(
            approvals=max(found.approvals, int(given.get("required_approving_review_count", 0))),
            code_owners=found.code_owners or bool(given.get("require_code_owner_review")),
            dismisses_stale=found.dismisses_stale or bool(given.get("dismiss_stale_reviews_on_push")),
            last_push=found.last_push or bool(given.get("require_last_push_approval")),
        )
    if kind == "required_status_checks":
        named = frozenset(str(check["context"]) for check in given.get("required_status_checks", ()))
        return found._replace(checks=found.checks | named)
    return found._replace(runs_workflows=found.runs_workflows or kind == "workflows")


def _with_checks(found: Protection, classic: dict[str, Any]) -> Protection:
    required = classic.get("required_status_checks") or {}
    named = {*required.get("contexts", ()), *(check["context"] for check in required.get("checks", ()))}
    return found._replace(checks=found.checks | named)


def _with_reviews(found: Protection, classic: dict[str, Any]) -> Protection:
    reviews = classic.get("required_pull_request_reviews") or {}
    return found._replace(
        approvals=max(found.approvals, int(reviews.get("required_approving_review_count", 0))),
        code_owners=found.code_owners or bool(reviews.get("require_code_owner_reviews")),
        dismisses_stale=found.dismisses_stale or bool(reviews.get("dismiss_stale_reviews")),
        last_push=found.last_push or bool(reviews.get("require_last_push_approval")),
    )
