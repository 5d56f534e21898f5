"""Plain scalars of manifests as kustomize reads them (go-yaml 3): null, or text with numbers in decimal form."""

import re
from functools import lru_cache

SUSPECT = frozenset(("", *"-+.~0123456789nNtTfFyYoO"))
"""First characters of plain scalars that may not be read as the written text."""

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TRUTHS = {
    **dict.fromkeys(("true", "True", "TRUE"), "true"),
    **dict.fromkeys(("false", "False", "FALSE"), "false"),
}
_OLD_TRUTHS = frozenset(
    form for word in ("y", "n", "yes", "no", "on", "off") for form in (word, word.title(), word.upper())
)
_WHOLE = r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)|0[oO]?(?P<octal>[0-7]+))"
_NUMBER = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_BASES = {"hex": 16, "binary": 2, "octal": 8}
_LEAST, _MOST = -(1 << 63), (1 << 64) - 1
_LONGEST = 80
"""A longer scalar is not a 64-bit number."""


class Typed(str):
    """The text of a plain scalar other than a string."""

    __slots__ = ()


class Number(Typed):
    """An integer or a float."""

    __slots__ = ()


class Truth(Typed):
    """A boolean: true or false."""

    __slots__ = ()


class OldTruth(str):
    """A boolean in YAML 1.1, which reads kustomization files; text in manifests: yes, on and the like."""

    __slots__ = ()


class Quoted(str):
    """The text of a scalar in quotes or in a block: a string, also after kustomize replaces its value."""

    __slots__ = ()


class Folded(Quoted):
    """The text of a folded block with lines that are indented further, which kustomize does not keep as it is."""

    __slots__ = ()


@lru_cache(maxsize=2048)  # most numbers and words are in every file
def plain_text(text: str) -> str | None:
    """The text, in one form for all ways to write a number: `010` is 8, `0x1F` is 31, `1_000` is 1000."""
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return Truth(_TRUTHS[text])
    if text in _OLD_TRUTHS:
        return OldTruth(text)
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return text
    digits = text.replace("_", "")
    if match := re.fullmatch(_WHOLE, digits):
        form = str(match.lastgroup)
        number = int(f"{match['sign']}{match.group(form)}", _BASES[form])
        if _LEAST <= number <= _MOST:
            return Number(number)
    if not re.fullmatch(_NUMBER, digits):
        return text
    return Number(_decimal(digits.removeprefix("+")))


def _decimal(digits: str) -> str:
    """The same number without zeros in front, which Kubernetes would not read."""
    is_negative, digits = digits.startswith("-"), digits.removeprefix("-")
    kept = digits.lstrip("0")
    return f"{'-' if is_negative else ''}{kept if kept[:1].isdecimal() else f'0{kept}'}"
