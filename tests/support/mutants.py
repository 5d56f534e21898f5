"""Documents that a JSON Schema accepts, made from the schema itself, and documents with something changed in them."""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from infra_scale.core.syntax.document import DecimalText

_TEXTS = {
    r"\S": ("team-a", "Launch: the assistant", "x" * 200),
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$": ("web", "a", "prod-eu-1", "0", "a" * 63),
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$": ("web", "a.b-c.d", "0.0"),
    "^[A-Z][A-Z0-9]{1,11}-[0-9]{3}$": ("REP-001", "ACME-999"),
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$": ("2026-12-31",),
    "^[A-Za-z][A-Za-z0-9_.-]{0,99}$": ("serverAddress", "query", "threshold", "a"),
    "^[a-z][A-Za-z]{0,30}$": ("threshold", "share"),
    "^[A-Za-z0-9][A-Za-z0-9._:@/+=-]*$": ("minikube", "arn:aws:eks:eu-1:1234:cluster/a"),
    "^[A-Za-z_][A-Za-z0-9_]*$": ("ENABLE", "_x"),
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$": ("2026-01-01T00:00:00.000Z",),
    "^infra-scale/[0-9]+$": ("infra-scale/2",),
    r"^(-?[0-9]+\.[0-9]{2}|n/a)$": ("0.00", "-12.50", "n/a"),
    "^[1-9][0-9]{0,4}[hd]$": ("24h", "7d"),
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$": ("2025-01-15T03:00:00Z",),
    "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$": ("n1", "n.2", "0"),
    "^[A-Za-z0-9][A-Za-z0-9._/-]*$": ("cpu", "memory", "pods", "nvidia.com/gpu"),
    "^[0-9]{1,9}%?$": ("25%", "1"),
    r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,12})?$": ("0", "0.031611", "999999999.000000000001"),
    "^[A-Z]{3}$": ("USD",),
    r"^(TCP|UDP|SCTP)/[0-9]{1,5}$": ("TCP/9100", "UDP/53", "SCTP/1"),
    r"^(Deployment|StatefulSet|ReplicaSet|DaemonSet|Job|CronJob)/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$": (
        "Deployment/api",
        "StatefulSet/db.a",
        "Job/x",
    ),
}
"""Texts that match the patterns of our schemas."""

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, DecimalText("1.0"), DecimalText("-0.5"), DecimalText("1e999")),
    *(
        DecimalText("9" * 25),
        DecimalText("1e2"),
        "",
        " ",
        "\n",
        "web\n",
        "Web",
        "-",
        "a..b",
        "ä",
        "٣",
        "\u2028",
        "2026-02-30",
    ),
    *(
        "x" * 64,
        "x" * 254,
        "x" * 2001,
        "1",
        "true",
        "off",
        "Off",
        "${detect}",
        "2026-02-30",
        "2026-02-28",
        [],
        {},
        [None],
        {"a": None},
        [[]],
    ),
    *(["cpu", "cpu"], ["cpu", "memory"], {"mem": "1Gi", "memory": "1Gi"}, {"requests": "requests", "flags": ["-"]}),
    *({"a": 1}, {"a": 1, "b": 2}, {"b": "x", "kind": "one"}, {"kind": "two"}, ["a"], ["a", "a"], [1, True], [1, 2, 3]),
)
"""Values with a catch."""


