"""CONTRIBUTING.md, followed to the letter on a copy of this repository."""

import re
import shutil
import sys
import textwrap
from pathlib import Path

import pytest

from support.pages import COMMANDS
from support.repository import CHECKOUT, Repository

_SECTION = (CHECKOUT / "CONTRIBUTING.md").read_text("utf-8").split("## Add a rule")[1].split("\n## ")[0]
_BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_AFTER = re.compile(r"# (\S+), after `(.+)`\n")
_COPIED = ("compiler", "schemas", "tests", "docs", "pyproject.toml")


@pytest.fixture
def copy(repository: Repository) -> Repository:
    """What there is to change and to test."""
    for name in _COPIED:
        place = CHECKOUT / name
        if place.is_dir():
            shutil.copytree(place, repository.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, repository.root / name)
    return repository


def _follow(body: str, copy: Repository) -> None:
    """Write a file, or put lines below those that are named."""
    if found := _AFTER.match(body):
        path, line = found.groups()
        text, lines = copy.read(path), body[found.end() :]
        changed = re.sub(rf"^( *{re.escape(line)}.*\n)", lambda place: place[1] + lines, text, flags=re.MULTILINE)
        assert changed != text, path
        copy.write(path, changed)
    else:
        head, _, rest = body.partition("\n")
        assert not (copy.root / head.removeprefix("# ")).exists()
        copy.write(head.removeprefix("# "), rest)


@pytest.mark.long
def test_a_rule_that_is_added_as_the_page_says_passes_its_tests_and_is_on_the_page_of_rules(copy: Repository) -> None:
    for language, body in _BLOCK.findall(_SECTION):
        text = textwrap.dedent(body.replace("\n   ", "\n").removeprefix("   "))
        if language in COMMANDS:
            words = text.replace(".venv/bin/python", sys.executable).split()
            done = copy.tool(*words, "-p", "no:cacheprovider", variables={"PYTHONPATH": str(copy.root / "compiler")})
            assert " passed" in done.stdout
        else:
            _follow(text, copy)

    assert "REP-900" in copy.read("docs/rules.md")
    assert "REP-900" not in (CHECKOUT / "docs/rules.md").read_text("utf-8")


def test_the_rule_of_the_page_passes_the_linters(copy: Repository) -> None:
    _, body = _BLOCK.findall(_SECTION)[0]
    _follow(textwrap.dedent(body), copy)
    written = "compiler/infra_scale/core/rules/majority.py"
    tools = Path(sys.executable).parent

    copy.tool(str(tools / "ruff"), "check", written)
    copy.tool(str(tools / "ruff"), "format", "--check", written)


def test_every_command_of_make_that_it_names_is_there() -> None:
    page, makefile = ((CHECKOUT / name).read_text("utf-8") for name in ("CONTRIBUTING.md", "Makefile"))

    named = set(re.findall(r"`make (\w+)`", page))
    assert named
    assert named <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))
