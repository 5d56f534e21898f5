"""CODEOWNERS: whom GitHub asks for a review of which file."""

import pytest

from infra_scale.core.setup.codeowners import new_file, owners_of, unprotected

_SAMPLES = [
    ("*", "a/b.txt", True),
    ("*.js", "a/b.js", True),
    ("*.js", "a/b.ts", False),
    ("/build/logs/", "build/logs/a/b", True),
    ("/build/logs/", "x/build/logs/a", False),
    ("docs/*", "docs/a.md", True),
    ("docs/*", "docs/a/b.md", False),
    ("apps/", "x/apps/a/b", True),
    ("/docs/", "docs", False),
    ("/scripts", "scripts/a", True),
    ("**/logs", "a/b/logs/c", True),
    ("/apps/**/x.yaml", "apps/x.yaml", True),
    ("/apps/**/x.yaml", "apps/a/b/x.yaml", True),
    ("/.github/", ".github/workflows/a.yml", True),
    ("/.gitattributes", ".gitattributes", True),
    ("/a.b", "aXb", False),
]


@pytest.mark.parametrize(("pattern", "path", "matches"), _SAMPLES)
def test_a_pattern_matches_as_on_github(pattern: str, path: str, *, matches: bool) -> None:
    """Most are the samples of GitHub's own page."""
    assert bool(owners_of(f"{pattern} @owner\n", path)) is matches


def test_the_last_line_that_matches_decides_and_may_name_nobody() -> None:
    text = "* @all\n/ops/ @ops @platform # both\n/ops/plans/\n# /ops/targets/ @never\n"

    assert owners_of(text, "README.md") == ("@all",)
    assert owners_of(text, "ops/targets/prod.yaml") == ("@ops", "@platform")
    assert owners_of(text, "ops/plans/x/plan.yaml") == ()


def test_what_init_writes_leaves_nothing_without_an_owner() -> None:
    assert unprotected(new_file(["@acme/platform"]).decode(), ".github/CODEOWNERS") == []


def test_a_file_elsewhere_has_to_own_itself() -> None:
    text = new_file(["@acme/platform"]).decode()

    assert unprotected(text, "CODEOWNERS") == ["/CODEOWNERS"]
    assert unprotected(text + "/docs/ @acme/docs\n", "docs/CODEOWNERS") == []


def test_part_of_a_folder_is_not_the_folder() -> None:
    text = "/ops/targets/ @a\n/.github/workflows/ @a\n/.gitattributes @a\n/.pre-commit-config.yaml @a\n"

    assert unprotected(text, ".github/CODEOWNERS") == ["/ops/", "/.github/"]


def test_requests_in_a_sub_folder_have_their_ops_there() -> None:
    missing = unprotected("/.* @a\n/.github/ @a\n/ops/ @a\n", ".github/CODEOWNERS", below="deploy/")

    assert missing == ["/deploy/ops/", "/deploy/ops/targets/"]
