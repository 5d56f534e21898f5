"""Tagged unions of NamedTuples, whose own equality ignores the class."""

from typing import TypeVar

Class = TypeVar("Class", bound=type[tuple[object, ...]])


def tagged(cls: Class) -> Class:
    """Make a NamedTuple a member of a tagged union: equal only to values of its own class, and true without fields.

    Not a dataclass: importing `dataclasses` costs every start 4 ms.
    """
    for name, method in _METHODS.items():
        setattr(cls, name, method)
    return cls


def _equal(one: tuple[object, ...], other: object) -> bool:
    return one.__class__ is other.__class__ and tuple.__eq__(one, other)


def _unequal(one: tuple[object, ...], other: object) -> bool:
    return not _equal(one, other)


def _true(one: tuple[object, ...]) -> bool:
    del one
    return True


_METHODS = {"__eq__": _equal, "__ne__": _unequal, "__bool__": _true}
