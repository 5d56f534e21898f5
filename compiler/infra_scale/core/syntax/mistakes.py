"""One finding for invalid YAML, at the place to change.

A parser often stops some lines after the mistake. So common mistakes are searched near that place, and one is reported
only if the parser gets further without it.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import yaml

from infra_scale.core.syntax.brackets import wrong_bracket
from infra_scale.core.syntax.spaces import ODD, space_finding
from infra_scale.core.syntax.text import position_at, shortened
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position

_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NO_COLON = "could not find expected ':'"
_SYNTAX_HELP = (
    ("mapping values are not allowed", "quote a value that contains ': ', or correct the indentation of this line"),
    (_NO_COLON, "write `key: value`: a colon and a space after every key"),
    ("did not find expected key", "indent this line like the other keys of its block"),
    ("did not find expected '-' indicator", "indent this line like the other items of its list"),
    ("found unexpected end of stream", "close the quote that is open here"),
    ("did not find expected ',' or", "separate the items with commas"),
)
_CONFLICT = r"^(?:<{7}|>{7}) .*$"
"""Git's conflict markers."""

_LINES_BEFORE = 4
"""Number of lines searched above the place where the parser stops."""
_MOST_GUESSED = 64 * 1024
"""Longer texts are generated."""

_KEY = r"(?:- +)*[A-Za-z][\w./-]*"


class _Line(NamedTuple):
    text: str
    start: int
    """Its index in the whole text."""
    above: str
    """The last line above it that is not blank."""


class _Guess(NamedTuple):
    """A mistake that a line may have, and the line without it."""

    column: int
    length: int
    problem: str
    help: str
    repaired: str
    is_space: bool = False
    shifts: bool = False
    """Whether the lines of the same item move with it, one column to the right."""


_Guesser = Callable[[_Line], Iterator[_Guess]]


def syntax_finding(path: str, text: str, error: yaml.MarkedYAMLError) -> Finding:
    """The one finding for a text that the parser refuses with `error`."""
    if conflict := re.search(_CONFLICT, text, re.MULTILINE):
        message = f"not valid YAML: a merge conflict marker of git, `{shortened(conflict.group())}`"
        help = "resolve the merge conflict and remove the conflict markers"
        return _finding(path, message, help, position_at(text, conflict.start(), len(conflict.group())))
    return (
        _guessed(path, text, error, _PLAIN_TO_SEE)
        or _wrong_bracket(path, text)
        or _guessed(path, text, error, _LIKELY)
        or _as_the_parser_says(path, text, error)
    )


def _wrong_bracket(path: str, text: str) -> Finding | None:
    bracket = wrong_bracket(text)
    if bracket is None:
        return None
    return _finding(path, f"not valid YAML: {bracket.problem}", bracket.help, position_at(text, bracket.place))


def _guessed(path: str, text: str, error: yaml.MarkedYAMLError, guessers: tuple[_Guesser, ...]) -> Finding | None:
    mark = error.problem_mark or error.context_mark
    if mark is None or len(text) > _MOST_GUESSED:
        return None
    left = len(text) - mark.index
    lines = _lines(text, mark.line, error.context_mark.line if error.context_mark else mark.line)
    for guesser in guessers:
        for line in lines:
            for guess in guesser(line):
                if _left(_repaired(text, line, guess)) < left:
                    return _of_guess(path, text, line, guess)
    return None


def _repaired(text: str, line: _Line, guess: _Guess) -> str:
    rest = text[line.start + len(line.text) :]
    if guess.shifts:
        inner = " " * (guess.column + 1)
        block = re.match(rf"(?:(?:\r\n|\r|\n){inner}[^\r\n]*)*", rest)
        length = block.end() if block else 0
        rest = re.sub(rf"(\r\n|\r|\n){inner}", rf"\g<1>{inner} ", rest[:length]) + rest[length:]
    return text[: line.start] + guess.repaired + rest


def _of_guess(path: str, text: str, line: _Line, guess: _Guess) -> Finding:
    index = line.start + guess.column
    if guess.is_space:
        return space_finding(path, text, index)
    return _finding(path, f"not valid YAML: {guess.problem}", guess.help, position_at(text, index, guess.length))


def _left(text: str) -> int:
    """The length of the text after the place where the parser stops; negative if it reads all of it."""
    try:
        for _ in yaml.parse(text, Loader=_LOADER):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return len(text) - mark.index if mark else len(text)
    return -1


def _lines(text: str, last: int, context: int) -> list[_Line]:
    """The lines in which the mistake may be, the nearest first."""
    every: list[_Line] = []
    above = ""
    for match in re.finditer(r"([^\r\n]*)(?:\r\n|\r|\n|$)", text):
        every.append(_Line(match[1], match.start(), above))
        above = match[1] if match[1].strip() else above
    near = range(min(last, len(every) - 1), max(-1, last - _LINES_BEFORE), -1)
    return [every[number] for number in dict.fromkeys((*near, min(context, len(every) - 1)))]


def _tabs(line: _Line) -> Iterator[_Guess]:
    indent = re.match(r"[ \t]*", line.text)
    if indent and "\t" in indent.group():
        column, rest = indent.group().index("\t"), line.text[indent.end() :]
        for width in _widths(line):
            yield _Guess(column, 1, "a tab where YAML requires spaces", "indent with spaces", " " * width + rest)


def _widths(line: _Line) -> list[int]:
    """How far a line may be indented, beside the one above: like it, like the item that it begins, or one deeper."""
    indent = len(line.above) - len(line.above.lstrip(" "))
    inner = re.match(r"(?: *- +)*", line.above[indent:])
    deeper = indent + len(inner.group()) if inner else indent
    return list(dict.fromkeys((deeper, indent, deeper + 2)))


