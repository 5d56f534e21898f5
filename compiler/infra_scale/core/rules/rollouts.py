"""Rules about workloads of Argo Rollouts."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Subject, rule
from infra_scale.model.request import Workload


@rule(
    "OWN-009",
    "warning",
    why="The Rollout runs the pods, and its Deployment is normally at 0: scaled up, every pod would run twice.",
    fix="request `replicas`, `hpa` or `keda` for the Rollout: `kind: Rollout`",
    source="Argo Rollouts docs, Migrating: Reference Deployment From Rollout",
)
def driven_by_a_rollout(subject: Subject) -> Iterator[Hit]:
    """Replicas or an autoscaler for a workload whose pods an Argo Rollout runs (spec.workloadRef)."""
    key = _scaling_key(subject.workload)
    if key and subject.base and subject.base.rollout:
        name = subject.base.rollout
        message = f"Rollout/{name} takes its pods from {subject.workload.ref}: the Rollout sets how many run."
        yield Hit(message, (key,), help=f"request `{key}` for the Rollout: `kind: Rollout`, `name: {name}`")


def _scaling_key(workload: Workload) -> str:
    given = {"replicas": workload.replicas, "hpa": workload.hpa, "keda": workload.keda}
    return next((key for key, value in given.items() if value is not None), "")


@rule(
    "OWN-010",
    "error",
    why="A Rollout with workloadRef has no pod template: its pods have the requests and limits of that workload.",
    fix="request `requests` and `limits` for the workload of `spec.workloadRef`",
    source="Argo Rollouts docs, Migrating: Reference Deployment From Rollout",
)
def resources_of_a_reference(subject: Subject) -> Iterator[Hit]:
    """Requests or limits of a Rollout that takes its pods from another workload (spec.workloadRef)."""
    workload, base = subject.workload, subject.base
    keys = [key for key, value in (("requests", workload.requests), ("limits", workload.limits)) if value is not None]
    if keys and base and base.pods_from:
        kind, _, name = base.pods_from.partition("/")
        message = f"{workload.ref} takes its pods from {base.pods_from}, which has their requests and limits."
        yield Hit(message, (keys[0],), help=f"request them in a workload of their own: `kind: {kind}`, `name: {name}`")
