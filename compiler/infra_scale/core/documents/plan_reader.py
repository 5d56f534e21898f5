"""A committed plan.yaml, read back."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple, get_args

from infra_scale.core.documents.source import read_document
from infra_scale.core.reading.values import mapping, optional_number, optional_text, sequence, text
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.cost import Estimate, Monthly
from infra_scale.model.forecast import Expected, WorkloadForecast
from infra_scale.model.source import Source
from infra_scale.model.verdict import Scenario, Status, Unknown
from infra_scale.model.workload import KINDS, WorkloadRef

_KINDS = {str(kind): kind for kind in KINDS}
_SCENARIOS: dict[str, Scenario] = {name: name for name in get_args(Scenario)}
_STATUSES: dict[str, Status] = {name: name for name in get_args(Status)}

_Node = dict[str, Value]


class CommittedPlan(NamedTuple):
    """What a plan.yaml says of workloads."""

    target: str
    request: str
    """Empty where it was made from flags."""
    kube_context: str | None
    """The context of the actions that name none."""
    actions: tuple[_Node, ...]
    """As they are written."""
    estimates: tuple[Estimate, ...]
    forecasts: tuple[tuple[str, WorkloadForecast], ...]
    """By the name of the cluster."""


def read_plan(path: str, content: bytes, *, schema: str) -> CommittedPlan | None:
    """What a plan.yaml says; None where the file is no plan that this version reads."""
    document, faults = read_document(Source(path, content, len(content)), schema=schema, limit=len(content))
    if document is None or faults:
        return None
    plan = mapping(document.value)
    metadata, context = mapping(plan["metadata"]), mapping(plan["context"])
    return CommittedPlan(
        text(metadata["target"]),
        optional_text(metadata.get("request")) or "",
        optional_text(context["kubeContext"]),
        tuple(mapping(action) for action in sequence(plan["actions"])),
        tuple(_estimates(mapping(plan.get("cost")))),
        tuple(_forecasts(mapping(plan.get("capacity")))),
    )


def _estimates(cost: _Node) -> Iterator[Estimate]:
    sheets = {text(sheet["sheet"]): sheet for sheet in map(mapping, sequence(cost.get("prices")))}
    for node in map(mapping, sequence(cost.get("workloads"))):
        cluster = optional_text(node.get("cluster"))
        sheet = sheets.get(cluster or "") or next(iter(sheets.values()), {})
        before, after = _monthly(node, "before"), _monthly(node, "after")
        unknown = (one for one in (before, after) if isinstance(one, Unknown))
        yield Estimate(
            _ref(node),
            before,
            after,
            next(unknown, None) or _amount(node, "delta"),
            currency=_shaped(_CURRENCY, sheet, "currency"),
            sheet=optional_text(sheet.get("sheet")) or "",
            effective_from=_shaped(_DAY, sheet, "effectiveFrom"),
            source=optional_text(sheet.get("source")) or "",
            cluster=cluster,
        )


def _monthly(node: _Node, key: str) -> Monthly | Unknown:
    point = _amount(node, key)
    if isinstance(point, Unknown):
        return point
    bounds = (_amount(node, bound) if key == "after" and bound in node else point for bound in ("min", "max"))
    return Monthly(point, *(point if isinstance(one, Unknown) else one for one in bounds))


def _amount(node: _Node, key: str) -> Fraction | Unknown:
    written = text(node[key])
    return Unknown("the plan that is replaced does not know it") if written == _UNKNOWN else Fraction(written)


def _shaped(shape: re.Pattern[str], node: _Node, key: str) -> str:
    """A word that may stand outside code, whoever has edited the file."""
    word = optional_text(node.get(key)) or ""
    return word if shape.fullmatch(word) else ""


_UNKNOWN = "n/a"
_CURRENCY, _DAY = re.compile(r"[A-Z]{3}"), re.compile(r"\d{4}-\d{2}-\d{2}")


def _forecasts(capacity: _Node) -> Iterator[tuple[str, WorkloadForecast]]:
    for cluster, forecast in capacity.items():
        for node in map(mapping, sequence(mapping(forecast)["workloads"])):
            scenarios = mapping(node["scenarios"]).items()
            expected = (_expected(name, mapping(outcome)) for name, outcome in scenarios)
            yield cluster, WorkloadForecast(_ref(node), tuple(expected))


def _expected(scenario: str, node: _Node) -> Expected:
    status = _STATUSES[text(node["status"])]
    return Expected(
        _SCENARIOS[scenario], optional_number(node.get("replicas")), status, "unknown: as the plan before said"
    )


def _ref(node: _Node) -> WorkloadRef:
    return WorkloadRef(_KINDS[text(node["kind"])], text(node["namespace"]), text(node["name"]))
