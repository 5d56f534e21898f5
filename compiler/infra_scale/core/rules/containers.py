"""Rules about the containers of a workload: those of the base manifest, or where there is none, of what runs."""

from collections.abc import Iterator, Sequence

from infra_scale.core.planning.containers import container_of
from infra_scale.core.rules.catalogue import Hit, Subject, rule
from infra_scale.core.rules.places import Placed, told
from infra_scale.model.request import Workload


@rule(
    "RES-008",
    "error",
    why="Kubernetes finds a container by its name: with a wrong one a patch adds another container, without an image.",
    fix="take one of the names that it has",
    source="Kubernetes API reference, core/v1 PodSpec: the merge key of containers is name",
)
def container_not_found(subject: Subject) -> Iterator[Hit]:
    """A container that manifest or running pods do not have, named by container, hpa.container or the manifest."""
    workload, base = subject.workload, subject.base
    if base and base.containers:
        chosen = container_of(workload, base) if _changes(workload) else workload.container
        yield from _not_among(subject, chosen, [container.name for container in base.containers])
        return
    found: list[Placed] = []
    for site in subject.sites:
        if live := site.live:
            beside = (container.name for container in live.pod.init_containers if container.is_sidecar)
            hits = _not_among(subject, workload.container, [*live.pod.names, *beside])
            found += ((site, hit) for hit in hits)
    yield from told(found)


def _not_among(subject: Subject, chosen: str | None, names: Sequence[str]) -> Iterator[Hit]:
    workload = subject.workload
    meant = (
        (chosen, ("container",)),
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
    """Requests or limits without container, where manifest or running pods have several and none is the default."""
    workload, base = subject.workload, subject.base
    if not _changes(workload) or container_of(workload, base) is not None:
        return
    if base:
        yield from _several(workload, [one.name for one in base.containers if not one.is_sidecar])
        return
    running = ((site, site.live.pod.names) for site in subject.sites if site.live)
    yield from told((site, hit) for site, names in running for hit in _several(workload, names))


def _several(workload: Workload, names: Sequence[str]) -> Iterator[Hit]:
    if len(names) > 1:
        key = "requests" if workload.requests is not None else "limits"
        message = f"{workload.ref} has {len(names)} containers ({', '.join(names)}): set container"
        yield Hit(message, (key,))


def _changes(workload: Workload) -> bool:
    return workload.requests is not None or workload.limits is not None
