"""A comparison as JSON for scripts. Its keys are a contract: add keys, but do not rename them."""

from collections.abc import Iterator
from datetime import datetime

from infra_scale.core.cost.changes import TargetCost, costs_of
from infra_scale.core.cost.estimate import CAVEAT, exact
from infra_scale.core.documents.forecast_nodes import estimate_node, growth_node, total_node, verdict_node
from infra_scale.core.reporting.findings_json import Json, finding_json
from infra_scale.model.comparison import ClusterPicture, Comparison, Level, PriceChange, Setting, Sheet, WorkloadChange
from infra_scale.model.cost import Estimate, Monthly
from infra_scale.model.time import in_seconds
from infra_scale.model.units import in_units


def comparison_json(comparison: Comparison) -> dict[str, Json]:
    """The differences; an unknown amount is `n/a` with its reason, a missing value is null."""
    requests = comparison.requests
    return {
        "requests": {
            "before": requests.before,
            "after": requests.after,
            "new": [*requests.new],
            "gone": [*requests.gone],
            "moved": [{"from": one.before, "to": one.after} for one in requests.moved],
            "retargeted": [
                {"request": one.request, "from": one.before, "to": one.after} for one in requests.retargeted
            ],
        },
        "clusters": {
            "new": [{"target": one.target, "cluster": one.cluster} for one in comparison.new_clusters],
            "gone": [{"target": one.target, "cluster": one.cluster} for one in comparison.gone_clusters],
        },
        "changes": [_change(one) for one in comparison.changes],
        "costs": [_costs(one) for one in costs_of(comparison.totalled)],
        "prices": [_prices(one) for one in comparison.prices],
        "capacity": [_cluster(one) for one in comparison.clusters],
        "findings": {
            "new": [finding_json(one) for one in comparison.new_findings],
            "gone": [finding_json(one) for one in comparison.gone_findings],
        },
    }


def _change(change: WorkloadChange) -> Json:
    kind, _, name = change.workload.partition("/")
    return {
        "change": change.presence,
        "target": change.target,
        "targetBefore": change.target_before,
        "cluster": change.cluster,
        "request": change.request,
        "requestBefore": change.request_before,
        "workload": {"kind": kind, "namespace": change.namespace, "name": name},
        "settings": [entry for one in change.settings for entry in _settings(one)],
        "cost": _cost(change.cost, is_live=change.is_cost_live) if change.cost else None,
        "capacityBefore": verdict_node(change.forecast_before) if change.forecast_before else None,
        "capacity": verdict_node(change.forecast) if change.forecast else None,
    }


def _settings(setting: Setting) -> Iterator[Json]:
    """The bounds of an autoscaler are two settings, so that scripts do not have to parse a text."""
    bounded = [value for value in (setting.before, setting.after) if value is not None]
    if setting.name != "replicas" or not all(" to " in value for value in bounded):
        yield _setting(setting)
        return
    for name, part in (("min replicas", 0), ("max replicas", 2)):
        before, after = (value and value.partition(" to ")[part] for value in (setting.before, setting.after))
        if before != after:
            yield _setting(setting._replace(name=name, before=before, after=after))


def _setting(setting: Setting) -> Json:
    return {
        "object": setting.object,
        "setting": setting.name,
        "before": setting.before,
        "after": setting.after,
        "live": setting.is_live,
    }


def _cost(estimate: Estimate, *, is_live: bool) -> Json:
    after = estimate.after
    bounds = {"min": exact(after.minimum), "max": exact(after.maximum)} if isinstance(after, Monthly) else {}
    named = ("kind", "name", "namespace", "cluster")  # these have keys of their own
    node = {key: value for key, value in estimate_node(estimate).items() if key not in named}
    sheet = Sheet(estimate.sheet, estimate.effective_from, estimate.currency, estimate.source)
    return {**node, **bounds, "live": is_live, "prices": _sheet(sheet) if estimate.sheet else None}


def _costs(costs: TargetCost) -> Json:
    requests: list[Json] = [{"request": one.request, **total_node(one.total)} for one in costs.requests]
    return {"target": costs.target, **total_node(costs.total), "note": CAVEAT, "requests": requests}


def _prices(change: PriceChange) -> Json:
    before, after = (_sheet(sheet) if sheet else None for sheet in (change.before, change.after))
    return {"cluster": change.cluster, "before": before, "after": after}


def _sheet(sheet: Sheet) -> Json:
    return {
        "sheet": sheet.name,
        "effectiveFrom": sheet.effective_from,
        "currency": sheet.currency,
        "source": sheet.source,
    }


def _cluster(picture: ClusterPicture) -> Json:
    return {
        "cluster": picture.cluster,
        "status": picture.status,
        "text": picture.text,
        "snapshot": _time(picture.captured_at),
        "snapshotBefore": _time(picture.captured_before),
        "age": picture.age or None,
        "scaleUp": [growth_node(one) for one in picture.growth],
        "use": [_level(one) for one in picture.levels],
    }


def _level(level: Level) -> Json:
    amounts = {
        "now": level.now,
        "before": level.before,
        "after": level.after,
        "limit": level.limit,
        "limitBefore": level.limit_before,
    }
    return {
        "of": f"quota {level.of}" if level.of else "nodes",
        "resource": level.resource,
        **{key: None if one is None else str(in_units(level.resource, one)) for key, one in amounts.items()},
    }


def _time(time: datetime | None) -> str | None:
    return in_seconds(time) if time else None