class Sampler:
    """Random valid documents of a schema."""

    def __init__(self, schema: str, dice: random.Random) -> None:
        self._root: dict[str, Any] = json.loads(schema)
        self._dice = dice

    def document(self) -> Any:  # noqa: ANN401 (JSON)
        """A document that the schema very probably accepts."""
        return self._value(self._root)

    def _value(self, schema: dict[str, Any]) -> Any:  # noqa: ANN401
        schema = self._flat(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._dice.choice(schema["enum"])
        kind = schema.get("type", "object")
        return self._makers()[kind if isinstance(kind, str) else self._dice.choice(kind)](schema)

    def _flat(self, schema: dict[str, Any]) -> dict[str, Any]:
        """One way to satisfy a schema, without references and branches."""
        if "$ref" in schema:
            named = self._root["$defs"][schema["$ref"].rpartition("/")[2]]
            return self._flat({**named, **{key: value for key, value in schema.items() if key != "$ref"}})
        if "if" in schema:
            return self._flat(schema[self._dice.choice(("then", "else"))])
        options = next((schema[key] for key in ("anyOf", "oneOf") if key in schema), None)
        if options is None:
            return schema
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        chosen = self._dice.choice(options)
        unwanted = {name for option in options for name in option.get("required", ()) if option is not chosen}
        rest["unwanted"] = unwanted if "oneOf" in schema else set()
        wanted = [*rest.get("required", ()), *chosen.get("required", ())]
        return self._flat({**rest, **chosen, **({"required": wanted} if "properties" in rest else {})})

    def _makers(self) -> dict[str, Callable[[dict[str, Any]], Any]]:
        return {
            "string": self._text,
            "integer": self._number,
            "number": lambda _: self._dice.choice((1, 2, DecimalText("0.5"), DecimalText("1e3"))),
            "boolean": lambda _: self._dice.choice((True, False)),
            "null": lambda _: None,
            "array": self._list,
            "object": self._mapping,
        }

    def _number(self, schema: dict[str, Any]) -> int:
        low: int = schema.get("minimum", 0)
        high: int = schema.get("maximum", 2**31 - 1)
        return self._dice.choice((low, low + 1, min(high, low + 7), high))

    def _text(self, schema: dict[str, Any]) -> str:
        if "pattern" in schema:
            example = schema.get("examples", ["requests/web.yaml"])[0]
            return str(self._dice.choice(_TEXTS.get(schema["pattern"], (example,))))
        return self._dice.choice(("a", "500m", "2Gi", "kubectl get pods", "x" * schema.get("maxLength", 5)))

    def _list(self, schema: dict[str, Any]) -> list[Any]:
        items = [self._value(schema["items"]) for _ in range(self._dice.choice((1, 1, 2, 3)))]
        items = items[: schema.get("maxItems", 3)]
        return [item for index, item in enumerate(items) if item not in items[:index]]

    def _mapping(self, schema: dict[str, Any]) -> dict[str, Any]:
        named: dict[str, Any] = schema.get("properties", {})
        chance = self._dice.choice((0.1, 0.5, 0.9))
        unwanted = schema.get("unwanted", set()) - set(schema.get("required", ()))
        made = {
            name: self._value(inner)
            for name, inner in named.items()
            if name in schema.get("required", ()) or (self._dice.random() < chance and name not in unwanted)
        }
        if not made and named:
            name = self._dice.choice(list(named))
            made[name] = self._value(named[name])
        both = schema.get("not", {}).get("required", [])
        if both and all(name in made for name in both):
            del made[both[0]]
        if isinstance(others := schema.get("additionalProperties"), dict):
            for _ in range(self._dice.choice((0, 1, 3)) or not made):
                made[self._text(schema.get("propertyNames", {}))] = self._value(others)
        return made


def mutant(documents: list[Any], dice: random.Random) -> Any:  # noqa: ANN401 (JSON)
    """One of the documents with one to three things changed."""
    made = [deepcopy(dice.choice(documents))]
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        place, key = dice.choice(list(_places(made)))
        _CHANGES[dice.randrange(len(_CHANGES))](place, key, documents, dice)
        if not made:
            made.append(deepcopy(dice.choice(ODD)))
    return made[0]


def _places(node: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    """Every place below a node: what it stands in, and its key or index."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)


_Change = Callable[[Any, Any, list[Any], random.Random], None]


def _replaced(place: Any, key: Any, documents: list[Any], dice: random.Random) -> None:  # noqa: ANN401
    del documents
    place[key] = deepcopy(dice.choice(ODD))


def _transplanted(place: Any, key: Any, documents: list[Any], dice: random.Random) -> None:  # noqa: ANN401
    """Something that is right elsewhere."""
    donor, there = dice.choice(list(_places([dice.choice(documents)])))
    if isinstance(place, dict) and isinstance(donor, dict) and dice.random() < 1 / 2:
        place[there] = deepcopy(donor[there])
    else:
        place[key] = deepcopy(donor[there])


def _deleted(place: Any, key: Any, documents: list[Any], dice: random.Random) -> None:  # noqa: ANN401
    del documents, dice
    del place[key]


def _renamed(place: Any, key: Any, documents: list[Any], dice: random.Random) -> None:  # noqa: ANN401
    del documents
    if isinstance(place, dict):
        place[dice.choice((f"{key}s", key.upper(), f"{key}\n", "", "x" * 101))] = place.pop(key)


def _repeated(place: Any, key: Any, documents: list[Any], dice: random.Random) -> None:  # noqa: ANN401
    del documents
    value = place[key]
    if isinstance(value, list):
        place[key] = value * dice.choice((0, 2, 3, 21, 51, 201, 501))
    elif isinstance(value, dict):
        inner = deepcopy(dice.choice([*value.values(), "a"]))
        place[key] = {**value, **{f"k{number}": inner for number in range(dice.choice((1, 51, 201)))}}


def _merged(place: Any, key: Any, documents: list[Any], dice: random.Random) -> None:  # noqa: ANN401
    """Two of the same kind in one."""
    value = place[key]
    others = [donor[there] for donor, there in _places([dice.choice(documents)]) if there == key]
    other = deepcopy(dice.choice([*others, value]))
    if isinstance(value, dict) and isinstance(other, dict):
        place[key] = {**value, **other}
    elif isinstance(value, list) and isinstance(other, list):
        place[key] = [*value, *other]


def _nudged(place: Any, key: Any, documents: list[Any], dice: random.Random) -> None:  # noqa: ANN401
    """Nearly the same."""
    value = place[key]
    if isinstance(value, str):
        place[key] = dice.choice((f"{value}\n", f" {value}", f"{value}-", value.swapcase(), value * 40, value[:-1]))
    elif isinstance(value, bool):
        place[key] = dice.choice((int(value), str(value).lower()))
    elif isinstance(value, int):
        place[key] = dice.choice((value - 1, value + 1, -value - 1, DecimalText(f"{value}.0"), str(value)))
    else:
        _replaced(place, key, documents, dice)


_CHANGES: tuple[_Change, ...] = (_replaced, _transplanted, _deleted, _renamed, _repeated, _merged, _nudged, _nudged)
