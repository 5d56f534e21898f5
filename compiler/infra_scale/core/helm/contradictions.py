"""Workloads of one release whose requests give one value two numbers."""

from collections.abc import Iterator

from infra_scale.core.helm.patching import NewValue, new_values
from infra_scale.model.helm import Path
from infra_scale.model.manifest import Fault
from infra_scale.model.request import Workload
from infra_scale.model.target import TargetedRequest

_FIX = "give each workload its own paths in `helm` of the target, or both the same number"
_Value = tuple[str, Path]
"""A value of a release: the release, and the path."""


def contradictions(aimed: TargetedRequest, workload: Workload) -> Iterator[Fault]:
    """The values of a workload that an earlier one of its request sets differently in the same release."""
    seen: dict[_Value, tuple[Workload, NewValue]] = {}
    for other in aimed.request.workloads:
        if other.key == workload.key:
            break
        if _share_cluster(other, workload):
            for key, value in _values(aimed, other):
                seen.setdefault(key, (other, value))
    for key, value in _values(aimed, workload):
        first, earlier = seen.get(key, (workload, value))
        if earlier.to != value.to:
            what = f"`{'.'.join(value.path)}` of release {key[0]} would be {earlier.to} for {first.ref}"
            text = f"{what} and {value.to} for {workload.ref}"
            yield Fault("contradicts", workload.cluster or "", text, _FIX, key=value.of)


def _share_cluster(one: Workload, other: Workload) -> bool:
    return one.cluster is None or other.cluster is None or one.cluster == other.cluster


def _values(aimed: TargetedRequest, workload: Workload) -> Iterator[tuple[_Value, NewValue]]:
    base = aimed.bases.get(workload.key)
    if base and base.chart:
        for value in new_values(workload, aimed.request, base.chart):
            yield (base.chart.release, value.path), value
