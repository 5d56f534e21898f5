"""Messages for violations of a JSON Schema: found, expected, fix."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from infra_scale.core.schema.homes import levels, mapping_for, place_of
from infra_scale.core.schema.names import WRAPPERS, in_block, is_other_resource, meant
from infra_scale.core.schema.numbers import whole_number_help
from infra_scale.core.schema.pattern import python_pattern
from infra_scale.core.syntax.similar import nearest
from infra_scale.core.syntax.text import shortened
from infra_scale.model.position import Route


class Violation(NamedTuple):
    """One failed keyword of a JSON Schema. `Any`, because that is what JSON is."""

    keyword: str
    expected: Any
    """The keyword's value in the schema."""
    found: Any
    """The value of the document."""
    schema: Mapping[str, Any]
    """The schema with the keyword."""
    message: str
    """jsonschema's own wording."""
    route: Route
    is_key: bool = False
    """Whether it is about the last key of the route instead of its value."""
    homes: Mapping[str, tuple[str, ...]] = {}
    """The places of each key in the whole schema: `workloads[].hpa`, or "" for the top."""


class Fault(NamedTuple):
    """Message and fix of one violation."""

    rule: str
    message: str
    route: Route
    help: str = ""
    on_key: bool = False
    spoils: Route | None = None
    """The unreadable part, if it is more than the value at `route`."""


_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping (`key: value` lines)",
    "array": "a list (lines that begin with `- `)",
    "null": "nothing",
    "boolean": "true or false",
}

_NOT_BLANK = r"\S"
_UNITS: dict[type, str] = {str: "character", list: "item", dict: "key"}


def faults(error: Violation) -> Iterator[Fault]:
    """One error for each required change."""
    yield from _WORDING.get(error.keyword, _other)(error)


def _missing(error: Violation) -> Iterator[Fault]:
    schema: dict[str, dict[str, object]] = error.schema.get("properties", {})
    meant = {_meant(key, error) for key in error.found if key not in schema}
    absent = [name for name in error.expected if name not in error.found]
    # jsonschema reports each missing key separately and names it only in its message.
    for name in absent:
        # A misspelt key is only reported as unknown.
        if error.message.startswith(f"{name!r} ") and name not in meant:
            sense = str(schema.get(name, {}).get("description", ""))
            yield Fault("SCH-001", f"key `{name}` is missing", error.route, _advice_to_add(name, sense))


def _advice_to_add(name: str, sense: str) -> str:
    first = sense.split(". ", maxsplit=1)[0].rstrip(".")
    return f"add `{name}:`" + (f" ({first[0].lower()}{first[1:]})" if first else "")


def _unknown(error: Violation) -> Iterator[Fault]:
    known = list(error.schema.get("properties", {}))
    for key in error.found:
        if key in known:
            continue
        help = _unknown_help(key, error) or f"allowed here: {', '.join(known)}"
        spoils = error.route if _meant(key, error) in error.schema.get("required", ()) else None
        yield Fault("SCH-002", f"unknown key `{shortened(key)}`", (*error.route, key), help, on_key=True, spoils=spoils)


def _unknown_help(key: str, error: Violation) -> str:
    name, colon, rest = key.partition(":")
    if colon and name in error.schema.get("properties", {}):
        return f"write `{name}: {shortened(rest)}`: a space after the colon"
    if key in WRAPPERS and isinstance(error.found[key], dict):
        return f"write {WRAPPERS[key]} here, without `{key}` around it"
    if "mem" in error.schema.get("properties", {}) and is_other_resource(key):
        return "delete it: a request only sets cpu and mem; other resources stay as in the manifests"
    if block := in_block(key, error.found[key], error.schema.get("properties", {})):
        return block
    close = _meant(key, error)
    return f"did you mean `{close}`?" if close else _place_of(key, error)


def _meant(key: str, error: Violation) -> str | None:
    """The missing key that an unknown one probably is."""
    known = error.schema.get("properties", {})
    free = [name for name in known if name not in error.found]
    if in_block(key, None, known):
        return None
    name = key.partition(":")[0]
    return name if name in free else meant(key, free) or nearest(key, free)


