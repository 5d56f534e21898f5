"""Unicode spaces that are not spaces in YAML, such as the no-break space of web pages."""

import re

from infra_scale.core.syntax.text import position_at
from infra_scale.model.finding import Finding

ODD = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_MISPLACED = f"^[ {ODD}]*(?:- )*[{ODD}]|[:,\\-\\[{{][{ODD}]|[{ODD}]$"
_ANY = f"[{ODD}]"


def has_odd_space(text: str) -> bool:
    """Whether a text has any of them; they are allowed in sentences."""
    return not text.isascii() and re.search(_ANY, text) is not None


def misplaced_space(text: str) -> int | None:
    """Index of one used as indentation, after a colon or dash, or at the end of a plain text."""
    found = None if text.isascii() else re.search(_MISPLACED, text, re.MULTILINE)
    odd = re.search(_ANY, found.group()) if found else None
    return found.start() + odd.start() if found and odd else None


def space_finding(path: str, text: str, index: int) -> Finding:
    """YML-003 for the one at `index`."""
    import unicodedata  # noqa: PLC0415 (only for a mistake)

    character = text[index]
    name = unicodedata.name(character, "a space").lower()
    message = f"{name} (U+{ord(character):04X}) instead of a plain space"
    help = "replace it with a normal space"
    return Finding("YML-003", "error", message, path, help=help, position=position_at(text, index))
