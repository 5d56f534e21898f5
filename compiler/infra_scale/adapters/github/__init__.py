"""The only package that talks to GitHub, through PyGithub."""

from infra_scale.adapters.github.branches import Branches
from infra_scale.adapters.github.comments import Comments
from infra_scale.adapters.github.connection import PUBLIC_API
from infra_scale.adapters.github.errors import GitHubError, RaceError, ReadOnlyError, is_refusal
from infra_scale.adapters.github.pulls import Pulls
from infra_scale.adapters.github.settings import Settings
from infra_scale.adapters.github.values import Account, Ahead, Changed, Comment, Commit, Protection, Pull

__all__ = [
    "PUBLIC_API",
    "Account",
    "Ahead",
    "Changed",
    "Comment",
    "Commit",
    "GitHub",
    "GitHubError",
    "Protection",
    "Pull",
    "RaceError",
    "ReadOnlyError",
    "is_refusal",
]


class GitHub(Branches, Pulls, Comments, Settings):
    """One repository on GitHub."""
