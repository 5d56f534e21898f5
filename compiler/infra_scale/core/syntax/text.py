"""Bytes to text that is safe to parse and to show: one encoding, no control characters, lines as editors count them.

Of manifests, everything is accepted that kustomize accepts, which is more than in requests.
"""

import re

from infra_scale.core.syntax import limits
from infra_scale.core.syntax.printable import INVISIBLE
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position
from infra_scale.model.source import Source

_LINE_END = re.compile(r"\r\n|\r|\n")

# What YAML calls non-printable, three line ends that editors do not count, and those. Written as what is forbidden: a
# class of nearly all that exists takes Python 2 ms to compile, on every start.
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff{INVISIBLE}]")
_DIRECTIVE = r"(?<![^\r\n])%"
_ORDINARY = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_OTHER_ENCODINGS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"{\x00", "UTF-16"))

_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ufffe\uffff]"
"""Characters that kubectl refuses; one class for both would take milliseconds to compile."""
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_START = Position(1, 1, 1, "")


def decode(source: Source, *, limit: int = limits.MAX_BYTES) -> tuple[str | None, Finding | None]:
    """The text of a hand-written file, without a byte order mark; or the finding why it is refused."""
    if source.size > limit:
        return None, _refusal(
            source.path,
            "YML-001",
            f"the file has {source.size} bytes; at most {limit} are read",
            help="split it into several requests",
        )
    if source.content.startswith(LFS_POINTER):
        return None, _refusal(
            source.path,
            "YML-002",
            "this is a Git LFS pointer, not the file itself",
            help="take the file out of Git LFS: requests are small text",
        )
    for mark, encoding in _OTHER_ENCODINGS:
        if source.content.startswith(mark):
            return None, _refusal(source.path, "YML-002", f"the file is {encoding}, not UTF-8", help="save it as UTF-8")
    if not source.content.translate(None, _ORDINARY):  # nothing but these: nearly every file
        return source.content.decode("ascii"), None
    return _decode_utf8(source)


def _decode_utf8(source: Source) -> tuple[str | None, Finding | None]:
    try:
        text = source.content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        readable = source.content[: error.start].decode("utf-8")
        found = source.content[error.start]
        message = f"byte 0x{found:02x} is not UTF-8"
        whole = readable + "\ufffd" + _rest_of_line(source.content[error.start + 1 :])
        return None, _refusal(
            source.path, "YML-002", message, help="save the file as UTF-8", position=position_at(whole, len(readable))
        )
    forbidden = _FORBIDDEN.search(text)
    if forbidden is None:
        return text, None
    return None, _refusal(
        source.path,
        "YML-003",
        f"invisible or control character U+{ord(forbidden.group()):04X}",
        help="delete it: it can hide content of the file",
        position=position_at(text, forbidden.start()),
    )


def position_at(text: str, index: int, length: int = 1) -> Position:
    """The position of the character at `index` (from 0); `length` is cut at the end of the line."""
    line, start = 1, 0
    for end in _LINE_END.finditer(text, 0, index):
        line, start = line + 1, end.end()
    following = _LINE_END.search(text, start)
    excerpt = text[start : following.start() if following else len(text)]
    return Position(line, index - start + 1, max(1, min(length, len(excerpt) - (index - start))), excerpt)


def forbidden_character(text: str) -> str | None:
    """The first character of `text` that a file may not contain, as U+XXXX."""
    found = _FORBIDDEN.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def shortened(text: str, limit: int = 60) -> str:
    """`text` on one line of at most `limit` characters, for a message."""
    flat = " ".join(_FORBIDDEN.sub("\ufffd", text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def directive_in(text: str) -> int | None:
    """The index of the first line that begins with %; libyaml compares each directive with all others."""
    found = re.search(_DIRECTIVE, text) if "%" in text else None
    return found.start() if found else None


def lines(text: str) -> list[str]:
    """The lines of a text, without their ends."""
    return _LINE_END.split(text)


def _rest_of_line(content: bytes) -> str:
    return content.split(b"\n", 1)[0].decode("utf-8", "replace")


def _refusal(path: str, rule: str, message: str, *, help: str, position: Position | None = None) -> Finding:
    return Finding(rule, "error", message, path, help=help, position=position or Position(1, 1, 1, ""))


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
