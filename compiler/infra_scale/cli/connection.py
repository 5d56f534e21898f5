"""Connect to GitHub from environment variables; its libraries are imported only here."""

from typing import TYPE_CHECKING

from infra_scale.adapters.environment import environment
from infra_scale.errors import UsageError

if TYPE_CHECKING:
    from infra_scale.adapters.github import GitHub


def connect() -> "GitHub":
    """The GitHub connection of the environment. Raises UsageError without credentials or libraries, and GitHubError."""
    known = environment()
    if not known.github_token or not known.slug:
        message = "no credentials for GitHub"
        raise UsageError(message, hint="set GITHUB_TOKEN, and GITHUB_REPOSITORY or GH_OWNER and GH_REPO")
    try:
        from infra_scale.adapters.github import PUBLIC_API, GitHub  # noqa: PLC0415 (an extra, and slow to import)
    except ModuleNotFoundError as error:
        from infra_scale.adapters import installation  # noqa: PLC0415 (slow to import, and seldom needed)

        message = "the libraries for GitHub are not installed"
        raise UsageError(message, hint=installation.with_extra("github")) from error
    return GitHub(repository=known.slug, token=known.github_token, api=known.github_api or PUBLIC_API)
