"""Text made safe to print: a visible sign for each character that a terminal would obey or hide."""

import re

from infra_scale.core.syntax.text import INVISIBLE

_UNPRINTABLE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{INVISIBLE}]")


def printable(text: str) -> str:
    """`text` with a visible sign for each character that a terminal would obey or not show."""
    return _UNPRINTABLE.sub("\ufffd", text)
