"""A text as YAML: plain if every reader reads it as that text, else in double quotes; always on one line."""

import re
from functools import lru_cache

from infra_scale.core.syntax.scalars import SPECIAL

# A text that no reader takes for anything else, by its form. Written as what may not stand in it: a class of nearly all
# that exists takes Python 2 ms to compile, on every start.
_PLAIN = re.compile(
    r"""
    (?! [#,\[\]{}&*!|>'"%@`] | [-?:] (?: \x20 | \Z ) | --- | \.\.\. | \x20 )
    (?: [^:\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff\U0010ffff]
      | : (?! \x20 | \Z )
      | \x20 (?! \# | \Z )
    )+
    """,  # no possessive quantifiers: Python 3.11.2 (Debian 12) matches lookaheads after them wrongly (gh-106052)
    re.VERBOSE,
)
_ENDS_INLINE = re.compile(r"[,?:\[\]{}]")
"""Characters with a special meaning between brackets."""
_SUSPECT = frozenset("$-+.~=<0123456789nNtTfFyYoO")
"""First characters of texts that some YAML version may not read as text."""
# What some YAML version reads as anything but text, beyond what PyYAML (1.1) would: 1.2 exponents and octals, y/n, and
# what our own reader refuses as ambiguous.
_READ_OTHERWISE = re.compile(
    r"[-+]?\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9][0-9_]*|[-+]?0[xXoObB][0-9a-fA-F_]+"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[yYnN]|\$\{.*\}",
    re.ASCII,
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


@lru_cache(maxsize=2048)  # most keys and many values are in every plan
def written(text: str) -> str:
    """The text on a separate line, or after a key."""
    if _PLAIN.fullmatch(text) and not (text[0] in _SUSPECT and (SPECIAL.fullmatch(text) or is_read_otherwise(text))):
        return text
    return _quoted(text)


@lru_cache(maxsize=2048)
def written_inline(text: str) -> str:
    """The text between brackets."""
    return _quoted(text) if _ENDS_INLINE.search(text) else written(text)


def is_read_otherwise(text: str) -> bool:
    """Whether a text needs quotes although PyYAML would leave them out."""
    return _READ_OTHERWISE.fullmatch(text) is not None


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable():
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f'"{re.sub(_ESCAPED, _escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 (the three forms that YAML has)
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004
