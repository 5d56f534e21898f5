"""Workloads of one release whose requests give one value two numbers."""

from collections.abc import Iterator

from infra_scale.core.helm.patching import NewValue, new_values
from infra_scale.model.finding import Finding
from infra_scale.model.helm import Path
from infra_scale.model.request import Workload
from infra_scale.model.target import TargetedRequest


def contradictions(aimed: TargetedRequest) -> Iterator[Finding]:
    """HLM-004 for each value that two workloads of a request set differently in one release."""
    seen: dict[tuple[str, str, str | None, Path], tuple[Workload, NewValue]] = {}
    for workload in aimed.request.workloads:
        base = aimed.bases.get(workload.key)
        for value in new_values(workload, aimed.request, base.chart) if base and base.chart else ():
            chart = base.chart if base else None
            release = chart.release if chart else ""
            key = (workload.ref.namespace, release, workload.cluster, value.path)
            first, other = seen.setdefault(key, (workload, value))
            if other.to != value.to:
                path = ".".join(value.path)
                message = f"`{path}` of release {release} would be {other.to} for {first.ref} and {value.to} for "
                help = "give each workload its own paths in `helm` of the target, or both the same number"
                route = (*workload.route, value.of)
                text = f"{message}{workload.ref}."
                yield Finding(
                    "HLM-004", "error", text, aimed.request.path, route=route, help=help, workload=workload.ref
                )
