"""Text made safe to print: a visible sign for each character that a terminal would obey or hide."""

import re

# The bidirectional controls that make a reviewer read another text than the parser ("Trojan Source", CVE-2021-42574),
# and what no reviewer sees at all: soft hyphens, fillers, zero-width characters, invisible operators, tags. The joiners
# of emoji and of some scripts are among them.
INVISIBLE = (
    "\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_UNPRINTABLE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{INVISIBLE}]")


def printable(text: str) -> str:
    """`text` with a visible sign for each character that a terminal would obey or not show."""
    return _UNPRINTABLE.sub("\ufffd", text)
