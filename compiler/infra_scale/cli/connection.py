"""From environment variables to a connection with GitHub; its libraries are imported only here."""

from typing import TYPE_CHECKING

from infra_scale.adapters.environment import environment
from infra_scale.errors import UsageError

if TYPE_CHECKING:
    from infra_scale.adapters.github import GitHub


def slug() -> str | None:
    """owner/name from GH_OWNER and GH_REPO, else from GITHUB_REPOSITORY; None where neither says it."""
    known = environment()
    if known.github_owner and known.github_repository:
        return f"{known.github_owner}/{known.github_repository}"
    return known.github_slug


def connect() -> "GitHub":
    """GitHub as the environment names it. Raises UsageError without credentials or libraries, and GitHubError."""
    known, repository = environment(), slug()
    if not known.github_token or not repository:
        message = "no credentials for GitHub"
        raise UsageError(message, hint="set GITHUB_TOKEN, and GITHUB_REPOSITORY or GH_OWNER and GH_REPO")
    try:
        from infra_scale.adapters.github import PUBLIC_API, GitHub  # noqa: PLC0415 (an extra, and slow to import)
    except ModuleNotFoundError as error:
        message = "the libraries for GitHub are not installed"
        raise UsageError(message, hint='pip install "infra-scale[github]"') from error
    return GitHub(repository=repository, token=known.github_token, api=known.github_api or PUBLIC_API)
