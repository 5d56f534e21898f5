"""Rules about replica counts."""

from collections.abc import Iterator

from infra_scale.core.rules.catalogue import Hit, rule
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.workload import BATCH

HIGH_REPLICAS = 10
"""The seed's threshold: 10 replicas pass, 11 are reported."""


@rule(
    "REP-001",
    "warning",
    why="Large replica counts can exhaust node capacity or the namespace's quotas.",
    fix="check that the nodes and the quota of the namespace hold that many pods",
    source="the original infra.scale, Risk Detection",
)
def high_replica_count(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """More than 10 replicas."""
    del request
    if workload.replicas is not None and workload.replicas > HIGH_REPLICAS:
        yield Hit(f"High replica count for {workload.ref} → watch pod scheduling / quotas", ("replicas",))


@rule(
    "REP-003",
    "warning",
    why="Nothing serves what a stopped workload served, and no autoscaler starts it again.",
    fix="be sure that it is meant; the rollback hints say how many replicas it had",
    source="Kubernetes docs, Deployments: scaling a Deployment",
)
def stopped(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """Replicas 0 without an HPA."""
    autoscaled = workload.hpa is not None and request.autoscaling == "hpa"
    if workload.replicas == 0 and not autoscaled and workload.ref.kind not in ("DaemonSet", *BATCH):
        yield Hit(f"replicas 0 stops {workload.ref}.", ("replicas",))


@rule(
    "KIND-001",
    "error",
    why="A DaemonSet has no spec.replicas: its controller runs one pod on every eligible node.",
    fix="delete `replicas`; to run it on fewer nodes, change its nodeSelector or affinity",
    source="Kubernetes API reference, apps/v1 DaemonSetSpec",
)
def replicas_on_daemonset(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """Replicas for a kind that has none."""
    del request
    if workload.ref.kind == "DaemonSet" and workload.replicas is not None:
        yield Hit(f"{workload.ref} has no replica count; it runs one pod per eligible node.", ("replicas",))
