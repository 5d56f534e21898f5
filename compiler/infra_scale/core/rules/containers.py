"""Rules about the containers of a workload: those of the base manifest, or without one, the running ones."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from infra_scale.core.planning.before import container_of
from infra_scale.core.ruling.catalogue import Hit, Subject, merged, rule
from infra_scale.model.capacity import Site
from infra_scale.model.position import Route
from infra_scale.model.request import Workload


@rule(
    "RES-008",
    "error",
    why="Kubernetes finds a container by its name: a patch with a wrong name adds another container, without an image.",
    fix="use one of its container names",
    source="Kubernetes API reference, core/v1 PodSpec: the merge key of containers is name",
)
def container_not_found(subject: Subject) -> Iterator[Hit]:
    """A container that manifest or running pods do not have, named by container, hpa.container or the manifest."""
    yield from merged(
        (site, Hit(f"container {one.name} not found in {subject.workload.ref} (has: {', '.join(names)})", one.route))
        for site, one, names, initial in _unusable(subject)
        if one.name not in initial
    )


@rule(
    "RES-014",
    "error",
    why="An init container ends before the others start. Its requests count only where they are larger than those of "
    "all others together, and autoscalers ignore it: this is rarely intended.",
    fix="name one of the containers or sidecars; change an init container in the manifest",
    source="Kubernetes docs, Init Containers: resource sharing within containers",
)
def init_container(subject: Subject) -> Iterator[Hit]:
    """An init container that is not a sidecar, named by container, hpa.container or the manifest."""
    yield from merged(
        (
            site,
            Hit(
                f"{one.name} is an init container of {subject.workload.ref} (containers: {', '.join(names)})", one.route
            ),
        )
        for site, one, names, initial in _unusable(subject)
        if one.name in initial
    )


class _Named(NamedTuple):
    """A named container, and the route of its name."""

    name: str
    route: Route


_Unusable = tuple[Site | None, _Named, Sequence[str], Collection[str]]
"""Names that are neither container nor sidecar; the existing containers, and the names of other init containers."""


def _unusable(subject: Subject) -> Iterator[_Unusable]:
    workload, base = subject.workload, subject.base
    if base and base.containers:
        chosen = container_of(workload, base) if _changes(workload) else workload.container
        yield from _not_among(subject, None, chosen, [one.name for one in base.containers], base.init_names)
        return
    for site in subject.sites:
        if live := site.live:
            every = live.pod.init_containers
            beside = (container.name for container in every if container.is_sidecar)
            names, initial = [*live.pod.names, *beside], [container.name for container in every]
            yield from _not_among(subject, site, workload.container, names, initial)


def _not_among(
    subject: Subject, site: Site | None, chosen: str | None, names: Sequence[str], initial: Collection[str]
) -> Iterator[_Unusable]:
    hpa = subject.workload.hpa
    for name, route in ((chosen, ("container",)), (hpa.container if hpa else None, ("hpa", "container"))):
        if name is not None and name not in names:
            yield site, _Named(name, route), names, initial


@rule(
    "RES-009",
    "error",
    why="Requests and limits belong to one container, and infra.scale does not guess which.",
    fix="name it: `container: …`",
    source="Kubernetes API reference, core/v1 Container: resources",
)
def container_not_named(subject: Subject) -> Iterator[Hit]:
    """Requests or limits without container, if manifest or running pods have several and none is the default."""
    workload, base = subject.workload, subject.base
    if not _changes(workload) or container_of(workload, base) is not None:
        return
    if base and base.knows_containers:
        yield from _several(workload, [one.name for one in base.containers if not one.is_sidecar])
        return
    running = ((site, site.live.pod.names) for site in subject.sites if site.live)
    yield from merged((site, hit) for site, names in running for hit in _several(workload, names))


def _several(workload: Workload, names: Sequence[str]) -> Iterator[Hit]:
    if len(names) > 1:
        key = "requests" if workload.requests is not None else "limits"
        message = f"{workload.ref} has {len(names)} containers ({', '.join(names)}): set container"
        yield Hit(message, (key,))


def _changes(workload: Workload) -> bool:
    return workload.requests is not None or workload.limits is not None
