"""The places of keys in a schema: for a key one level too high or too deep."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from infra_scale.core.schema.pattern import python_pattern
from infra_scale.model.position import Route


@lru_cache(maxsize=8)
def homes(schema: str) -> dict[str, tuple[str, ...]]:
    """The places of each key of the JSON Schema with text `schema`, such as `workloads[].hpa`; "" is the top."""
    root: dict[str, Any] = json.loads(schema)
    found: dict[str, list[str]] = {}
    for key, place in _keys(root, root, ""):
        if place not in (places := found.setdefault(key, [])):
            places.append(place)
    return {key: tuple(places) for key, places in found.items()}


def place_of(route: Route) -> str:
    """The place of a route, in the format of `homes`."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in route).removeprefix(".")


def levels(place: str, *, below: str) -> int:
    """How many mappings `place` is below the other place; 0 if it is not below it."""
    inner = place.removeprefix(below).removeprefix(".")
    return 1 + inner.count(".") if inner and (not below or place.startswith((f"{below}.", f"{below}["))) else 0


def mapping_for(key: str, properties: Mapping[str, Any]) -> str:
    """The mapping among `properties` with keys like `key`: `rules` for a rule id; empty if there is none."""
    for name, schema in properties.items():
        pattern = schema.get("propertyNames", {}).get("pattern")
        if pattern and re.search(python_pattern(pattern), key):
            return name
    return ""


def _keys(node: dict[str, Any], root: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    node = _resolved(node, root)
    if "items" in node:
        yield from _keys(node["items"], root, f"{place}[]")
    for key, child in node.get("properties", {}).items():
        yield key, place
        yield from _keys(child, root, f"{place}.{key}" if place else key)


def _resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The definition of `$ref`; our schemas are not recursive."""
    name = node.get("$ref", "").removeprefix("#/$defs/")
    return _resolved(root["$defs"][name], root) if name else node
