"""A look-alike of GitHub, and a clone of a repository on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.github_server import GitHubServer
from support.repository import Repository


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    """An empty repository on GitHub."""
    running = GitHubServer(tmp_path)
    yield running
    running.close()


@pytest.fixture
def clone(git_repository: Repository, server: GitHubServer) -> Repository:
    """A clone whose main branch, with one request, is on GitHub."""
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "requests")
    server.push(git_repository)
    return git_repository
