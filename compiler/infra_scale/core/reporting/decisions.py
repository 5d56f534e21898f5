"""The files that control how a change is checked, as a section of a comment."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from infra_scale.core.comparing.deciding_files import Decision, Edit
from infra_scale.core.syntax.markdown import code, lines_within
from infra_scale.core.syntax.text import shortened

_ROOM = 1_000
_ROOM_FOR_TARGETS = 4_000
_MOST_EDITS = 12
_LONGEST_PATH = 120
_LONGEST_VALUE = 80


def decisions_section(decisions: Sequence[Decision]) -> str:
    """Each file with its change, grouped so that no kind hides another; empty if there is none."""
    if not decisions:
        return ""
    lines: list[str] = []
    for kind, some in groupby(decisions, key=lambda one: one.kind):
        room = _ROOM_FOR_TARGETS if kind == "target" else _ROOM
        lines += lines_within(map(_line, some), room=room, rest=f"changes of this kind ({kind})")
    listed = "\n".join(
        line.replace("… and", "- and", 1) if line.startswith("… and") else line for line in lines if line
    )
    return f"## Changes to Policy and Configuration\n\n{_WHAT}\n\n{listed}\n"


_WHAT = (
    "These files control checks, applied files and reviewers. Until they are merged, the policies of the base apply."
)


def _line(one: Decision) -> str:
    edits = f": {'; '.join(_edits(one.edits))}" if one.edits else ""
    return f"- {one.kind} {code(shortened(one.path, _LONGEST_PATH))} {one.how}{edits}"


def _edits(edits: Sequence[Edit]) -> Iterable[str]:
    for edit in edits[:_MOST_EDITS]:
        yield f"{_code(edit.name)} {_value(edit.before)} → {_value(edit.after)}"
    if len(edits) > _MOST_EDITS:
        yield f"and {len(edits) - _MOST_EDITS} more"


def _value(text: str) -> str:
    return _code(text) if text else "not set"


def _code(text: str) -> str:
    return code(shortened(text, _LONGEST_VALUE))
