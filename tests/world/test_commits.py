"""What a commit holds, read from a real clone."""

from pathlib import Path

import pytest

from infra_scale.adapters.states.commit import files_at
from support.repository import REQUEST, Repository


def test_a_repository_below_a_hidden_folder_is_read_and_hidden_files_in_it_are_not(git_repository: Repository) -> None:
    git_repository.write("teams/.ours/infra/requests/web.yaml")
    git_repository.write("teams/.ours/infra/requests/.web.yaml.swp")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "requests")

    found = files_at(git_repository.root / "teams/.ours/infra", "HEAD", "requests", limit=1000)

    assert [(item.path, getattr(item, "content", b"")) for item in found] == [("requests/web.yaml", REQUEST.encode())]


@pytest.mark.parametrize("command", [("comment", "--base", "HEAD"), ("diff", "HEAD"), ("compile", "--staged")])
def test_a_machine_without_git_is_told_so(repository: Repository, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "empty").mkdir()
    repository.write("requests/web.yaml")

    done = repository.completed(*command, code=1, variables={"PATH": str(tmp_path / "empty")})

    assert "git is not installed\n    help: install git and put it on the PATH\n" in done.stderr
