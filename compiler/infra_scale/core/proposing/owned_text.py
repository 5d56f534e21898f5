"""The generated part of a pull request's body or a comment, between two marks; the rest belongs to reviewers."""

from collections.abc import Iterable
from typing import NamedTuple


class Marks(NamedTuple):
    """HTML comments around the generated part."""

    begin: str
    end: str
    is_last: bool = False
    """Which `begin` counts, because untrusted text can quote it: the first if that text is inside the generated part,
    the last if it is above. The last `end` always counts."""

    def around(self, lines: Iterable[str]) -> str:
        """These lines between the marks."""
        return "\n".join((self.begin, *lines, self.end))


class Parts(NamedTuple):
    """A text, split at our marks."""

    before: str
    ours: str
    after: str


def split(text: str, marks: Marks) -> Parts | None:
    """Split a text, whose line ends GitHub may have changed; None if it has no generated part."""
    above, end, after = normal(text).rpartition(marks.end)
    cut = above.rpartition if marks.is_last else above.partition
    before, begin, ours = cut(marks.begin)
    return Parts(before, ours.strip(), after) if begin and end else None


def normal(text: str) -> str:
    """A text with LF line ends."""
    return text.replace("\r\n", "\n")


def is_same(one: str, other: str) -> bool:
    """Whether two texts are equal except for what GitHub may change: line ends, and blanks at the end."""
    return normal(one).rstrip() == normal(other).rstrip()
