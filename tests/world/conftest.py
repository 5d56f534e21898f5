"""A clone of a repository on GitHub."""

import pytest

from support.github_server import GitHubServer
from support.repository import Repository


@pytest.fixture
def clone(git_repository: Repository, server: GitHubServer) -> Repository:
    """A clone whose main branch, with one request, is on GitHub."""
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "requests")
    server.push(git_repository)
    return git_repository
