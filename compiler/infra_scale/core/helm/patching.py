"""The values that a request sets in a chart."""

from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.core.manifests.helm_values import ON, merged
from infra_scale.core.manifests.tree import Json
from infra_scale.model.autoscaler import Hpa
from infra_scale.model.helm import ChartWorkload, HpaPaths, Metric, Path, Scalar
from infra_scale.model.request import ScaleRequest, Workload


class NewValue(NamedTuple):
    """A value that a request sets."""

    path: Path
    to: Scalar
    of: str
    """The key of the request that it comes from."""


def new_values(workload: Workload, request: ScaleRequest, chart: ChartWorkload) -> tuple[NewValue, ...]:
    """The values, in the order of a request; never null, which would bring the chart's default back."""
    entry, hpa = chart.entry, request.hpa_of(workload)
    found: list[NewValue] = []
    if hpa and entry.hpa:
        found += _scaled(hpa, entry.hpa)
    elif workload.replicas is not None and not request.keda_of(workload) and not _is_scaled(workload, chart):
        if entry.replicas:
            found.append(NewValue(entry.replicas, workload.replicas, "replicas"))
        if entry.hpa:
            found.append(NewValue(entry.hpa.enabled, False, "replicas"))  # noqa: FBT003 (a value)
    for block, wanted, paths in (
        ("requests", workload.requests, entry.requests),
        ("limits", workload.limits, entry.limits),
    ):
        amounts = wanted.canonical if wanted else None
        pairs = ((amounts.cpu, paths.cpu), (amounts.memory, paths.memory)) if amounts else ()
        found += (NewValue(path, str(amount), block) for amount, path in pairs if path and amount is not None)
    return tuple(found)


def _is_scaled(workload: Workload, chart: ChartWorkload) -> bool:
    """Whether the chart's autoscaler is on in Git and stays: then a fixed number would be overwritten (HPA-007)."""
    switch = chart.value(chart.entry.hpa.enabled) if chart.entry.hpa else None
    goes = workload.handover is not None and workload.handover.before == "hpa"
    return switch is not None and switch.text in ON and not goes and workload.replicas != 0


def _scaled(hpa: Hpa, paths: HpaPaths) -> Iterator[NewValue]:
    yield NewValue(paths.enabled, True, "hpa")  # noqa: FBT003 (a value)
    yield NewValue(paths.minimum, hpa.minimum, "hpa")
    yield NewValue(paths.maximum, hpa.maximum, "hpa")
    yield from _target(paths.target_cpu, hpa.target_cpu)
    yield from _target(paths.target_memory, hpa.target_memory)


def _target(metric: Metric | None, percent: int | None) -> Iterator[NewValue]:
    """A target; one that is not requested is switched off, else 0."""
    if metric is None:
        return
    if metric.enabled:
        yield NewValue(metric.enabled, percent is not None, "hpa")
    if percent is not None or metric.enabled is None:
        yield NewValue(metric.path, percent or 0, "hpa")


def value_map(values: tuple[NewValue, ...]) -> Json:
    """The values as a map."""
    made: Json = {}
    for one in values:
        merged(one.path, one.to, made)
    return made
