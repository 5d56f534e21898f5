"""Upper bound of the evaluation steps of an expression over a plan, computed without evaluation.

A clock would make the answer depend on the machine, and the library counts the turns of loops but not what a turn does.
"""

import re
from collections.abc import Iterable, Mapping
from math import prod
from typing import NamedTuple, assert_never

from infra_scale.core.evaluation.cel.tree import Call, Collection, Expression, Literal, Loop, Name, Select
from infra_scale.core.syntax.text import shortened

NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""cel-expr-python 0.1.3 cuts a text off at NUL (PyUnicode_AsUTF8 without a length), and UTF-8 has no surrogates."""

_CHARACTERS_PER_STEP = 8
_CONSTANT = frozenset({"_&&_", "_||_", "!_", "_?_:_", "_[_]", "dyn", "@not_strictly_false"})
"""Calls that do not look into their arguments."""
_PLAIN = frozenset(
    {"_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "-_", "_-_", "_*_", "_/_", "_%_"}
    | {"@not_strictly_false", "size", "contains", "startsWith", "endsWith", "matches"}
    | {"int", "uint", "double", "bool", "type", "timestamp", "duration"}
)
"""Calls that give a truth, a number, a type or a time."""


class Shape(NamedTuple):
    """An upper bound on values."""

    size: int
    """Values in it as a tree, itself included; 8 characters of text are one."""
    entries: int = 0
    """Values directly in it."""
    inner: "Shape | None" = None
    """Bounds each value directly in it, but not those that `keys` bounds."""
    keys: "Mapping[str, Shape] | None" = None
    """The values of a mapping by key, if known; None if it cannot be a mapping."""

    def at(self, key: str) -> "Shape":
        """The value of a key."""
        return (self.keys or {}).get(key) or self.inner or NOTHING

    @property
    def anywhere(self) -> "Shape":
        """The value of any key or index."""
        inside = (*(self.keys or {}).values(), *([self.inner] if self.inner else ()))
        return _either(*inside) if inside else NOTHING


NOTHING = Shape(1)
"""The shape of what holds nothing: a number, a truth, null."""


class UnfitError(Exception):
    """An expression or a value that is not passed to the library; the argument is the reason."""


def shape(value: object) -> Shape:
    """The shape of a value of a plan; UnfitError where a text in it would reach the library as another one."""
    match value:
        case str():
            if NO_TEXT.search(value):
                reason = f"{shortened(value)!a} holds a character that CEL's texts cannot"
                raise UnfitError(reason)
            return Shape(1 + len(value) // _CHARACTERS_PER_STEP)
        case Mapping():
            names = tuple(map(shape, value))
            keys = {str(key): shape(inner) for key, inner in value.items()}
            size = 1 + sum(each.size for each in (*names, *keys.values()))
            return Shape(size, len(names), _either(*names) if names else None, keys)
        case list():
            return _around([*map(shape, value)])
        case _:
            return NOTHING


def steps(tree: Expression, names: Mapping[str, Shape]) -> int:
    """The most steps that the expression can take over values with these shapes.

    UnfitError where a pattern of matches() is not written in the expression.
    """
    return _work(tree, names)[0]


def _around(inner: Iterable[Shape]) -> Shape:
    shapes = tuple(inner)
    return Shape(1 + sum(each.size for each in shapes), len(shapes), _either(*shapes) if shapes else None)


def _either(*shapes: Shape) -> Shape:
    """Bounds what each of these bounds."""
    if len(shapes) == 1:
        return shapes[0]
    inner = [each.inner for each in shapes if each.inner]
    maps = [each for each in shapes if each.keys is not None]
    names = dict.fromkeys(name for each in maps for name in each.keys or ())
    return Shape(
        max(each.size for each in shapes),
        max(each.entries for each in shapes),
        _either(*inner) if inner else None,
        {name: _either(*(each.at(name) for each in maps)) for name in names} if maps else None,
    )


def _work(node: Expression, names: Mapping[str, Shape]) -> tuple[int, Shape]:
    """Steps to compute a node, and what comes out."""
    match node:
        case Literal(text):
            return 1, Shape(1 + len(text or "") // _CHARACTERS_PER_STEP)
        case Name(name):
            return 1, names.get(name, NOTHING)
        case Select(of, key, only_asks):
            cost, whole = _work(of, names)
            return 1 + cost, NOTHING if only_asks else whole.at(key)
        case Collection(items, is_map):
            costs, shapes = _works(items, names)
            return 1 + len(items) + costs, _around(shapes)._replace(keys={} if is_map else None)
        case Call(function, arguments):
            costs, shapes = _works(arguments, names)
            return 1 + costs + _looking(node, shapes), _outcome(function, shapes)
        case Loop():
            return _looping(node, names)
        case _:
            assert_never(node)


def _works(nodes: tuple[Expression, ...], names: Mapping[str, Shape]) -> tuple[int, tuple[Shape, ...]]:
    worked = [_work(node, names) for node in nodes]
    return sum(cost for cost, _ in worked), tuple(each for _, each in worked)


def _looping(loop: Loop, names: Mapping[str, Shape]) -> tuple[int, Shape]:
    """The value that an iteration adds to the accumulator does not depend on it: no macro can refer to it."""
    over_cost, over = _work(loop.over, names)
    if over.keys is not None:  # the library takes keys in another order in every process, so no list may come of them
        reason = "a loop goes over a list; of a mapping ask for a key, with `in` or has(…)"
        raise UnfitError(reason)
    start_cost, start = _work(loop.start, names)
    inside = {**names, loop.variable: over.inner or NOTHING, loop.accumulator: start}
    turn_cost, turn = _work(loop.step, inside)
    condition_cost, _ = _work(loop.condition, inside)
    turns = over.entries
    gathered = Shape(start.size + turns * turn.size, start.entries + turns * turn.entries, turn.inner)
    result_cost, result = _work(loop.result, {**names, loop.accumulator: gathered})
    copying = turns * gathered.entries  # map and filter copy their list in every turn
    return over_cost + start_cost + turns * (1 + turn_cost + condition_cost) + copying + result_cost, result


def _looking(call: Call, shapes: tuple[Shape, ...]) -> int:
    """Steps of a call itself."""
    sizes = [each.size for each in shapes]
    match call.function:
        case "_==_" | "_!=_":
            return min(sizes)
        case "contains":
            return prod(sizes)  # text is searched naively
        case "matches":
            return _matching(call.arguments[-1], sizes[0])
        case function if function.startswith("get") and len(sizes) > 1:
            reason = "a time zone has other rules on other machines; leave it out, for UTC"
            raise UnfitError(reason)
        case function:
            return 0 if function in _CONSTANT else sum(sizes)


def _matching(pattern: Expression, text_size: int) -> int:
    if isinstance(pattern, Literal) and isinstance(pattern.text, str):
        return matching_steps(pattern.text, text_size)
    reason = "matches() needs its pattern as a text in quotes"
    raise UnfitError(reason)


def _outcome(function: str, shapes: tuple[Shape, ...]) -> Shape:
    if function in _PLAIN:
        return NOTHING
    match function, shapes:
        case "_?_:_", (_, *branches):
            return _either(*branches)
        case "_[_]", (whole, _):
            return whole.anywhere
        case "dyn", (same,):
            return same
        case _:  # concatenation, conversion to text, and what a later version of the library may add
            inner = [each.inner for each in shapes if each.inner]
            size, entries = sum(each.size for each in shapes), sum(each.entries for each in shapes)
            return Shape(8 + size, entries, _either(*inner) if inner else None)


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
