"""Keys and values stand where PyYAML's nodes stand."""

from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from infra_scale.core.syntax.places import places_of
from infra_scale.core.syntax.text import lines
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.position import Position, Route
from support.amounts import examples
from support.pure import source

_PIECES = st.sampled_from(
    [
        *"ab:- \n{}[],#'\"|",
        "a: ",
        "b: ",
        "\n  ",
        "\n- ",
        "- - ",
        "|\n  x\n",
        ">-\n  y\n",
        "'a\n b'",
        "null",
        "ä",
        "\U0001f600",
    ]
)


def _expected(node: yaml.Node, route: Route, keys: dict[Route, Any], values: dict[Route, Any]) -> None:
    values[route] = (node.start_mark, node.end_mark)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if (inner := (*route, key.value)) not in keys:
                keys[inner] = (key.start_mark, key.end_mark)
                _expected(value, inner, keys, values)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _expected(item, (*route, index), keys, values)


def _agrees(position: Position, marks: tuple[Any, Any], text: str) -> bool:
    start, end = marks
    if start.line >= len(lines(text)):  # libyaml puts nothing on a line that is not there
        return position[:3] == (len(lines(text)), len(lines(text)[-1]) + 1, 1)
    on_one_line = start.line == end.line
    length = max(1, end.column - start.column) if on_one_line else max(1, len(position.excerpt) - start.column)
    return position[:3] == (start.line + 1, start.column + 1, length)


@examples(2000)
@given(text=st.lists(_PIECES, max_size=14).map("".join))
@example("a: 1\na: [1, {b: 2}]\nc: 3\n")
@example("a:\n  - |\n    x\n    y\n  - >-\n    z\nb: [ ]\nc: {}\nd:\n")
@example("--- ")
@example("k: 'x\n  y'\nl: \"a\n   b\"\n")
def test_keys_and_values_stand_where_pyyaml_has_them(text: str) -> None:
    document, _ = parse(source(text))
    if document is None:
        return
    keys: dict[Route, Any] = {}
    values: dict[Route, Any] = {}
    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert root is not None
    _expected(root, (), keys, values)

    places = places_of(text)

    assert [route for route in keys if not _agrees(places.position(route, on_key=True), keys[route], text)] == []
    assert [route for route in values if not _agrees(places.position(route, on_key=False), values[route], text)] == []
    nowhere = [(*route, further) for route in values for further in ("nowhere", 99) if (*route, further) not in values]
    for route in nowhere:
        for on_key in (True, False):
            assert _agrees(places.position(route, on_key=on_key), values[route[:-1]], text)
