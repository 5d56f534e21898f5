"""Errors of jsonschema: every violation becomes a finding with a route."""

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker, ValidationError
from jsonschema.validators import extend

from infra_scale.core.schema.homes import homes
from infra_scale.core.schema.pattern import python_pattern
from infra_scale.core.schema.wording import Fault, Violation, faults
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.scalars import DecimalText
from infra_scale.core.syntax.text import shortened
from infra_scale.model.finding import Finding


def violations(document: Document, schema: str) -> tuple[Finding, ...]:
    """All violations (SCH-…) of the JSON Schema with text `schema`, in document order of jsonschema.

    At most 100; then FIL-004 reports that the rest was not checked.
    """
    errors = _validator(schema).iter_errors(document.value)
    found = (_finding(document, fault) for error in errors for fault in faults(_violation(error, schema)))
    # Counted after merging by cause: fewer than the limit must mean that there are no others.
    first = tuple(islice(found, limits.MAX_VIOLATIONS))
    if not first:  # each is reported by another cause
        unworded = (_unworded(document.path, error) for error in _validator(schema).iter_errors(document.value))
        return tuple(islice(unworded, 1))
    if len(first) < limits.MAX_VIOLATIONS:
        return first
    message = f"not checked any further after {limits.MAX_VIOLATIONS} errors"
    return (*first, Finding(limits.STOPPED, "error", message, document.path, route=()))


def _violation(error: ValidationError, whole: str) -> Violation:
    schema = error.schema if isinstance(error.schema, dict) else {}
    route = tuple(error.absolute_path)
    is_key = "propertyNames" in error.absolute_schema_path
    if is_key:
        route = (*route, str(error.instance))
    keyword, expected, found = str(error.validator), error.validator_value, error.instance
    return Violation(keyword, expected, found, schema, error.message, route, is_key, homes(whole))


def _unworded(path: str, error: ValidationError) -> Finding:
    return Finding("SCH-009", "error", shortened(error.message, 200), path, route=tuple(error.absolute_path))


def _finding(document: Document, fault: Fault) -> Finding:
    """The finding of an error; one that affects more than its own place has that route, and its position."""
    found = Finding(fault.rule, "error", fault.message, document.path, route=fault.route, help=fault.help)
    if fault.spoils is None:
        return found._replace(on_key=fault.on_key)
    return found._replace(route=fault.spoils, position=document.position(fault.route, on_key=fault.on_key))


@lru_cache(maxsize=8)
def _validator(schema: str) -> Draft202012Validator:
    validator: Draft202012Validator = _Validator(json.loads(schema))
    return validator


def _pattern(
    validator: Draft202012Validator, pattern: str, instance: object, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    """The `pattern` keyword of ECMA 262: `$` is the end, while Python's also matches before a last newline."""
    del validator, schema
    if isinstance(instance, str) and not re.search(python_pattern(pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _format(
    validator: Draft202012Validator, name: str, instance: object, schema: dict[str, Any]
) -> Iterator[ValidationError]:
    """The `format` keyword for dates: 2026-02-30 is invalid."""
    del validator
    if name == "date" and isinstance(instance, str) and re.search(schema.get("pattern", ""), instance):
        try:
            date.fromisoformat(instance)
        except ValueError:
            yield ValidationError(f"{instance!r} is not a {name}")


def _is_integer(checker: TypeChecker, instance: object) -> bool:
    """JSON Schema takes 6.0 and 1e1 for whole numbers; other readers of YAML take them for fractions or text.

    +2 is also refused: it could be a relative change.
    """
    del checker
    if isinstance(instance, DecimalText):  # so long that Python would not convert it
        return instance.text.removeprefix("-").isdecimal()
    return isinstance(instance, int) and not isinstance(instance, bool)


_TYPES = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
_Validator = extend(Draft202012Validator, {"pattern": _pattern, "format": _format}, type_checker=_TYPES)  # type: ignore[no-untyped-call]  # the stubs leave it out
