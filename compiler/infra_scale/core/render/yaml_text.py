"""Plain values to YAML that every reader reads alike, byte for byte stable.

Written here because it is what most of a compile's time went to: a general emitter takes 30 times as long. The tests
hold it, character by character, against PyYAML's.
"""

import re
from functools import lru_cache

from infra_scale.core.syntax.scalars import SPECIAL

Node = None | int | str | list["Node"] | dict[str, "Node"]

_LONGEST_KEY = 122
"""A longer key would need the form `? key`, which no plan has."""

# A text that no reader takes for anything else, by its form. Written as what may not stand in it: a class of nearly all
# that exists takes Python 2 ms to compile, on every start.
_PLAIN = re.compile(
    r"""
    (?! [#,\[\]{}&*!|>'"%@`] | [-?:] (?: \x20 | \Z ) | --- | \.\.\. | \x20 )
    (?: [^:\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff\U0010ffff]++
      | : (?! \x20 | \Z )
      | \x20 (?! \# | \Z )
    )++
    """,
    re.VERBOSE,
)
_SUSPECT = frozenset("$-+.~=<0123456789nNtTfFyYoO")
"""How a text begins that some YAML version may read as anything but text."""
# Beside what our own reader knows: what stands for a live value, and what only looks like a number.
_LIKE_A_NUMBER = re.compile(
    r"\$\{.*\}|[-+]?\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|[-+]?0o[0-9a-fA-F_]+", re.ASCII
)
_ESCAPED = '["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff\U00010000-\U0010ffff]'
_ESCAPES = {
    "\0": "\\0",
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    "\x1b": "\\e",
    '"': '\\"',
    "\\": "\\\\",
    "\x85": "\\N",
    "\u2028": "\\L",
    "\u2029": "\\P",
}


def yaml_text(document: dict[str, Node]) -> str:
    """Block style, keys in their order, lists indented below their key, double quotes where quotes are needed.

    Raises TypeError for what is no Node, and for a key that does not fit on one line.
    """
    if not document:
        return "{}\n"
    lines: list[str] = []
    _mapping(document, "", "", lines)
    return "".join(lines)


def _mapping(mapping: dict[str, Node], first: str, indent: str, lines: list[str]) -> None:
    lead = first
    for key, value in mapping.items():
        if type(value) is str:
            lines.append(f"{lead}{_key(key)}: {_text(value)}\n")
        elif type(value) is dict and value:
            lines.append(f"{lead}{_key(key)}:\n")
            _mapping(value, f"{indent}  ", f"{indent}  ", lines)
        elif type(value) is list and value:
            lines.append(f"{lead}{_key(key)}:\n")
            _sequence(value, f"{indent}  ", f"{indent}  ", lines)
        else:
            lines.append(f"{lead}{_key(key)}: {_other(value)}\n")
        lead = indent


def _sequence(sequence: list[Node], first: str, indent: str, lines: list[str]) -> None:
    lead = first
    for value in sequence:
        if type(value) is str:
            lines.append(f"{lead}- {_text(value)}\n")
        elif type(value) is dict and value:
            _mapping(value, f"{lead}- ", f"{indent}  ", lines)
        elif type(value) is list and value:
            _sequence(value, f"{lead}- ", f"{indent}  ", lines)
        else:
            lines.append(f"{lead}- {_other(value)}\n")
        lead = indent


def _other(value: Node) -> str:
    if value is None:
        return "null"
    if type(value) is int:
        return str(value)
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is dict:
        return "{}"
    if type(value) is list:
        return "[]"
    raise TypeError(type(value))


@lru_cache(maxsize=1024)  # most keys and many values stand in every plan
def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and not (text[0] in _SUSPECT and _is_read_otherwise(text)):
        return text
    if text.isascii() and text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'"{re.sub(_ESCAPED, _escape, text)}"'


def _is_read_otherwise(text: str) -> bool:
    return SPECIAL.fullmatch(text) is not None or _LIKE_A_NUMBER.fullmatch(text) is not None


@lru_cache(maxsize=256)
def _key(key: str) -> str:
    if type(key) is not str or not 0 < len(key) <= _LONGEST_KEY or not _LINE_BREAKS.isdisjoint(key):
        raise TypeError(key)
    return _text(key)


_LINE_BREAKS = frozenset("\n\x85\u2028\u2029")


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 (the three forms that YAML has)
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004
