"""The step that holds the running count of a workload, while its owner changes."""

from infra_scale.core.planning.commands import kubectl, on
from infra_scale.model.ownership import HandoverStep
from infra_scale.model.step import workload_object
from infra_scale.model.workload import API_VERSIONS, Cluster, WorkloadRef

MANAGER = "infra-scale-handover"
"""Field manager that holds the count. Not kubectl…: Flux takes such managers over (fluxcd/pkg/ssa/patch.go)."""


def held_count(ref: WorkloadRef, cluster: Cluster | None) -> HandoverStep:
    """Hold the running count with a field manager of its own."""
    live = (
        f'{{"apiVersion":"{API_VERSIONS[ref.kind]}","kind":"{ref.kind}",'
        f'"metadata":{{"name":"{ref.name}","namespace":"{ref.namespace}"}},'
        '"spec":{"replicas":{{.spec.replicas}}}}'
    )
    return HandoverStep(
        "before",
        "hold the running count with a separate field manager: it stays when spec.replicas is removed from Git. "
        "A conflict means that an autoscaler has already set it, and nothing needs to be done",
        f"{on('get', workload_object(ref), cluster)} -o go-template='{live}' | "
        f"{kubectl(cluster)} apply --server-side --field-manager={MANAGER} --validate=false -f -",
    )
