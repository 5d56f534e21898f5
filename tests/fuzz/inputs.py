"""Inputs: valid samples with something changed, and documents made from a schema, written in odd ways."""

import ast
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from support.mutants import Sampler, mutant
from support.repository import CHECKOUT

LARGEST = 4096
"""Bytes of most inputs."""
_SAMPLED = 150
"""Documents that are made from a schema before they are changed."""

Make = Callable[[Random], bytes]


def words(*names: str) -> list[bytes]:
    """The words of some dictionaries."""
    lines = (line for name in names for line in _dictionary(name).splitlines() if not line.startswith("#"))
    return [ast.literal_eval(line) for line in lines]


def _dictionary(name: str) -> str:
    return (Path(__file__).parent / "dictionary" / f"{name}.txt").read_text(encoding="ascii")


def samples(*patterns: str) -> list[bytes]:
    """Files of this repository that match, the beginnings of the large ones."""
    found = sorted({file for pattern in patterns for file in CHECKOUT.glob(pattern) if file.is_file()})
    return [_beginning(file) for file in found]


def _beginning(file: Path) -> bytes:
    content = file.read_bytes()
    return content if len(content) <= LARGEST else content[: content.rfind(b"\n", 0, LARGEST) + 1]


def mutations(valid: Sequence[bytes], tokens: Sequence[bytes]) -> Make:
    """Samples with one to six changes of their bytes."""

    def make(dice: Random) -> bytes:
        content = dice.choice(valid)
        for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 6))):
            content = dice.choice(_CHANGES)(content, dice, valid, tokens)
        return content[: 2 * LARGEST]

    return make


def documents(schema: str) -> Make:
    """Documents that a schema accepts, most of them with something changed, as YAML in odd styles."""
    made: list[Any] = []

    def make(dice: Random) -> bytes:
        if not made:
            sampler = Sampler(schema, Random(0))
            made.extend(sampler.document() for _ in range(_SAMPLED))
        document = dice.choice(made) if dice.random() < 1 / 5 else mutant(made, dice)
        return written(document, dice).encode("utf-8", "surrogatepass")[: 4 * LARGEST]

    return make


def either(*makers: Make) -> Make:
    """Inputs of several kinds, as many of each."""
    return lambda dice: dice.choice(makers)(dice)


def lines_of(text: str) -> Iterable[str]:
    """The lines of a text as editors count them."""
    return re.split(r"\r\n|\r|\n", text)


_Change = Callable[[bytes, Random, Sequence[bytes], Sequence[bytes]], bytes]


def _at(content: bytes, dice: Random) -> int:
    return dice.randrange(len(content) + 1)


def _insert(content: bytes, dice: Random, valid: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    at = _at(content, dice)
    return content[:at] + dice.choice(tokens) + content[at:]


def _overwrite(content: bytes, dice: Random, valid: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    at, token = _at(content, dice), dice.choice(tokens)
    return content[:at] + token + content[at + len(token) :]


def _delete(content: bytes, dice: Random, valid: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    at = _at(content, dice)
    return content[:at] + content[at + dice.choice((1, 1, 2, 5, 30)) :]


def _flip(content: bytes, dice: Random, valid: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    if not content:
        return bytes([dice.randrange(256)])
    at = dice.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :]


def _splice(content: bytes, dice: Random, valid: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    other = dice.choice(valid)
    start = _at(other, dice)
    at = _at(content, dice)
    return content[:at] + other[start : start + dice.choice((5, 40, 200))] + content[at:]


def _repeat(content: bytes, dice: Random, valid: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    at = _at(content, dice)
    part = content[at : at + dice.choice((1, 4, 30, 120))]
    return content[:at] + part * dice.choice((2, 2, 3, 30)) + content[at:]


def _lines(content: bytes, dice: Random, valid: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """One line gone, doubled, moved, or indented otherwise."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at = dice.randrange(len(lines))
    line = lines.pop(at)
    match dice.randrange(4):
        case 0:
            pass
        case 1:
            lines[at:at] = [line, line]
        case 2:
            lines.insert(dice.randrange(len(lines) + 1), line)
        case _:
            lines.insert(
                at, dice.choice((b" ", b"  ", b"\t", b"- ")) + line if dice.random() < 1 / 2 else line.lstrip()
            )
    return b"".join(lines)


def _value(content: bytes, dice: Random, valid: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """One value after a colon replaced."""
    found = list(_VALUES.finditer(content))
    if not found:
        return content
    match = dice.choice(found)
    return content[: match.start()] + dice.choice(tokens) + content[match.end() :]


_VALUES = re.compile(rb"(?<=: )[^\n,}]+")
_CHANGES: tuple[_Change, ...] = (_insert, _insert, _overwrite, _delete, _flip, _splice, _repeat, _lines, _value, _value)


def written(value: Any, dice: Random) -> str:  # noqa: ANN401 (JSON)
    """A document as JSON, or as block YAML whose scalars have any style."""
    if dice.random() < 1 / 4:
        return json.dumps(value, ensure_ascii=dice.random() < 1 / 2, indent=dice.choice((None, 1, 2)))
    return "".join(_block(value, 0, dice)) + dice.choice(("\n", "", "\n...\n", "\n# end"))


def _block(value: Any, indent: int, dice: Random) -> Iterable[str]:  # noqa: ANN401
    pad = " " * indent
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield f"\n{pad}{_scalar(key, dice)}:"
            yield from _inner(inner, indent, dice)
    elif isinstance(value, list) and value:
        for inner in value:
            yield f"\n{pad}-"
            yield from _inner(inner, indent, dice)
    else:
        yield f"{pad}{_scalar(value, dice)}"


def _inner(value: Any, indent: int, dice: Random) -> Iterable[str]:  # noqa: ANN401
    if isinstance(value, dict | list) and value and dice.random() < 4 / 5:
        yield from _block(value, indent + 2, dice)
    elif isinstance(value, dict | list):
        yield f" {json.dumps(value, ensure_ascii=False, default=str)}"
    else:
        yield f" {_scalar(value, dice)}"


def _scalar(value: Any, dice: Random) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        return repr(value) if isinstance(value, float) else json.dumps(value)
    match dice.randrange(8):
        case 0:
            return json.dumps(value)
        case 1:
            return f"'{value.replace(chr(39), chr(39) * 2)}'"
        case 2:
            return value
        case _:
            return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


_PLAIN = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][A-Za-z0-9 ./-]*[A-Za-z0-9]", re.IGNORECASE)
