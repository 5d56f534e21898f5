"""Quantities by resource, of a file that a cluster was captured into: whatever the API holds, exactly."""

from collections.abc import Iterator, Mapping

from infra_scale.core.reading.values import as_written, mapping, optional_text, sequence, text
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.text import shortened
from infra_scale.model.finding import Finding
from infra_scale.model.pod import Amounts, Labels, Operator, Requirement
from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity, QuantityError

_OPERATORS: dict[str, Operator] = {
    "In": "In",
    "NotIn": "NotIn",
    "Exists": "Exists",
    "DoesNotExist": "DoesNotExist",
    "Gt": "Gt",
    "Lt": "Lt",
}


class Reader:
    """One document being read, and what was found wrong with it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []

    def refuse(self, rule: str, message: str, route: Route, help: str, *, on_key: bool = False) -> None:
        """An error with its position; after fifty, one that states that there may be more."""
        if len(self.findings) > limits.MAX_FINDINGS_PER_FILE:
            return
        if len(self.findings) == limits.MAX_FINDINGS_PER_FILE:
            rule, message = limits.STOPPED, f"not checked any further after {limits.MAX_FINDINGS_PER_FILE} faults"
        finding = Finding(rule, "error", message, self.document.path, route=route, help=help, on_key=on_key)
        self.findings.append(self.document.locate(finding))

    def amounts(self, value: Value, route: Route) -> Amounts:
        """The mapping at `route`; QTY-001 and QTY-002 for what is no quantity, or a negative one.

        Neither steps of 1m nor whole bytes are required: a cluster may have `400m` of memory.
        """
        written = mapping(value)
        read = ((name, self._quantity(one, (*route, name))) for name, one in written.items())
        return tuple(sorted((name, one) for name, one in read if one is not None))

    def _quantity(self, value: Value, route: Route) -> Quantity | None:
        written = as_written(value)
        try:
            quantity = Quantity.parse(written)
        except QuantityError as error:
            rule = "QTY-002" if error.code == "suffix" else "QTY-001"
            help = f"did you mean {error.suggestion}?" if error.suggestion else "capture the snapshot again"
            self.refuse(rule, f'"{shortened(written)}" {error.reason}', route, help)
            return None
        if quantity.is_negative:
            self.refuse("QTY-001", f"{written} is negative", route, "an amount is 0 or more")
            return None
        return quantity

    def once(self, names: Iterator[tuple[Route, object]], what: str) -> None:
        """SCH-009 for everything that is listed a second time."""
        seen: set[object] = set()
        for route, name in names:
            if name in seen:
                said = shortened(str(name))
                self.refuse("SCH-009", f"the {what} {said} is listed twice", route, "delete one of the two")
            seen.add(name)


def labels(value: Value) -> Labels:
    """A mapping of texts."""
    return tuple(sorted((key, text(one)) for key, one in mapping(value).items()))


def requirement(written: Mapping[str, Value], key: str) -> Requirement:
    """A condition with its subject under `key`."""
    values = tuple(text(value) for value in sequence(written.get("values")))
    return Requirement(text(written.get(key)), _OPERATORS[text(written.get("operator"))], values)


def bound(value: Value) -> str | None:
    """A number or a percentage, as text."""
    return str(value) if isinstance(value, int) else optional_text(value)
