"""Members of closed unions: equal only to values of their own class."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, UnionType
from typing import NamedTuple, get_args

import infra_scale
from infra_scale.model.action import ApplyHpa, RemoveAutoscaler
from infra_scale.model.tagged import tagged
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import WorkloadRef
from infra_scale.ports.cluster import Absent, Forbidden

_PACKAGE = Path(infra_scale.__file__).parent
_REF = WorkloadRef("Deployment", "shop", "web")


@tagged
class _One(NamedTuple):
    number: int


@tagged
class _Other(NamedTuple):
    number: int


def test_members_of_two_classes_with_the_same_fields_differ() -> None:
    one: object = _One(1)
    other: object = _Other(1)

    assert one != other
    assert not one == other  # noqa: SIM201 (both operators are overridden)
    assert len({one, other}) == len((one, other))


def test_a_member_differs_from_a_plain_tuple_on_either_side() -> None:
    assert _One(1) != (1,)
    assert (1,) != _One(1)  # noqa: SIM300 (both sides are tested)


def test_members_of_one_class_are_equal_by_value_and_have_one_hash() -> None:
    assert _One(1) == _One(1)
    assert _One(1) != _One(2)
    assert {_One(1)} == {_One(1)}


def test_a_member_without_fields_is_true() -> None:
    member: object = Absent()

    assert member


def test_actions_and_answers_are_told_apart() -> None:
    removal = RemoveAutoscaler(_REF, "hpa")
    twin: object = ApplyHpa._make(removal)
    forbidden: object = Forbidden("x")

    assert twin != removal
    assert forbidden != Unknown("x")


def test_every_union_of_named_tuples_has_only_tagged_members() -> None:
    plain = {
        f"{member.__module__}.{member.__qualname__}"
        for module in _modules()
        for members in _unions(module)
        for member in members
        if "__eq__" not in vars(member)
    }

    assert plain == set()


def _modules() -> Iterator[ModuleType]:
    for path in sorted(_PACKAGE.rglob("*.py")):
        if path.stem != "__main__":
            parts = path.relative_to(_PACKAGE.parent).with_suffix("").parts
            yield importlib.import_module(".".join(parts).removesuffix(".__init__"))


def _unions(module: ModuleType) -> Iterator[set[type]]:
    """The classes of each union in a module's text that has two NamedTuples or more."""
    assert module.__file__
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            members = {one for part in _parts(node) for one in _classes(part, module)}
            if len(members) > 1:
                yield members


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left, ast.BitOr(), right):
            yield from _parts(left)
            yield from _parts(right)
        case ast.Constant(str(text)):
            yield ast.parse(text, mode="eval").body
        case _:
            yield node


def _classes(node: ast.expr, module: ModuleType) -> Iterator[type]:
    """The NamedTuples that a name in a module means."""
    if isinstance(node, ast.Name):
        value = getattr(module, node.id, None)
        for one in get_args(value) if isinstance(value, UnionType) else (value,):
            if isinstance(one, type) and issubclass(one, tuple) and one is not tuple:
                yield one
