"""Rules about the containers of the base manifest."""

from collections.abc import Iterator

from infra_scale.core.planning.containers import container_of
from infra_scale.core.rules.catalogue import Hit, Subject, rule


@rule(
    "RES-008",
    "error",
    why="Kubernetes finds a container by its name: with a wrong one a patch adds another container, without an image.",
    fix="take one of the names in the manifest",
    source="Kubernetes API reference, core/v1 PodSpec: the merge key of containers is name",
)
def container_not_found(subject: Subject) -> Iterator[Hit]:
    """A container that the base manifest does not have, named by container, hpa.container or the manifest itself."""
    workload, base = subject.workload, subject.base
    if base is None or not base.containers:
        return
    names = [container.name for container in base.containers]
    changes = workload.requests is not None or workload.limits is not None
    meant = (
        (container_of(workload, base) if changes else workload.container, ("container",)),
        (workload.hpa.container if workload.hpa else None, ("hpa", "container")),
    )
    for name, route in meant:
        if name is not None and name not in names:
            yield Hit(f"container {name} not found in {workload.ref} (has: {', '.join(names)})", route)


@rule(
    "RES-009",
    "error",
    why="Requests and limits belong to one container, and infra.scale does not guess which.",
    fix="name it: `container: …`",
    source="Kubernetes API reference, core/v1 Container: resources",
)
def container_not_named(subject: Subject) -> Iterator[Hit]:
    """Requests or limits without container, where the base manifest has several and marks none as the default."""
    workload, base = subject.workload, subject.base
    changes = workload.requests is not None or workload.limits is not None
    if base is None or not changes or container_of(workload, base) is not None:
        return
    names = [container.name for container in base.containers if not container.is_sidecar]
    if len(names) > 1:
        key = "requests" if workload.requests is not None else "limits"
        message = f"{workload.ref} has {len(names)} containers ({', '.join(names)}): set container"
        yield Hit(message, (key,))
