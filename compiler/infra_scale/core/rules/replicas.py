"""Rules about replica counts."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Subject, rule
from infra_scale.model.workload import SCALABLE


@rule(
    "REP-001",
    "warning",
    why="Large replica counts can exhaust node capacity or the namespace's quotas.",
    fix="check that the nodes and the quota of the namespace allow that many pods",
    source="the original infra.scale, Risk Detection",
    thresholds={"threshold": 10},
)
def high_replica_count(subject: Subject) -> Iterator[Hit]:
    """More than 10 replicas."""
    workload = subject.workload
    if workload.replicas is not None and workload.replicas > subject.thresholds["threshold"]:
        yield Hit(f"High replica count for {workload.ref} → watch pod scheduling / quotas", ("replicas",))


@rule(
    "REP-002",
    "warning",
    why="While a node is drained or the pod is replaced, no pod is running.",
    fix="request 2 or more if that matters",
    source="kube-score, deployment-replicas; kube-linter, minimum-three-replicas; Polaris, deploymentMissingReplicas",
)
def single_replica(subject: Subject) -> Iterator[Hit]:
    """Replicas 1 for a Deployment or StatefulSet without an autoscaler."""
    workload = subject.workload
    if workload.replicas == 1 and not subject.is_autoscaled and workload.ref.kind in ("Deployment", "StatefulSet"):
        message = f"Single replica for {workload.ref}; any eviction or rollout step is downtime."
        yield Hit(message, ("replicas",))


@rule(
    "REP-003",
    "warning",
    why="A stopped workload serves nothing, and no autoscaler starts it again.",
    fix="check that this is intended; the rollback hints restore the previous replicas",
    source="Kubernetes docs, Deployments: scaling a Deployment",
)
def stopped(subject: Subject) -> Iterator[Hit]:
    """Replicas 0 without an autoscaler."""
    workload = subject.workload
    if workload.replicas == 0 and not subject.is_autoscaled and workload.ref.kind in SCALABLE:
        yield Hit(f"replicas 0 stops {workload.ref}.", ("replicas",))


@rule(
    "KIND-001",
    "error",
    why="A DaemonSet has no spec.replicas: its controller runs one pod on every eligible node.",
    fix="delete `replicas`; to run it on fewer nodes, change its nodeSelector or affinity",
    source="Kubernetes API reference, apps/v1 DaemonSetSpec",
)
def replicas_on_daemonset(subject: Subject) -> Iterator[Hit]:
    """Replicas for a kind that has none."""
    workload = subject.workload
    if workload.ref.kind == "DaemonSet" and workload.replicas is not None:
        yield Hit(f"{workload.ref} has no replica count; it runs one pod per eligible node.", ("replicas",))
