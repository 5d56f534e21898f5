"""Documentation, messages, docstrings and comments avoid words that read like a translation."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.repository import CHECKOUT

_REPLACE = {
    r"mend(s|ed|ing)?|heal(s|ed|ing)?": "fix, repair",
    r"anew": "again, from scratch",
    r"says|tells|told": "reports, prints, shows",
    r"lies|lying|stands": "is, exists",
    r"bears": "has, is named",
    r"slips? of the pen": "typo",
    r"holes?": "vulnerability",
    r"(is|are|was|were|be) asked for": "is requested, is selected",
    r"nobody|somebody|whoever|whom|anybody": "the role: reviewer, maintainer, another process; or unknown",
    r"strangers?": "untrusted",
    r"milder": "relaxed",
}
_WORD = re.compile("|".join(rf"\b(?:{words})\b" for words in _REPLACE), re.IGNORECASE)
_ALLOWED = re.compile(r"self-heal", re.IGNORECASE)
_GENERATED = re.compile(r"docs/(reference-(?!output)\w+|rules|modules|performance)\.md")
"""Their sources are checked."""


def _texts_of_python(text: str) -> Iterator[tuple[int, str]]:
    """Comments and strings (messages and docstrings), with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING) or tokenize.tok_name[token.type] == "FSTRING_MIDDLE":
            yield from enumerate(token.string.splitlines(), token.start[0])


def _texts_of_page(text: str) -> Iterator[tuple[int, str]]:
    """Lines outside of code; of the changelog, only those of the next version."""
    is_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"## \[\d", line):
            return
        is_code ^= line.lstrip().startswith("```")
        if not is_code:
            yield number, re.sub(r"`[^`]*`|\]\([^)]*\)", "", line)


def _found(path: Path) -> Iterator[str]:
    name, text = path.relative_to(CHECKOUT).as_posix(), path.read_text(encoding="utf-8")
    if _GENERATED.match(name):
        return
    texts = _texts_of_python(text) if path.suffix == ".py" else _texts_of_page(text)
    for line, part in texts:
        for word in _WORD.finditer(_ALLOWED.sub("", part)):
            yield f"{name}:{line}: replace '{word[0]}': {part.strip()}"


def _files() -> list[Path]:
    named = ("Makefile", "action.yml", ".pre-commit-hooks.yaml", "mkdocs.yml")
    patterns = ("*.md", "docs/*.md", "benchmarks/*.md", ".github/workflows/*.yml", "schemas/*.json")
    found = [file for pattern in patterns for file in CHECKOUT.glob(pattern)]
    source = [file for file in (CHECKOUT / "compiler").rglob("*") if file.suffix in (".py", ".yaml")]
    return sorted({*found, *source, *(CHECKOUT / name for name in named)})


def test_texts_use_the_words_of_the_field() -> None:
    assert [line for file in _files() for line in _found(file)] == []


@pytest.mark.parametrize("text", ["# Nobody reads it.", 'x = "Mend it"', 'def f(): """Where it\n    lies."""'])
def test_a_word_is_found_in_comments_messages_and_docstrings(text: str) -> None:
    ast.parse(text)
    assert any(_WORD.search(part) for _, part in _texts_of_python(text))


def test_code_and_names_are_not_prose() -> None:
    assert not any(_WORD.search(part) for _, part in _texts_of_python("told = lies(nobody)\n"))
    assert not any(_WORD.search(part) for _, part in _texts_of_page("`says` it\n```\ntold\n```\n"))
