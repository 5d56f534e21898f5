"""The site: strictly built, complete, and of one piece."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.repository import CHECKOUT, Repository

_REMOTE = re.compile(r"""<(?:script|img|iframe|link rel="?stylesheet"?)\b[^>]*\b(?:src|href)="?(https?:[^" >]+)""")


@pytest.fixture
def site(repository: Repository) -> Repository:
    """What the site is built from."""
    shutil.copytree(CHECKOUT / "docs", repository.root / "docs")
    shutil.copy(CHECKOUT / "mkdocs.yml", repository.root)
    return repository


def _built(site: Repository, *, code: int = 0) -> str:
    done = site.tool("zensical", "build", "--strict", "--clean", code=code, variables={"NO_COLOR": "1"})
    return done.stdout + done.stderr


def _listed(entry: Any) -> list[str]:  # noqa: ANN401 (what YAML has)
    """The pages of a part of the navigation, in order."""
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [page for part in parts for page in _listed(part)]


def test_it_is_built_without_a_warning_and_asks_no_other_server_for_anything(site: Repository) -> None:
    said = _built(site)

    assert "No issues found" in said
    pages = [*(site.root / ".artifacts/site").rglob("*.html")]
    assert len(pages) > 30
    assert [found for page in pages for found in _REMOTE.findall(page.read_text(encoding="utf-8"))] == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("[there](nowhere.md)", "page does not exist"),
        ("[there](rules.md#nothing)", "anchor does not exist"),
    ],
)
def test_a_link_that_leads_nowhere_fails_the_build(site: Repository, broken: str, said: str) -> None:
    page = site.root / "docs/tutorial.md"
    page.write_text(f"{page.read_text(encoding='utf-8')}\n{broken}\n", encoding="utf-8")

    assert said in _built(site, code=1)


def test_every_page_has_one_place_in_the_navigation_and_every_place_has_a_page() -> None:
    navigation = yaml.safe_load((CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]

    pages = sorted(file.relative_to(CHECKOUT / "docs").as_posix() for file in (CHECKOUT / "docs").rglob("*.md"))
    assert sorted(_listed(navigation)) == pages


def test_every_picture_is_there_and_says_what_it_shows() -> None:
    for page in (CHECKOUT / "docs").rglob("*.md"):
        for words, picture in re.findall(r"!\[(.*?)\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert words
            assert (page.parent / picture).is_file()


def test_the_places_in_the_picture_are_those_of_the_repository() -> None:
    picture = Path(CHECKOUT / "docs/images/walk.svg").read_text(encoding="utf-8")

    for place in re.findall(r'<text class="file"[^>]*>([^<]+)</text>', picture):
        assert [*CHECKOUT.glob(place.rstrip("/*"))] or [*CHECKOUT.glob(place)], place
