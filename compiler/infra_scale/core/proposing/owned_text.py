"""The part of a pull request's body or of a comment that is ours, between two marks; the rest belongs to reviewers."""

from collections.abc import Iterable
from typing import NamedTuple


class Marks(NamedTuple):
    """HTML comments around our part."""

    begin: str
    end: str
    is_last: bool = False
    """Which `begin` counts, as untrusted text can quote it: the first, where that text is in our part, or the last,
    where it is above. The last `end` always counts."""

    def around(self, lines: Iterable[str]) -> str:
        """Our part with these lines, and its marks."""
        return "\n".join((self.begin, *lines, self.end))


class Parts(NamedTuple):
    """A text, split at our marks."""

    before: str
    ours: str
    after: str


def split(text: str, marks: Marks) -> Parts | None:
    """The parts of a text, whose line ends GitHub may have changed; None where it has no part of ours."""
    above, end, after = normal(text).rpartition(marks.end)
    cut = above.rpartition if marks.is_last else above.partition
    before, begin, ours = cut(marks.begin)
    return Parts(before, ours.strip(), after) if begin and end else None


def normal(text: str) -> str:
    """A text with the line ends that we write."""
    return text.replace("\r\n", "\n")


def is_same(one: str, other: str) -> bool:
    """Whether two texts differ in nothing that GitHub may have changed: line ends, and blanks at the end."""
    return normal(one).rstrip() == normal(other).rstrip()