def _place_of(key: str, error: Violation) -> str:
    """Advice for a key that is too deep, or one level too high."""
    here = place_of(error.route)
    if mapping := mapping_for(key, error.schema.get("properties", {})):
        return f"write `{shortened(key)}` below `{mapping}`"
    near = [place for place in error.homes.get(key, ()) if here.startswith(place) or levels(place, below=here) == 1]
    places = " or ".join(f"`{place}`" if place else "the top" for place in near)
    return f"`{key}` belongs to {places}: check the indentation" if places else ""


def _type(error: Violation) -> Iterator[Fault]:
    expected = error.expected
    wanted = [expected] if isinstance(expected, str) else list(expected)
    names = " or ".join(_TYPES[name] for name in wanted)
    if wanted == ["array"] and isinstance(error.found, dict) and (glued := _glued(error.found)):
        message = f"{_at(error)}`{shortened(glued)}` has no space after its dash"
        help = f"write `- {shortened(glued[1:])}:`"
        yield Fault("SCH-003", message, (*error.route, glued), help, on_key=True, spoils=error.route)
        return
    message = f"{_at(error)}expected {names}, found {described(error.found)}"
    yield Fault("SCH-003", message, error.route, _type_help(error, wanted) or f"write {names}")


def _glued(found: dict[str, object]) -> str | None:
    """`-kind`: the first key of an item without a space after the dash."""
    return next((key for key in found if key.startswith("-") and len(key) > 1), None)


def _type_help(error: Violation, wanted: list[str]) -> str:
    found = error.found
    if "string" in wanted and isinstance(found, (int, float)):
        return f'put it in quotes: "{shortened(_plain(found))}"'
    key = str(error.route[-1]) if error.route else ""
    if wanted == ["integer"] and isinstance(found, (str, float)):
        return whole_number_help(key, found, error.schema)
    if wanted == ["integer"] and isinstance(found, dict) and found.keys() & {"min", "max"}:
        return "write one number; the bounds of an autoscaler belong to `hpa`"
    if wanted == ["array"] and isinstance(found, dict):
        return "begin each item with `- `"
    if wanted == ["object"] and isinstance(found, list):
        return "write `key: value` lines without `- `"
    example = next(iter(error.schema.get("examples", ())), None)
    if (
        wanted == ["object"]
        and isinstance(example, dict)
        and not any(isinstance(v, (dict, list)) for v in example.values())
    ):
        return f"write for example `{key}: {{{', '.join(f'{name}: {value}' for name, value in example.items())}}}`"
    return ""


def _choice(error: Violation) -> Iterator[Fault]:
    allowed = error.expected if error.keyword == "enum" else [error.expected]
    words = [str(value) for value in allowed if value is not False]
    close = nearest(error.found, words) if isinstance(error.found, str) else None
    close = "none" if error.found is False and "none" in words else close
    choice = words[0] if len(words) == 1 else f"one of {', '.join(words)}"
    help = f"did you mean `{close}`?" if close and len(words) > 1 else f"write {choice}"
    yield Fault("SCH-004", f"{_at(error)}expected {choice}, found {described(error.found)}", error.route, help)


def _pattern(error: Violation) -> Iterator[Fault]:
    if error.expected == _NOT_BLANK:
        found = "empty text" if not error.found else "nothing but white space"
        yield Fault(
            "SCH-007", f"{_at(error)}expected some text, found {found}", error.route, "write it, or delete the key"
        )
        return
    rule = str(error.schema.get("description", f"it must match {error.expected}")).rstrip(".")
    noun = "day" if error.schema.get("format") == "date" else "valid name"
    subject = "the key " if error.is_key else _at(error)
    message = f"{subject}{described(error.found)} is not a {noun}"
    help = f"did you mean `{shortened(close)}`? write {rule}" if (close := _as_a_name(error)) else f"write {rule}"
    yield Fault("SCH-005", message, error.route, help, on_key=error.is_key)


