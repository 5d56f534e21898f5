"""The reservations of a workload's pods, from request, base manifest and snapshots."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra_scale.core.planning.before import container_of, planned_containers
from infra_scale.core.ruling.catalogue import Subject
from infra_scale.core.ruling.rollout_delta import move_at
from infra_scale.model.autoscaler import Resource
from infra_scale.model.capacity import Seen, Site
from infra_scale.model.manifest import Base
from infra_scale.model.pod import Pod, PodContainer
from infra_scale.model.quantity import Quantity, Resources


class Wanted(NamedTuple):
    """The reservation to look for: a request for a resource."""

    resource: Resource
    container: str | None
    """Only this container; None: all."""
    sidecars: bool = True
    """Whether sidecars count."""

    def has(self, name: str, *, is_sidecar: bool) -> bool:
        """Whether a container is included."""
        return self.container in (None, name) and (self.sidecars or not is_sidecar)


def lacking(subject: Subject, wanted: Wanted) -> Iterator[tuple[Site | None, tuple[str, ...] | None]]:
    """The containers without such a request, for each cluster; None if unknown.

    A limit alone counts as request (SetDefaults_Pod), as does a default of a LimitRange.
    """
    for site in subject.sites or (None,):
        yield site, _lacking(subject, site, wanted)


def _lacking(subject: Subject, site: Site | None, wanted: Wanted) -> tuple[str, ...] | None:
    workload, base = subject.workload, subject.base
    if base and base.containers:
        if _is_filled_in(subject, site, wanted.resource):
            return ()
        return (*_by_manifest(subject, base, wanted), *_injected(site, wanted))
    if move := move_at(site):
        return _in_pod(move.load.pod, wanted)
    if site and site.live:
        return ()  # RES-008 and RES-009 report the ambiguous container
    is_meant = wanted.container is None or workload.container in (None, wanted.container)
    return () if is_meant and reserved(workload.requests, workload.limits, wanted.resource) else None


def _by_manifest(subject: Subject, base: Base, wanted: Wanted) -> tuple[str, ...]:
    workload = subject.workload
    changes = workload.requests is not None or workload.limits is not None
    if base.has_pod_resources or (changes and container_of(workload, base) is None):
        return ()  # the pod-level ones count; or RES-009 reports the ambiguous container
    return tuple(
        one.name
        for one in planned_containers(workload, base)
        if wanted.has(one.name, is_sidecar=one.is_sidecar)
        and not one.unknown & {f"requests.{wanted.resource}", f"limits.{wanted.resource}"}
        and reserved(one.requests, one.limits, wanted.resource) is None
    )


def _injected(site: Site | None, wanted: Wanted) -> tuple[str, ...]:
    """Those among the containers that manifests cannot show."""
    pod = site.live.pod if site and site.live else Pod(())
    kept = pod._replace(
        containers=tuple(one for one in pod.containers if one.is_injected),
        init_containers=tuple(one for one in pod.init_containers if one.is_injected),
    )
    return _in_pod(kept, wanted)


def _in_pod(pod: Pod, wanted: Wanted) -> tuple[str, ...]:
    if pod.requests or pod.limits:
        return ()
    beside = (one for one in pod.init_containers if one.is_sidecar)
    return tuple(
        one.name
        for one in (*pod.containers, *beside)
        if wanted.has(one.name, is_sidecar=one.is_sidecar) and wanted.resource not in dict(one.requests)
    )


def _is_filled_in(subject: Subject, site: Site | None, resource: Resource) -> bool:
    """Whether a LimitRange sets a request for every container without one."""
    seen = site.seen if site else None
    if not isinstance(seen, Seen):
        return False
    from infra_scale.core.capacity.limitrange import effective  # noqa: PLC0415 (only beside a snapshot)

    ranges = seen.snapshot.namespace(subject.workload.ref.namespace).limit_ranges
    (filled,) = effective(Pod((PodContainer("any"),)), ranges).containers
    return resource in dict(filled.requests)


def reserved(requests: Resources | None, limits: Resources | None, resource: Resource) -> Quantity | None:
    """The effective request: the explicit one, else the limit."""
    return amount(requests, resource) or amount(limits, resource)


def amount(resources: Resources | None, resource: Resource) -> Quantity | None:
    """The amount of one resource; None if not set."""
    if resources is None:
        return None
    return resources.cpu if resource == "cpu" else resources.memory


def listed(names: Sequence[str]) -> str:
    """`container a has`, `containers a, b have`."""
    return f"container {names[0]} has" if len(names) == 1 else f"containers {', '.join(names)} have"
