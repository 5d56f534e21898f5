"""The parsed expression, so that its work can be bounded before evaluation.

The library hands it out as protobuf (cel.expr.CheckedExpr, a published format); the few kinds of node that
it has do not merit a dependency on protobuf and on its generated classes.
Source: github.com/google/cel-spec, proto/cel/expr/{checked,syntax}.proto.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from infra_scale.model.tagged import tagged


@tagged
class Literal(NamedTuple):
    """A constant."""

    text: str | bytes | None
    """None for numbers and the like."""


@tagged
class Name(NamedTuple):
    """A variable of the plan or of a loop, or a type."""

    name: str


@tagged
class Select(NamedTuple):
    """`of.key`, or has(of.key)."""

    of: "Expression"
    key: str
    only_asks: bool


@tagged
class Call(NamedTuple):
    """A function or operator; a receiver is its first argument."""

    function: str
    arguments: "tuple[Expression, ...]"


@tagged
class Collection(NamedTuple):
    """A list, or a map with its keys and values in turn."""

    items: "tuple[Expression, ...]"
    is_map: bool


@tagged
class Loop(NamedTuple):
    """The expansion of the macros exists, all, map, filter and exists_one."""

    variable: str
    accumulator: str
    over: "Expression"
    start: "Expression"
    condition: "Expression"
    step: "Expression"
    result: "Expression"


Expression = Literal | Name | Select | Call | Collection | Loop

_Fields = Mapping[int, Sequence[bytes]]
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MORE = 0x80
"""The bit of a varint's byte that another one follows."""


class _Node(IntEnum):
    """The numbers of the fields of cel.expr.Expr."""

    ID = 2
    CONSTANT = 3
    NAME = 4
    SELECT = 5
    CALL = 6
    LIST = 7
    STRUCT = 8
    LOOP = 9


_STRING, _RAW = 6, 7  # of a Constant
_TEST_ONLY = 3  # of a Select
_LOOP_FIELDS = frozenset(range(1, 8))  # without the second variable, which no macro of the standard has


def read_tree(serialized: bytes) -> Expression:
    """The tree in the library's serialized form (an Any with a CheckedExpr).

    ValueError for a kind of node that this version does not support, and so cannot bound.
    """
    wrapped = _fields(serialized)
    if _text(wrapped[1]) != "type.googleapis.com/cel.expr.CheckedExpr":
        message = "not a checked expression"
        raise ValueError(message)
    return _expression(_fields(wrapped[2][0])[4][0])


def walk(tree: Expression) -> Iterator[Expression]:
    """The tree's nodes, from the root."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case Select(of, _, _):
                waiting.append(of)
            case Call(_, parts) | Collection(parts, _):
                waiting += parts
            case Loop(_, _, over, start, condition, step, result):
                waiting += (over, start, condition, step, result)
            case Literal() | Name():
                pass


def _expression(data: bytes) -> Expression:
    fields = _fields(data)
    kind = next(number for number in fields if number != _Node.ID)
    inner = _fields(fields[kind][0])
    match kind:
        case _Node.CONSTANT:
            return Literal(_text(inner[_STRING]) if _STRING in inner else inner.get(_RAW, [None])[0])
        case _Node.NAME:
            return Name(_text(inner[1]))
        case _Node.SELECT:
            return Select(_expression(inner[1][0]), _text(inner[2]), _TEST_ONLY in inner)
        case _Node.CALL:
            return Call(_text(inner[2]), _expressions(*inner.get(1, ()), *inner.get(3, ())))
        case _Node.LOOP if inner.keys() == _LOOP_FIELDS:
            return Loop(_text(inner[1]), _text(inner[3]), *_expressions(*(inner[part][0] for part in (2, 4, 5, 6, 7))))
        case _:
            return _collection(kind, inner)


def _collection(kind: int, inner: _Fields) -> Collection:
    match kind, sorted(inner):
        case _Node.LIST, [] | [1]:
            return Collection(_expressions(*inner.get(1, ())), is_map=False)
        case _Node.STRUCT, [] | [2]:
            entries = [_fields(entry) for entry in inner.get(2, ())]
            return Collection(_expressions(*(entry[part][0] for entry in entries for part in (3, 4))), is_map=True)
        case _, present:
            message = f"a node of kind {kind} with {present}"
            raise ValueError(message)


def _expressions(*encoded: bytes) -> tuple[Expression, ...]:
    return tuple(map(_expression, encoded))


def _text(values: Sequence[bytes]) -> str:
    return values[0].decode()


def _fields(data: bytes) -> _Fields:
    """The fields of a message by number; of a number, only that it is there."""
    fields: dict[int, list[bytes]] = {}
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        length = {_FIXED64: 8, _FIXED32: 4}.get(key & 7, 0)
        if key & 7 == _BYTES:
            length, at = _varint(data, at)
        elif key & 7 == _VARINT:
            _, at = _varint(data, at)
        fields.setdefault(key >> 3, []).append(data[at : at + length])
        at += length
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & ~_MORE) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < _MORE:
            return value, at
