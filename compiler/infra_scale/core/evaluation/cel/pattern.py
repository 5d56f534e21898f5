"""How many steps matches() takes at most: RE2 never backtracks, so they are in proportion to pattern times text."""

import re
from math import prod

_CHARACTER = 2
"""Steps of running one character of a pattern over one step of text."""
_COMPILING = 16
"""Steps of text whose running costs as much as compiling the pattern, which every call does."""
_OF_A_CALL = 4
"""Characters of a pattern that cost as much as a call with an empty one."""
_UNICODE_CLASS = 100
r"""How many times more \pL costs, whose ranges are hundreds."""
_MOST_REPEATED = 1000
"""RE2 refuses a pattern whose counts, multiplied where they are nested, go beyond."""

_COUNT = re.compile(r"(?:\[[^][\\]+\])?\{(\d{1,4}),?(\d{0,4})\}")
"""A count, with the class before it where that is a plain one."""


def matching_steps(pattern: str, text_size: int) -> int:
    """Of compiling a pattern and running it over so many steps of text; measured with the worst patterns found."""
    classes = _UNICODE_CLASS if re.search(r"\\[pP]", pattern) else 1
    return (_OF_A_CALL + _unrolled(pattern)) * _CHARACTER * classes * (_COMPILING + text_size)


def _unrolled(pattern: str) -> int:
    """Characters of a pattern when each count is written out, as RE2 does."""
    counted = [(match, max(1, *(int(count or 0) for count in match.groups()))) for match in _COUNT.finditer(pattern)]
    if any(pattern[: match.start()].endswith((")", "]", "}")) for match, _ in counted):
        return len(pattern) * min(prod(times for _, times in counted), _MOST_REPEATED)
    # What is counted is a class that _COUNT has matched with its count, or one character, perhaps escaped.
    return len(pattern) + sum((2 + len(match[0])) * times for match, times in counted)