def _as_a_name(error: Violation) -> str:
    """The text without capitals, underscores, spaces and quotes, if these were the only errors."""
    close = "-".join(str(error.found).lower().replace("_", " ").strip(_QUOTES).split())
    return close if error.keyword == "pattern" and re.search(python_pattern(error.expected), close) else ""


_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u201e "


def _bound(error: Violation) -> Iterator[Fault]:
    if error.schema.get("type") == "integer" and not isinstance(error.found, int):
        return  # its type is reported separately
    relation = "at least" if error.keyword == "minimum" else "at most"
    bound = f"{relation} {error.expected}"
    key = str(error.route[-1]) if error.route else ""
    is_change = isinstance(error.found, int) and error.found < 0 and error.schema.get("type") == "integer"
    help = whole_number_help(key, error.found, error.schema) if is_change else ""
    message = f"{_at(error)}expected {bound}, found {described(error.found)}"
    yield Fault("SCH-006", message, error.route, help or f"write {bound}")


def _size(error: Violation) -> Iterator[Fault]:
    unit = _UNITS[type(error.found)]
    relation = "at least" if error.keyword.startswith("min") else "at most"
    plural = "" if error.expected == 1 else "s"
    bound = f"{relation} {error.expected} {unit}{plural}"
    message = f"{_at(error)}expected {bound}, found {len(error.found)}"
    yield Fault("SCH-007", message, error.route, f"write {bound}")


def _none_of_several(error: Violation) -> Iterator[Fault]:
    if error.found.keys() - error.schema.get("properties", {}).keys():
        return  # the setting may be under the unknown key, which is reported separately
    names = [name for option in error.expected for name in option.get("required", [])]
    yield Fault("SCH-008", "this requests nothing", error.route, f"add at least one of {', '.join(names)}")


def _both_of_two(error: Violation) -> Iterator[Fault]:
    if not isinstance(error.found, dict):
        return  # `required` accepts other types; the type is reported separately
    names = " or ".join(f"`{name}`" for name in error.expected.get("required", []))
    last = str(error.expected["required"][-1])
    yield Fault("SCH-008", f"expected {names}, found both", (*error.route, last), "keep one of the two", on_key=True)


def _one_of_several(error: Violation) -> Iterator[Fault]:
    names = [str(name) for option in error.expected for name in option.get("required", [])]
    if not names:  # each option is a separate schema for the same type
        yield from _other(error)
        return
    if not isinstance(error.found, dict):
        return  # as above
    present = [name for name in names if name in error.found]
    if not present:
        yield Fault("SCH-008", "this requests nothing", error.route, f"add one of {', '.join(names)}")
        return
    both = " and ".join(f"`{name}`" for name in present)
    message = f"expected one of {', '.join(names)}, found {both}"
    yield Fault("SCH-008", message, (*error.route, present[-1]), "keep one of them", on_key=True)


def _other(error: Violation) -> Iterator[Fault]:
    yield Fault("SCH-009", shortened(error.message, 200), error.route)


def _at(error: Violation) -> str:
    """The key before a message, for output without the line."""
    return f"{error.route[-1]}: " if error.route and isinstance(error.route[-1], str) else ""


def described(value: object) -> str:
    """A value of a document in a message, with its type."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {shortened(_plain(value))}"
    if isinstance(value, str):
        return f'"{shortened(value)}"' if value else "empty text"
    return "a list" if isinstance(value, list) else "a mapping"


def _plain(value: float) -> str:
    return repr(value)


_WORDING: dict[str, Callable[[Violation], Iterator[Fault]]] = {
    "required": _missing,
    "additionalProperties": _unknown,
    "type": _type,
    "enum": _choice,
    "const": _choice,
    "pattern": _pattern,
    "format": _pattern,
    "minimum": _bound,
    "maximum": _bound,
    "minItems": _size,
    "maxItems": _size,
    "minLength": _size,
    "maxLength": _size,
    "minProperties": _size,
    "anyOf": _none_of_several,
    "oneOf": _one_of_several,
    "not": _both_of_two,
}
