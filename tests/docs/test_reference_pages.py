"""The reference pages are generated, and committed for those who read them on GitHub; `make golden` writes them."""

import re
import shlex
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module

import pytest

from infra_scale.cli import exit_codes
from infra_scale.cli.main import COMMANDS
from support.reference import SCHEMA_PAGES, commands_page, schema_page
from support.repository import CHECKOUT

_PAGES: dict[str, Callable[[], str]] = {
    **{name: partial(schema_page, page) for name, page in SCHEMA_PAGES.items()},
    "reference-commands.md": commands_page,
}


@pytest.mark.parametrize("name", _PAGES)
def test_a_page_is_what_its_source_says(name: str, refresh: bool) -> None:
    page = CHECKOUT / "docs" / name
    fresh = _PAGES[name]()

    if refresh:
        page.write_text(fresh, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == fresh, "run `make golden`"


def test_every_schema_has_a_page() -> None:
    schemas = {file.name.removesuffix(".schema.json") for file in (CHECKOUT / "schemas").iterdir()}

    assert {page.schema for page in SCHEMA_PAGES.values()} == schemas


def test_the_page_of_commands_has_every_command_and_every_exit_code() -> None:
    page = commands_page()

    assert [line.removeprefix("## infra-scale ") for line in page.splitlines() if line.startswith("## i")] == [
        *COMMANDS
    ]
    codes = {value for name, value in vars(exit_codes).items() if name.isupper()}
    assert {f"| {code} |" for code in codes} == {
        line[: line.index("|", 1) + 1] for line in page.splitlines()[-len(codes) :]
    }


def _examples() -> Iterator[tuple[str, list[str]]]:
    """Every command line that a help shows, as a shell would split it."""
    for name, module in COMMANDS.items():
        for line, _ in import_module(module).parser().sections["examples"]:
            ours = re.search(rf"infra-scale {name}\b([^|>]*)", line)
            assert ours, line
            yield name, shlex.split(ours[1])


@pytest.mark.parametrize(("name", "words"), [pytest.param(*one, id=" ".join((one[0], *one[1]))) for one in _examples()])
def test_the_examples_of_a_help_are_what_its_command_takes(name: str, words: list[str]) -> None:
    import_module(COMMANDS[name]).parser().parse_args(words)


def test_every_help_has_an_example() -> None:
    assert {name for name, _ in _examples()} == {*COMMANDS}
