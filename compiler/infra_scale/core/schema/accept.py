"""Fast acceptor for documents that are valid by a JSON Schema; gives no result for others.

Compiled from the text of the schema, it takes a fiftieth of jsonschema's time, and a valid file never needs jsonschema.
It only accepts. Uncertain values, and any schema with an unsupported keyword or form, are left to jsonschema, which
also provides the errors. The tests check that it accepts nothing that jsonschema refuses.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from infra_scale.core.schema.tables import (
    ANYTHING,
    KEYWORDS,
    TYPES,
    Schema,
    Sealed,
    Table,
    Test,
    UnknownSchema,
    both,
    concerning,
    never,
    of_any_type,
    seal,
)

_ANNOTATIONS = frozenset({"title", "description", "default", "examples", "$defs", "then", "else"})
_LOCAL = "#/$defs/"


@lru_cache(maxsize=8)
def acceptor(schema: str) -> Test:
    """Whether a document's value is certainly valid against the JSON Schema with the text `schema`."""
    root = json.loads(schema)
    top = {key: value for key, value in root.items() if key not in ("$schema", "$id")}
    try:
        return of_any_type(_Compiler(root.get("$defs", {})).sealed(top))
    except UnknownSchema:
        return never


class _Compiler:
    """The tables of a schema; definitions are compiled once."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions
        self._compiled: dict[str, Table] = {}

    def table(self, schema: Schema) -> Table:
        """The table of a schema. Raises UnknownSchema."""
        if not isinstance(schema, dict):
            raise UnknownSchema(schema)
        table = ANYTHING
        for keyword, value in schema.items():
            if keyword in _ANNOTATIONS:
                continue
            if keyword in KEYWORDS:
                table = both(table, KEYWORDS[keyword](value))
            elif keyword in _NESTED:
                table = both(table, _NESTED[keyword](self, value, schema))
            else:
                raise UnknownSchema(keyword)
        return table

    def sealed(self, schema: Schema) -> Sealed:
        """The compiled table of a schema. Raises UnknownSchema."""
        return seal(self.table(schema))

    def resolved(self, schema: Schema) -> Schema:
        """The target of a bare reference; any other schema unchanged. Raises UnknownSchema."""
        return self._definition(schema["$ref"]) if schema.keys() == {"$ref"} else schema

    def reference(self, pointer: str) -> Table:
        """The table of a definition. Raises UnknownSchema."""
        if pointer not in self._compiled:
            definition = self._definition(pointer)
            self._compiled[pointer] = {}  # accepts nothing: a recursive definition
            self._compiled[pointer] = self.table(definition)
        return self._compiled[pointer]

    def _definition(self, pointer: str) -> Schema:
        name = pointer.removeprefix(_LOCAL)
        if name == pointer or name not in self._definitions:
            raise UnknownSchema(pointer)
        return self._definitions[name]


def _properties(compiler: _Compiler, value: Mapping[str, Schema], schema: Schema) -> Table:
    known = {name: compiler.sealed(inner) for name, inner in value.items()}
    others = _others(compiler, schema)

    def properties(mapping: dict[str, Any]) -> bool:
        for key, item in mapping.items():
            test = known.get(key, others).get(type(item))
            if test is None or not test(item):
                return False
        return True

    return concerning((dict,), properties)


def _others(compiler: _Compiler, schema: Schema) -> Sealed:
    """The schema of `additionalProperties` for other keys."""
    rest = schema.get("additionalProperties", True)
    if isinstance(rest, bool):
        return seal(ANYTHING) if rest else {}
    return compiler.sealed(rest)


def _additional(compiler: _Compiler, value: object, schema: Schema) -> Table:
    del value
    return ANYTHING if "properties" in schema else _properties(compiler, {}, schema)


def _property_names(compiler: _Compiler, value: Schema, schema: Schema) -> Table:
    del schema
    named = of_any_type(compiler.sealed(value))
    return concerning((dict,), lambda mapping: all(map(named, mapping)))


def _items(compiler: _Compiler, value: Schema, schema: Schema) -> Table:
    del schema
    sealed = compiler.sealed(value)

    def items(sequence: list[Any]) -> bool:
        for item in sequence:
            test = sealed.get(type(item))
            if test is None or not test(item):
                return False
        return True

    return concerning((list,), items)


def _any_of(compiler: _Compiler, value: Sequence[Schema], schema: Schema) -> Table:
    del schema
    tests = tuple(of_any_type(compiler.sealed(option)) for option in value)
    return {kind: (lambda found: any(test(found) for test in tests),) for kind in ANYTHING}


def _one_of(compiler: _Compiler, value: Sequence[Schema], schema: Schema) -> Table:
    """Mutually exclusive options: some only require keys, others a distinct constant each."""
    del schema
    if all(option.keys() == {"required"} for option in value):
        keys = [frozenset(option["required"]) for option in value]
        return {dict: (lambda mapping: sum(mapping.keys() >= wanted for wanted in keys) == 1,)}
    options = [compiler.resolved(option) for option in value]
    key = next((name for name in options[0].get("required", ()) if _tells_apart(name, options)), None)
    if key is None:
        raise UnknownSchema(value)
    by_constant = {
        constant: of_any_type(compiler.sealed(written))
        for option, written in zip(options, value, strict=True)
        for constant in _constants(key, option)
    }

    def chosen(mapping: dict[str, Any]) -> bool:
        constant = mapping.get(key)
        return type(constant) is str and constant in by_constant and by_constant[constant](mapping)

    return {dict: (chosen,)}


def _tells_apart(name: str, options: Sequence[Schema]) -> bool:
    constants = [constant for option in options for constant in _constants(name, option)]
    return all(_constants(name, option) for option in options) and len(set(constants)) == len(constants)


def _constants(name: str, option: Schema) -> list[str]:
    """The possible texts of a required key; none if uncertain."""
    written = option.get("properties", {}).get(name, {})
    allowed = [written["const"]] if "const" in written else written.get("enum", [])
    sure = name in option.get("required", ()) and all(isinstance(one, str) for one in allowed)
    return allowed if sure else []


def _if(compiler: _Compiler, value: Schema, schema: Schema) -> Table:
    """The branch must follow from the type."""
    if value.keys() != {"type"} or value["type"] in ("integer", "number") or not isinstance(value["type"], str):
        raise UnknownSchema(value)
    concerned = TYPES[value["type"]]
    then, otherwise = compiler.table(schema.get("then", {})), compiler.table(schema.get("else", {}))
    return {
        kind: branch[kind]
        for kind in ANYTHING
        for branch in ((then if kind in concerned else otherwise),)
        if kind in branch
    }


_NESTED: dict[str, Callable[[_Compiler, Any, Schema], Table]] = {
    "$ref": lambda compiler, value, _: compiler.reference(value),
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _property_names,
    "items": _items,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "if": _if,
}
"""Keywords that have schemas in them."""
