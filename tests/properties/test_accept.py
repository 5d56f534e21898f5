"""The quick yes to a document never differs from jsonschema's verdict; jsonschema decides about the rest."""

import json
import random
from typing import Any

import pytest

from infra_scale.core.schema.accept import acceptor
from infra_scale.core.schema.catalogue import NIGHTLY, PLAN, PRICES, REQUEST, SNAPSHOT, TARGET
from infra_scale.core.schema.violations import violations
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.places import places_of
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.yaml import parse
from support.amounts import share
from support.mutants import ODD, Sampler, mutant
from support.pure import source
from support.repository import CHECKOUT

_SCHEMAS = sorted(file.name for file in CHECKOUT.glob("schemas/*.json"))
_WRITTEN = {
    REQUEST: ("requests/**/*.yaml", "tests/cases/accepted/*/requests/**/*.yaml"),
    TARGET: ("ops/targets/*.yaml", "tests/cases/accepted/*/ops/targets/*.yaml"),
    PLAN: ("ops/plans/**/plan.yaml", "tests/cases/accepted/*/expected/**/plan.yaml"),
    NIGHTLY: ("ops/nightly.yaml",),
    SNAPSHOT: ("ops/clusters/*/snapshot.yaml", "tests/data/cluster-snapshot.yaml"),
    PRICES: ("ops/clusters/*/prices.yaml",),
}
"""What people write, and what we made of it."""

_MUTANTS = share(20_000)


def _text(name: str) -> str:
    return (CHECKOUT / "schemas" / name).read_text(encoding="utf-8")


def _is_valid(value: Value, schema: str) -> bool:
    return not violations(Document(path="", value=value, places=lambda: places_of("")), schema)


def _valid(name: str, number: int, dice: random.Random) -> list[Any]:
    schema = _text(name)
    sampler = Sampler(schema, dice)
    made = [sampler.document() for _ in range(number)]
    valid = [value for value in made if _is_valid(value, schema)]
    assert len(valid) > 0.5 * number, "the sampler has to be told of something new in the schema"
    return valid


@pytest.mark.parametrize("name", _SCHEMAS)
def test_what_people_write_is_accepted(name: str) -> None:
    accepts = acceptor(_text(name))

    files = [file for pattern in _WRITTEN[name] for file in sorted(CHECKOUT.glob(pattern))]
    documents = [parse(source(file.read_bytes()), limit=2**20, off_is_false=name == TARGET)[0] for file in files]

    assert len(documents) > 0
    assert [file for file, one in zip(files, documents, strict=True) if one and not accepts(one.value)] == []


@pytest.mark.parametrize("name", _SCHEMAS)
def test_nearly_everything_valid_is_accepted(name: str) -> None:
    accepts = acceptor(_text(name))
    valid = _valid(name, 200, random.Random(2))  # noqa: S311 (a fixed seed is what is wanted)

    assert sum(map(accepts, valid)) >= 0.99 * len(valid)


@pytest.mark.parametrize("name", _SCHEMAS)
def test_nothing_is_accepted_that_jsonschema_refuses(name: str) -> None:
    dice = random.Random(1)  # noqa: S311
    schema = _text(name)
    accepts = acceptor(schema)
    valid = _valid(name, 100, dice)

    accepted = [made for made in (mutant(valid, dice) for _ in range(_MUTANTS // len(_SCHEMAS))) if accepts(made)]

    assert [made for made in accepted if not _is_valid(made, schema)] == []
    assert len(accepted) > 0.02 * _MUTANTS / len(_SCHEMAS), "mutants that are all absurd prove nothing"


_ONE = {"required": ["kind"], "properties": {"kind": {"const": "one"}, "b": {"minLength": 1}}}
_TWO = {"required": ["kind"], "properties": {"kind": {"enum": ["two", "three"]}}, "maxProperties": 1}


@pytest.mark.parametrize(
    "schema",
    [
        *({"type": name} for name in ("string", "integer", "number", "object", "array", "boolean", "null")),
        *(
            {"type": ["string", "null"]},
            {"enum": ["1", 1, None, False]},
            {"const": "off"},
            {"const": 1},
            {"const": True},
        ),
        *(
            {"pattern": "^[a-z]+$"},
            {"pattern": "a"},
            {"minLength": 1},
            {"maxLength": 3},
            {"minimum": 0},
            {"maximum": 1},
        ),
        *(
            {"minItems": 1},
            {"maxItems": 2},
            {"uniqueItems": True},
            {"uniqueItems": False},
            {"items": {"type": "string"}},
        ),
        *({"minProperties": 1}, {"maxProperties": 1}, {"required": ["a", "b"]}, {"not": {"required": ["a", "b"]}}),
        *({"properties": {"a": {"type": "null"}}}, {"properties": {"a": {}}, "additionalProperties": False}),
        *({"additionalProperties": {"type": "string"}}, {"propertyNames": {"pattern": "^[a-z]$"}}),
        *({"anyOf": [{"required": ["a"]}, {"type": "string"}]}, {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        *({"oneOf": [_ONE, _TWO]}, {"oneOf": [{"$ref": "#/$defs/one"}, _TWO], "$defs": {"one": _ONE}}),
        *({"format": "date"}, {"format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}, {"format": "uuid"}),
        {"if": {"type": "object"}, "then": {"required": ["a"]}, "else": {"minLength": 2}},
        {"$ref": "#/$defs/text", "maxLength": 1, "$defs": {"text": {"type": "string"}}},
        {"$ref": "#/$defs/nested", "$defs": {"nested": {"items": {"$ref": "#/$defs/nested"}, "type": "array"}}},
    ],
    ids=json.dumps,
)
def test_a_keyword_accepts_nothing_that_jsonschema_refuses(schema: dict[str, Any]) -> None:
    text = json.dumps(schema)
    accepted = list(filter(acceptor(text), ODD))

    assert [value for value in accepted if not _is_valid(value, text)] == []
    assert len(accepted) > 0


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "patternProperties": {}},
        {"allOf": [{}]},
        {"type": "object", "properties": {"a": {"multipleOf": 2}}},
        {"properties": {"a": {"$ref": "other.json"}}},
        {"properties": {"a": {"$id": "urn:other"}}},
        {"items": True},
        {"type": "text"},
        {"not": {"type": "string"}},
        {"oneOf": [{"type": "string"}, {"minLength": 3}]},
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
        {"$ref": "#/$defs/absent"},
    ],
)
def test_a_schema_with_something_unknown_in_it_accepts_nothing(schema: dict[str, Any]) -> None:
    accepts = acceptor(json.dumps(schema))

    values: tuple[Value, ...] = (None, True, 1, "a", [], {}, {"a": 1})
    assert [value for value in values if accepts(value)] == []
