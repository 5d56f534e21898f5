"""Capacity and cost as nodes of plan.yaml and JSON."""

from fractions import Fraction

from infra_scale.core.cost.estimate import CAVEAT, exact
from infra_scale.core.syntax.emitter import Inline, Node
from infra_scale.model.cost import Cost, Estimate, LeftOut, Monthly, Total
from infra_scale.model.forecast import ClusterForecast, Gauge, WorkloadForecast
from infra_scale.model.time import in_seconds
from infra_scale.model.units import in_units
from infra_scale.model.verdict import Growth, Unknown
from infra_scale.model.workload import WorkloadRef

UNKNOWN = "n/a"
"""An unknown amount: never 0."""


def capacity_node(forecasts: tuple[ClusterForecast, ...]) -> dict[str, Node]:
    """`capacity`: by the name of the cluster."""
    return {one.cluster: _cluster(one) for one in forecasts}


def cost_node(cost: Cost) -> dict[str, Node]:
    """`cost`: for a month, in the currency of the price sheets, as decimals in quotes."""
    return {
        **total_node(cost.total),
        "note": CAVEAT,
        "prices": [*_sheets(cost)],
        "workloads": [estimate_node(one) for one in cost.estimates],
    }


def _cluster(forecast: ClusterForecast) -> dict[str, Node]:
    node: dict[str, Node] = {"snapshot": in_seconds(forecast.captured_at)} if forecast.captured_at else {}
    node["workloads"] = [{**_named(one.ref), **verdict_node(one)} for one in forecast.workloads]
    if forecast.growth:
        costs = dict(forecast.node_cost.by_pool) if forecast.node_cost else {}
        node["scaleUp"] = [growth_node(one, costs.get(one.pool)) for one in forecast.growth]
    if forecast.gauges:
        node["use"] = [_gauge(one) for one in forecast.gauges]
    return node


def _named(ref: WorkloadRef) -> dict[str, Node]:
    return {"kind": ref.kind, "name": ref.name, "namespace": ref.namespace}


def verdict_node(forecast: WorkloadForecast) -> dict[str, Node]:
    """Whether a workload fits, scenario by scenario."""
    scenarios: dict[str, Node] = {}
    for one in forecast.expected:
        replicas: dict[str, Node] = {} if one.replicas is None else {"replicas": one.replicas}
        scenarios[one.scenario] = {**replicas, "status": one.status, "message": one.text}
    return {"status": forecast.status, "scenarios": scenarios}


def growth_node(growth: Growth, cost: Fraction | None = None) -> Node:
    """The nodes that a pool adds, and their monthly cost if known."""
    price: dict[str, Node] = {} if cost is None else {"cost": exact(cost)}
    return Inline(pool=growth.pool, nodes=growth.added, current=growth.current, max=growth.maximum, **price)


def _gauge(gauge: Gauge) -> Node:
    return Inline(
        {
            "of": f"quota {gauge.of}" if gauge.of else "nodes",
            "resource": gauge.resource,
            "before": str(in_units(gauge.resource, gauge.before)),
            "after": str(in_units(gauge.resource, gauge.after)),
            "limit": str(in_units(gauge.resource, gauge.limit)),
        }
    )


def total_node(total: Total | Unknown) -> dict[str, Node]:
    """A sum with the workloads that it omits, or why there is none."""
    if isinstance(total, Unknown):
        return {"monthly": {"before": UNKNOWN, "after": UNKNOWN, "delta": UNKNOWN, "unknown": total.reason}}
    monthly: dict[str, Node] = {
        "before": exact(total.before),
        "after": exact(total.after),
        "delta": exact(total.delta),
        "min": exact(total.minimum),
        "max": exact(total.maximum),
    }
    if total.unknown:
        monthly["without"] = [Inline(_left_out(one)) for one in total.unknown]
    return {"currency": total.currency, "monthly": monthly}


def _left_out(one: LeftOut) -> dict[str, Node]:
    where: dict[str, Node] = {"cluster": one.cluster} if one.cluster else {}
    return {**where, **_named(one.ref), "unknown": one.reason}


def _sheets(cost: Cost) -> list[Node]:
    """Every price sheet that was used, once."""
    used = dict.fromkeys(
        (one.sheet, one.effective_from, one.currency, one.source) for one in cost.estimates if one.sheet
    )
    return [
        {"sheet": sheet, "effectiveFrom": since, "currency": currency, "source": source}
        for sheet, since, currency, source in used
    ]


def estimate_node(estimate: Estimate) -> dict[str, Node]:
    """The cost of one workload, with the range of its autoscaler if it has one."""
    where: dict[str, Node] = {"cluster": estimate.cluster} if estimate.cluster else {}
    node: dict[str, Node] = {
        **where,
        **_named(estimate.ref),
        "before": _point(estimate.before),
        "after": _point(estimate.after),
        "delta": UNKNOWN if isinstance(estimate.delta, Unknown) else exact(estimate.delta),
    }
    if isinstance(estimate.after, Monthly) and estimate.after.minimum != estimate.after.maximum:
        node |= {"min": exact(estimate.after.minimum), "max": exact(estimate.after.maximum)}
    reasons = dict.fromkeys(one.reason for one in (estimate.before, estimate.after) if isinstance(one, Unknown))
    if reasons:
        node["unknown"] = "; ".join(reasons)
    if estimate.basis == "request" and isinstance(estimate.after, Monthly):
        node["counted"] = "only the container that the request names"
    return node


def _point(amount: Monthly | Unknown) -> str:
    return UNKNOWN if isinstance(amount, Unknown) else exact(amount.point)
