"""What the pods of a workload will have reserved, as far as request and base manifest tell."""

from collections.abc import Sequence

from infra_scale.core.planning.containers import container_of, planned_containers
from infra_scale.core.rules.catalogue import Subject
from infra_scale.model.autoscaler import Resource
from infra_scale.model.quantity import Quantity
from infra_scale.model.resources import Resources


def lacking(
    subject: Subject, resource: Resource, *, container: str | None, sidecars: bool = True
) -> tuple[str, ...] | None:
    """The containers that will have no request for a resource; None where that is not known.

    With `container`, only that one is asked for. A limit alone counts as request (SetDefaults_Pod).
    """
    workload, base = subject.workload, subject.base
    changes = workload.requests is not None or workload.limits is not None
    if base is None or not base.containers:
        is_meant = container is None or workload.container in (None, container)
        return () if is_meant and reserved(workload.requests, workload.limits, resource) else None
    if base.has_pod_resources or (changes and container_of(workload, base) is None):
        return ()  # the pod's own count; or RES-009 says that it is not clear whose they are
    return tuple(
        one.name
        for one in planned_containers(workload, base)
        if container in (None, one.name)
        and (sidecars or not one.is_sidecar)
        and reserved(one.requests, one.limits, resource) is None
    )


def reserved(requests: Resources | None, limits: Resources | None, resource: Resource) -> Quantity | None:
    """The request that counts: the one that is written, else the limit."""
    return amount(requests, resource) or amount(limits, resource)


def amount(resources: Resources | None, resource: Resource) -> Quantity | None:
    """The amount of one resource, None where nothing is said."""
    if resources is None:
        return None
    return resources.cpu if resource == "cpu" else resources.memory


def listed(names: Sequence[str]) -> str:
    """`container a has`, `containers a, b have`."""
    return f"container {names[0]} has" if len(names) == 1 else f"containers {', '.join(names)} have"
