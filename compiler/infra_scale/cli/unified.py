"""Changes of files as a unified diff."""

from collections.abc import Iterable, Iterator
from difflib import unified_diff
from typing import Literal

from infra_scale.cli.terminal import styled
from infra_scale.core.syntax.printable import printable
from infra_scale.model.filechange import FileChange

_STYLES: dict[str, Literal["green", "red", "blue"]] = {"+": "green", "-": "red", "@": "blue"}


def diff_lines(changes: Iterable[FileChange]) -> Iterator[str]:
    """The lines of the diff, with their colours."""
    for change in changes:
        before = (change.before or b"").decode("utf-8", "replace").splitlines()
        after = (change.after or b"").decode("utf-8").splitlines()
        source = f"a/{change.path}" if change.before is not None else "/dev/null"
        target = f"b/{change.path}" if change.after is not None else "/dev/null"
        for line in unified_diff(before, after, source, target, lineterm=""):
            clean = printable(line)
            yield styled(clean, _STYLES[line[0]]) if line[0] in _STYLES else clean
