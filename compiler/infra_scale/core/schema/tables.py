"""Tests of a value by its type: a missing type is not accepted. Two keywords are two merged tables."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from infra_scale.core.schema.pattern import python_pattern
from infra_scale.core.syntax.scalars import DecimalText

Test = Callable[[Any], bool]
Table = dict[type, tuple[Test, ...]]
Sealed = dict[type, Test]
Schema = Mapping[str, Any]

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),  # jsonschema decides about one so long that it is a DecimalText
    "number": (int, DecimalText),
    "object": (dict,),
    "array": (list,),
    "boolean": (bool,),
    "null": (type(None),),
}
ANYTHING: Table = dict.fromkeys((str, int, DecimalText, dict, list, bool, type(None)), ())


class UnknownSchema(Exception):  # noqa: N818 (no error: then jsonschema does all the work)
    """An unsupported part of a schema."""


def both(one: Table, other: Table) -> Table:
    """The conjunction of both."""
    return {kind: tests + other[kind] for kind, tests in one.items() if kind in other}


def concerning(kinds: Iterable[type], test: Test) -> Table:
    """The table of a keyword that concerns some types only."""
    return {**ANYTHING, **dict.fromkeys(kinds, (test,))}


def seal(table: Table) -> Sealed:
    """A compiled table: one test per type."""
    return {kind: _every(tests) for kind, tests in table.items()}


def _every(tests: tuple[Test, ...]) -> Test:
    if not tests:
        return _yes
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:  # noqa: PLR2004 (the most frequent number)
        first, second = tests
        return lambda value: first(value) and second(value)

    def every(value: Any) -> bool:  # noqa: ANN401 (a value of JSON)
        for test in tests:  # noqa: SIM110 (the hot path: a generator costs twice as much)
            if not test(value):
                return False
        return True

    return every


def _yes(value: object) -> bool:
    del value
    return True


def never(value: object) -> bool:
    """Accept nothing."""
    del value
    return False


def of_any_type(sealed: Sealed) -> Test:
    """The test of a table, for a value of any type."""

    def of_type(value: object) -> bool:
        test = sealed.get(type(value))
        return test is not None and test(value)

    return of_type


def _type(names: str | list[str]) -> Table:
    wanted = [names] if isinstance(names, str) else names
    if not TYPES.keys() >= set(wanted):
        raise UnknownSchema(names)
    return {kind: () for name in wanted for kind in TYPES[name]}


def _enum(allowed: Sequence[object]) -> Table:
    """Scalars of exactly the same type; jsonschema decides about 1.0 and 1."""
    table: Table = {}
    for kind in (str, int, bool, type(None)):
        if members := frozenset(value for value in allowed if type(value) is kind):
            table[kind] = (members.__contains__,)
    return table


def _pattern(pattern: str) -> Table:
    search: Callable[[str], object] | None = None

    def matches(text: str) -> bool:
        nonlocal search
        if search is None:  # not before it is needed: a file needs few of a schema's patterns
            search = re.compile(python_pattern(pattern)).search
        return search(text) is not None

    return concerning((str,), matches)


def _format(name: str) -> Table:
    """Dates; every other format is only an annotation."""
    return concerning((str,), _is_day) if name == "date" else ANYTHING


def _is_day(text: str) -> bool:
    from datetime import date  # noqa: PLC0415 (few requests have a day)

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _at_least(kinds: Iterable[type]) -> Callable[[int], Table]:
    return lambda bound: concerning(kinds, lambda value: len(value) >= bound)


def _at_most(kinds: Iterable[type]) -> Callable[[int], Table]:
    return lambda bound: concerning(kinds, lambda value: len(value) <= bound)


def _required(names: list[str]) -> Table:
    wanted = frozenset(names)
    return concerning((dict,), lambda mapping: mapping.keys() >= wanted)


def _unique(wanted: bool) -> Table:  # noqa: FBT001 (the keyword's value)
    """Strings only; jsonschema compares other values."""
    if not wanted:
        return ANYTHING
    return concerning((list,), lambda items: all(type(item) is str for item in items) and len(set(items)) == len(items))


def _not(schema: Schema) -> Table:
    if schema.keys() != {"required"}:
        raise UnknownSchema(schema)
    wanted = frozenset(schema["required"])
    return {dict: (lambda mapping: not mapping.keys() >= wanted,)}


_NUMBERS = TYPES["number"]
KEYWORDS: dict[str, Callable[[Any], Table]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda value: _enum([value]),
    "pattern": _pattern,
    "format": _format,
    "minLength": _at_least((str,)),
    "maxLength": _at_most((str,)),
    "minItems": _at_least((list,)),
    "maxItems": _at_most((list,)),
    "minProperties": _at_least((dict,)),
    "maxProperties": _at_most((dict,)),
    "minimum": lambda bound: concerning(_NUMBERS, lambda value: value >= bound),
    "maximum": lambda bound: concerning(_NUMBERS, lambda value: value <= bound),
    "required": _required,
    "uniqueItems": _unique,
    "not": _not,
}
"""Keywords that depend only on their own value."""
