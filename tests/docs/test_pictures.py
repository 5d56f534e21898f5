"""The pictures of the README are what a terminal shows; `make golden` draws them."""

import re
from pathlib import Path

import pytest

from support.picture import THEMES, picture
from support.repository import CHECKOUT, Repository
from support.screen import shown

_COLUMNS = 100


@pytest.fixture
def first(repository: Repository) -> Repository:
    """The repository that `make` shows, and leaves behind."""
    script = str(CHECKOUT / "examples/first/run.sh")
    done = repository.tool("sh", script, "first")
    repository.write("output", done.stdout)
    return repository


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_shows_the_real_comparison(first: Repository, theme: str, refresh: bool) -> None:
    file = CHECKOUT / f"docs/images/diff-{theme}.svg"
    output = shown(first.root / "first", "diff", columns=_COLUMNS)

    drawn = picture(f"$ infra-scale diff\n{output}", title="infra-scale diff", columns=_COLUMNS, theme=theme)

    if refresh:
        file.write_text(drawn, "utf-8")
    assert file.read_text("utf-8") == drawn, "run `make golden`"


def test_make_shows_an_edit_and_what_it_changes_on_one_screen(first: Repository) -> None:
    output = first.read("output")

    assert output.startswith("$ git diff requests\n+    requests: {cpu: 750m, mem: 1Gi}\n")
    assert "cost a month" in output
    assert "capacity" in output
    assert output.splitlines()[-1].startswith("next: ")
    assert len(output.splitlines()) <= 30


def test_make_shows_the_same_a_second_time(first: Repository) -> None:
    script = str(CHECKOUT / "examples/first/run.sh")

    assert first.tool("sh", script, "first").stdout == first.read("output")


def test_make_shows_your_own_edit_a_second_time(first: Repository) -> None:
    request = "first/requests/shop/checkout.yaml"
    first.write(request, first.read(request).replace("max: 12", "max: 9"))

    output = first.tool("sh", str(CHECKOUT / "examples/first/run.sh"), "first").stdout

    assert "+    hpa: {min: 4, max: 9, targetCPU: 70}\n" in output
    assert "4 to 9" in output


def test_the_edited_request_of_the_example_is_that_of_the_readme() -> None:
    shown_there = re.search(r"```yaml\n# requests/shop/checkout.yaml\n(.*?)```", _readme(), re.DOTALL)

    assert shown_there
    assert shown_there[1] == (CHECKOUT / "examples/first/edited.yaml").read_text("utf-8")


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_fetches_nothing(theme: str) -> None:
    drawn = Path(CHECKOUT / f"docs/images/diff-{theme}.svg").read_text("utf-8")

    assert set(re.findall(r"https?://[^\s\"']+", drawn)) == {"http://www.w3.org/2000/svg"}


def _readme() -> str:
    return (CHECKOUT / "README.md").read_text("utf-8")
