"""`diff` and `comment` show the same totals for one edit of our samples, which have snapshots and prices."""

import re
import shutil

import pytest

from support.repository import CHECKOUT, Repository

_NOON = {"GIT_AUTHOR_DATE": "2026-01-01T12:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T12:00:00Z"}
_EDITS = {
    "shop/checkout": ("replicas: 24", "replicas: 26"),
    "payments/ledger": ("replicas: ", "replicas: 1"),
    "search/suggest": ("mem: ", "mem: 1"),
}
_TOTAL = re.compile(r"^- `\w+`: .* per month.*$|^\| .*\*\*Together\*\*.*$", re.MULTILINE)
_CENT = re.compile(r"[+-]\$0\.01\b")


@pytest.fixture
def samples(git_repository: Repository) -> Repository:
    """Our own requests, committed when their snapshots were new."""
    for name in ("examples/apps", "ops", "requests"):
        shutil.copytree(CHECKOUT / name, git_repository.root / name, dirs_exist_ok=True)
    _commit(git_repository)
    git_repository.git("tag", "base")
    return git_repository


def _commit(repository: Repository) -> None:
    repository.tool("git", "add", ".")
    repository.tool("git", "commit", "--quiet", "--message", "samples", variables=_NOON)


@pytest.mark.parametrize(
    "name", [next(iter(_EDITS)), *(pytest.param(one, marks=pytest.mark.long) for one in [*_EDITS][1:])]
)
def test_diff_and_comment_show_the_same_totals_of_the_edit(samples: Repository, name: str) -> None:
    path, (old, new) = f"requests/{name}.yaml", _EDITS[name]
    assert old in samples.read(path)
    samples.write(path, samples.read(path).replace(old, new))
    samples.run("compile")
    _commit(samples)

    shown = samples.run("diff", "base", "--format", "markdown")
    summary = samples.root.parent / "summary.md"
    samples.completed("comment", "--base", "base", code=None, variables={"GITHUB_STEP_SUMMARY": str(summary)})

    totals = _TOTAL.findall(shown)
    assert len(totals) > 1
    assert _TOTAL.findall(summary.read_text("utf-8")) == totals
    assert not _CENT.search(shown)
