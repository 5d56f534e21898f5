"""Bytes of a manifest to text: accepts what kustomize accepts, which is more than in requests."""

import re

from infra_scale.core.syntax.text import LFS_POINTER, directive_in, lines, position_at
from infra_scale.model.position import Position
from infra_scale.model.source import Source

_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ufffe\uffff]"
"""Characters that kubectl refuses; one class for both would take milliseconds to compile."""
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_START = Position(1, 1, 1, "")


class Undecodable(Exception):  # noqa: N818 (a fault of the file, which the caller reports)
    """An error in the bytes of a file."""

    def __init__(self, what: str, help: str, position: Position = _START) -> None:
        super().__init__(what)
        self.help = help
        self.position = position


def decode_manifest(source: Source) -> str:
    """The text of a file that was read whole, without a byte order mark. Raises Undecodable."""
    if len(source.content) < source.size:
        what = f"it has {source.size} bytes, and at most {len(source.content)} are read"
        raise Undecodable(what, "split it into several files")
    if source.content.startswith(LFS_POINTER):
        what = "a Git LFS pointer, not the file itself"
        raise Undecodable(what, "take the file out of Git LFS, or check it out with `git lfs pull`")
    text = _decoded(source.content)
    if found := re.search(_CONTROL, text):
        what = f"control character U+{ord(found.group()):04X}"
        raise Undecodable(what, "delete it: kubectl refuses it", position_at(text, found.start()))
    if (directive := directive_in(text)) is not None:
        what = "a directive (a line that begins with %)"
        raise Undecodable(what, "delete the line: kustomize refuses it", position_at(text, directive))
    return text


def place_of(source: Source, block: str, inside: Position) -> Position:
    """The position in a file of a position in a text block within it; else the start of the file."""
    rows, wanted = lines(decode_manifest(source)), lines(block)
    for start, row in enumerate(rows):
        if wanted[0].strip() and row.strip().endswith(wanted[0].strip()):
            line = start + inside.line - 1
            if line < len(rows) and rows[line].endswith(inside.excerpt):
                indent = len(rows[line]) - len(inside.excerpt)
                return Position(line + 1, indent + inside.column, inside.length, rows[line])
    return _START


def _decoded(content: bytes) -> str:
    encoding = _UTF_16.get(content[:2], "utf-8")
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, "replace")
        if encoding != "utf-8":
            what = "UTF-16 with half a character"
            raise Undecodable(what, "save the file as UTF-8", position_at(before, len(before))) from None
        rest = content[error.start + 1 :].split(b"\n", 1)[0].decode("utf-8", "replace")
        what = f"byte 0x{content[error.start]:02x}, which is not UTF-8"
        position = position_at(f"{before}\ufffd{rest}", len(before))
        raise Undecodable(what, "save the file as UTF-8", position) from None
