"""`infra-scale publish --preview`: the pull requests as Markdown, from the clone alone."""

import re

from support.github_server import GitHubServer
from support.repository import REQUEST, Repository

_NO_GITHUB = {"GITHUB_TOKEN": "", "GITHUB_REPOSITORY": "", "GH_OWNER": "", "GH_REPO": ""}


def _committed(repository: Repository) -> None:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "requests")


def _preview(repository: Repository, *arguments: str, code: int = 0) -> str:
    return repository.run("publish", "--preview", *arguments, code=code, variables=_NO_GITHUB)


def test_a_preview_is_the_title_and_the_body_that_publish_writes(clone: Repository, server: GitHubServer) -> None:
    said = _preview(clone)
    assert server.calls == []

    clone.run("publish", variables=server.environment)

    (pull,) = server.get("pulls?state=open")
    unlinked = re.sub(r"\[([^]\n]+)\]\(http[^)\n]+\)", r"\1", str(pull["body"]))
    assert said.split() == f"# {pull['title']}\n\n{unlinked}".split()


def test_a_preview_has_each_target_and_needs_neither_token_nor_remote(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.write("requests/api.yaml", REQUEST.replace("prod", "staging"))
    _committed(git_repository)
    git_repository.write("requests/later.yaml", REQUEST.replace("prod", "test"))

    titles = [line for line in _preview(git_repository).splitlines() if line.startswith("# infra.scale: ")]

    assert [title.split()[2] for title in titles] == ["prod", "staging"]
    assert "# infra.scale: prod " not in _preview(git_repository, "--target", "staging")


def test_a_preview_of_plans_that_are_committed_prints_nothing(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    _committed(git_repository)

    done = git_repository.completed("publish", "--preview", variables=_NO_GITHUB)

    assert done.stdout == ""
    assert "no pull request would be opened" in done.stderr


def test_a_preview_of_an_invalid_request_fails(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml", "target: [\n")
    _committed(git_repository)

    assert _preview(git_repository, code=1).endswith("\nfailed\n")