def _odd_spaces(line: _Line) -> Iterator[_Guess]:
    if found := re.search(f"[{ODD}]", line.text):
        yield _Guess(found.start(), 1, "", "", re.sub(f"[{ODD}]", " ", line.text), is_space=True)


def _dashes(line: _Line) -> Iterator[_Guess]:
    if glued := re.match(rf"( *(?:- +)*)-(?={_KEY}:)", line.text):
        key = str(line.text[glued.end() :].partition(":")[0])
        problem, help = f"`-{shortened(key)}` has no space after its dash", f"write `- {shortened(key)}:`"
        repaired = f"{glued.group()} {line.text[glued.end() :]}"
        for shifts in (False, True):
            yield _Guess(len(glued[1]), 1 + len(key), problem, help, repaired, shifts=shifts)
    if bullet := re.match(r"( *)([\u2010-\u2015\u2022\u2212*])\s*", line.text):
        problem = f"`{bullet[2]}` (U+{ord(bullet[2]):04X}) does not begin an item of a list"
        yield _Guess(len(bullet[1]), 1, problem, "write `- `", f"{bullet[1]}- {line.text[bullet.end() :]}")


def _colons(line: _Line) -> Iterator[_Guess]:
    if equals := re.match(rf"( *)({_KEY}) *= *(\S*)", line.text):
        fixed = f"{equals[2]}: {equals[3]}"
        repaired = f"{equals[1]}{fixed}{line.text[equals.end() :]}"
        column = equals.end(2)
        yield _Guess(column, 1, f"`{equals[2]}` is followed by no colon", f"write `{shortened(fixed)}`", repaired)
    if glued := re.match(rf"( *)({_KEY}):(?=[^\s:/])(.*)", line.text):
        fixed = f"{glued[2]}: {glued[3]}"
        problem = f"`{shortened(glued[2])}:` has no space after its colon"
        yield _Guess(glued.end(2), 1, problem, f"write `{shortened(fixed)}`", f"{glued[1]}{fixed}")
    if missing := re.fullmatch(rf"( *)({_KEY}) +([^\s:#]+) *", line.text):
        fixed = f"{missing[2]}: {missing[3]}"
        yield _Guess(missing.end(2), 1, "a key without its colon", f"write `{shortened(fixed)}`", missing[1] + fixed)


def _quotes(line: _Line) -> Iterator[_Guess]:
    for quote in "\"'":
        if line.text.count(quote) % 2:
            column = line.text.rindex(quote)
            if column == len(line.text.rstrip()) - 1:
                continue
            help = f"write {quote} at the end of the value too, or delete this one"
            yield _Guess(column, 1, f"this quote ({quote}) is not closed in its line", help, line.text + quote)


def _fences(line: _Line) -> Iterator[_Guess]:
    if fence := re.match(r" *(```|~~~)", line.text):
        yield _Guess(fence.start(1), 3, "a Markdown code fence", "delete the lines that begin with it", "")


def _templates(line: _Line) -> Iterator[_Guess]:
    if template := re.search(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>", line.text):
        repaired = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>", "0", line.text)
        repaired = "" if repaired.strip() == "0" else repaired
        help = "write the value itself: requests are not templates"
        yield _Guess(template.start(), len(template.group()), "a template", help, repaired)


def _indentation(line: _Line) -> Iterator[_Guess]:
    indent = len(line.text) - len(line.text.lstrip(" "))
    if line.text.startswith(("---", "...")):
        return
    for width in _widths(line)[:2]:
        if width != indent and line.text.strip():
            problem = f"this line is indented by {indent}, where the lines around it ask for {width}"
            help = f"begin it in column {width + 1}, or quote a value that contains ': '"
            yield _Guess(indent, len(line.text.strip()), problem, help, " " * width + line.text.lstrip(" "))


_PLAIN_TO_SEE: tuple[_Guesser, ...] = (_tabs, _odd_spaces, _fences, _templates, _dashes, _quotes)
"""Unmistakable patterns."""
_LIKELY: tuple[_Guesser, ...] = (_colons, _indentation)
"""Patterns whose removal helps many texts."""


def _as_the_parser_says(path: str, text: str, error: yaml.MarkedYAMLError) -> Finding:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "not YAML"
    if problem == _NO_COLON or problem.startswith("found unexpected end of stream"):
        mark = error.context_mark or mark  # the key, or the quote; what was missed may be lines below
    advice = next((advice for start, advice in _SYNTAX_HELP if start in problem), _CHECK)
    if problem.startswith("found unexpected end of stream") and error.context_mark:
        problem = "this quote is never closed"
    elif mark and text[mark.index : mark.index + 1] == "\t":
        problem, advice = "a tab where YAML requires spaces", "indent with spaces"
    elif mark and "cannot start any token" in problem:
        problem, advice = f"`{text[mark.index]}` cannot begin a value", "put the value in quotes"
    elif mark and error.context and error.context_mark and error.context_mark.line != mark.line:
        problem = f"{problem} {error.context} that began in line {error.context_mark.line + 1}"
    position = position_at(text, min(mark.index, len(text))) if mark else Position(1, 1, 1, "")
    return _finding(path, f"not valid YAML: {problem}", advice, position)


_CHECK = "check the quotes and the indentation here"


def _finding(path: str, message: str, help: str, position: Position) -> Finding:
    return Finding("YML-004", "error", message, path, help=help, position=position)
