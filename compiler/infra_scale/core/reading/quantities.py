"""Quantities of requests and limits, with what Kubernetes demands of each resource (kubernetes.md §1.3)."""

import re
from collections.abc import Callable
from typing import NamedTuple

from infra_scale.core.reading.values import as_written, mapping
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.text import shortened
from infra_scale.model.finding import Finding
from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity, QuantityError, Resources
from infra_scale.model.workload import WorkloadRef

_CPU_STEP = "cpu is counted in steps of 1m (a thousandth of a core)"
_EXAMPLES = "write for example 500m, 1, 512Mi or 2Gi"
_HELP = {"grammar": _EXAMPLES, "suffix": _EXAMPLES, "bounds": "Kubernetes holds at most 9223372036854775807"}


class Owner(NamedTuple):
    """Whose resources are read, for the findings."""

    path: str
    ref: WorkloadRef


def read_resources(value: Value, route: Route, owner: Owner) -> tuple[Resources | None, list[Finding]]:
    """The mapping at `route` as Resources; None if absent. Findings are QTY-001 to QTY-004, all errors."""
    if value is None:
        return None, []
    written = mapping(value)
    memory_key = "memory" if "memory" in written else "mem"
    findings: list[Finding] = []
    cpu = _read(written.get("cpu"), (*route, "cpu"), _cpu_fault, owner, findings)
    memory = _read(written.get(memory_key), (*route, memory_key), _memory_fault, owner, findings)
    return Resources(cpu, memory, memory_key), findings


_Fault = tuple[str, str, str]
"""Rule, message, help."""


def _read(
    value: Value,
    route: Route,
    fault_of: Callable[[str, Quantity], _Fault | None],
    owner: Owner,
    findings: list[Finding],
) -> Quantity | None:
    if value is None:
        return None
    written = as_written(value)
    fault: _Fault | None
    try:
        quantity = Quantity.parse(written)
    except QuantityError as error:
        rule = "QTY-002" if error.code == "suffix" else "QTY-001"
        fault = (rule, f'"{shortened(written)}" {error.reason}', _refusal_help(written, error))
    else:
        fault = _sign_fault(written, quantity) or fault_of(written, quantity)
        if fault is None:
            return quantity
    findings.append(Finding(fault[0], "error", fault[1], owner.path, route=route, help=fault[2], workload=owner.ref))
    return None


def _refusal_help(written: str, error: QuantityError) -> str:
    """The amount that is in quotes or beside a word, the text of an example, or what is not possible."""
    if error.suggestion:
        return f"did you mean {error.suggestion}?"
    if unquoted := re.fullmatch(_QUOTED, written):
        return f"write {shortened(unquoted[1])} without these quotes"
    if cores := re.fullmatch(_CORES, written):
        return f"write {cores[1]}: cpu is counted in cores"
    if re.fullmatch(_SHARE, written):
        return "write an amount such as 500m or 512Mi: a share of what a container has cannot be requested"
    return _HELP[error.code]


_QUOTED = "[\"'\u2018-\u201f]([^\"'\u2018-\u201f]+)[\"'\u2018-\u201f]?"
_CORES = r"([0-9]+(?:\.[0-9]+)?)\s*(?:v?cpus?|cores?)"
_SHARE = r"[+-]?[0-9.]+\s*%"


def _sign_fault(written: str, quantity: Quantity) -> _Fault | None:
    if quantity.is_negative:
        return "QTY-001", f"{written} is negative", f"{_ABSOLUTE}: write 0 or more"
    if written.startswith("+"):
        return "QTY-001", f"{written} has a sign", f"{_ABSOLUTE}: write for example {written[1:]}, not {written}"
    return None


_ABSOLUTE = "a request or limit is the absolute amount, not a change"


def _cpu_fault(written: str, quantity: Quantity) -> _Fault | None:
    if not quantity.is_multiple_of_milli:
        return "QTY-003", f"cpu {written} is finer than 1m", _CPU_STEP
    return None


def _memory_fault(written: str, quantity: Quantity) -> _Fault | None:
    if quantity.is_integral:
        return None
    number = written.removesuffix("m")
    help = "write a whole number of bytes, such as 512Mi"
    if number != written and number.isdecimal():
        help = f"did you mean {number}M or {number}Mi?"
    elif re.fullmatch(_FRACTION, written):
        help = f"a number without a suffix is bytes; write {written}Gi or {written}Mi"
    return "QTY-004", f"memory {written} is not a whole number of bytes", help


_FRACTION = r"[0-9]*\.[0-9]+"
