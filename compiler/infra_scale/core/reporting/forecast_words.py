"""Capacity and cost as short text, for lists."""

from collections.abc import Iterable, Iterator, Sequence

from infra_scale.core.cost.estimate import money
from infra_scale.core.documents.forecast_nodes import UNKNOWN
from infra_scale.core.reporting.forecast_text import STATUS_WORDS
from infra_scale.model.cost import Cost, Total
from infra_scale.model.forecast import Expected, PlanForecast, WorkloadForecast
from infra_scale.model.quantity import Quantity
from infra_scale.model.verdict import Scenario, Status, Unknown

_WORSE: tuple[Status, ...] = ("fits", "fits_after_scaleup", "fits_depending_on_order", "does_not_fit")
_WHEN: dict[Scenario, str] = {
    "hpaMin": "at HPA min",
    "hpaMax": "at HPA max",
    "surge": "during rollout",
}
_FEW = 3
_THEN: dict[Status, str] = {
    "fits_after_scaleup": "after scale-up",
    "fits_depending_on_order": "depending on the order",
    "does_not_fit": "but does not fit",
}


Placed = tuple[str | None, WorkloadForecast]
"""A workload and its cluster."""


def plan_words(forecast: PlanForecast) -> str:
    """`cost +$143.04/month; fits, after scale-up at HPA max`; empty if nothing is known."""
    placed: list[Placed] = [(cluster.cluster, one) for cluster in forecast.capacity for one in cluster.workloads]
    said = [cost_words(forecast.cost)] if forecast.cost else []
    gauges = ((one.of, one.after, one.limit) for cluster in forecast.capacity for one in cluster.gauges)
    return "; ".join([*said, *([verdict_words(placed)] if placed else []), *quota_words(gauges)])


def quota_words(used: Iterable[tuple[str, Quantity, Quantity]]) -> Iterator[str]:
    """The quotas that would be exceeded, by name, use and limit: they reject pods that would fit on nodes."""
    over = dict.fromkeys(name for name, after, limit in used if name and after.nano > limit.nano)
    if over:
        yield f"over quota {few(over)}"


def cost_words(cost: Cost) -> str:
    """The change of the monthly cost, or why it is unknown."""
    total = cost.total
    if isinstance(total, Unknown):
        return f"cost {UNKNOWN} ({total.reason})"
    return f"cost {money(total.delta, total.currency, signed=True)}/month{without_words(total)}"


def without_words(total: Total) -> str:
    """The workloads that a sum omits, as a suffix."""
    return f" without {few(total.left_out)}" if total.unknown else ""


def verdict_words(placed: Sequence[Placed]) -> str:
    """The worst verdict of several workloads or clusters, then the scenarios with a worse one."""
    known = [one for one in placed if one[1].status != "unknown"]
    if not known:
        return f"unknown: {few(dict.fromkeys(reason(one.expected[0]) for _, one in placed), '; ')}"
    worst = _worst(one.status for _, one in known)
    concerned = "" if worst == "fits" else _which([one for one in known if one[1].status == worst], known)
    said = [f"{STATUS_WORDS[worst]}{concerned}", *_later(known, worst)]
    unknown = [one for one in placed if one[1].status == "unknown"]
    return ", ".join(said) + (f"; unknown{_which(unknown, placed)}" if unknown else "")


def reason(expected: Expected) -> str:
    """Why a verdict is unknown."""
    return expected.text.rpartition("unknown: ")[2]


def _later(known: Sequence[Placed], requested: Status) -> Iterator[str]:
    """The scenarios in which less fits than is requested."""
    found: dict[tuple[Status, str], list[str]] = {}
    for scenario, when in _WHEN.items():
        statuses = {placed: _in(scenario, placed[1]) for placed in known}
        worst = _worst(statuses.values())
        if _WORSE.index(worst) > _WORSE.index(requested):
            concerned = [placed for placed, status in statuses.items() if status == worst]
            found.setdefault((worst, _which(concerned, known)), []).append(when)
    for (status, which), whens in found.items():
        yield f"{_THEN[status]} {' and '.join(whens)}{which}"


def _in(scenario: Scenario, forecast: WorkloadForecast) -> Status:
    """The verdict for a workload in a scenario; without one, the verdict for the requested replicas."""
    status = next((one.status for one in forecast.expected if one.scenario == scenario), forecast.status)
    return forecast.status if status == "unknown" else status


def _which(some: Sequence[Placed], of: Sequence[Placed]) -> str:
    """The affected ones, if not all of them: ` for Deployment/web in prod-eu-2`."""
    refs, clusters = _names(some)
    all_refs, all_clusters = _names(of)
    who = f" for {few(refs)}" if len(all_refs) > 1 and len(some) < len(of) else ""
    return who + (f" in {few(clusters)}" if len(clusters) < len(all_clusters) else "")


def few(names: Iterable[str], separator: str = ", ") -> str:
    """The first few, and the number of the others."""
    every = list(names)
    first, rest = every[:_FEW], every[_FEW:]
    return separator.join(first) + (f" and {len(rest)} more" if rest else "")


def _names(placed: Sequence[Placed]) -> tuple[dict[str, None], dict[str, None]]:
    return dict.fromkeys(str(one.ref) for _, one in placed), dict.fromkeys(cluster or "" for cluster, _ in placed)


def _worst(statuses: Iterable[Status]) -> Status:
    return max(statuses, key=_WORSE.index, default="fits")
