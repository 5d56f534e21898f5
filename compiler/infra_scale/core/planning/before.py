"""A workload before a plan, from its manifest and a snapshot: update strategy, containers, amounts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from infra_scale.model.action import UpdateResources
from infra_scale.model.autoscaler import Resource
from infra_scale.model.manifest import Base, Container
from infra_scale.model.names import quoted
from infra_scale.model.pod import Amounts, Pod, PodContainer
from infra_scale.model.quantity import Quantity, Resources
from infra_scale.model.request import Workload
from infra_scale.model.snapshot import LiveWorkload

Effect = Literal["none", "unclear", "some"]
"""Changes of requests and limits in a pod template. unclear: no change by the manifest, and no snapshot."""

Block = Literal["requests", "limits"]


class Setting(NamedTuple):
    """One amount of a container."""

    block: Block
    resource: Resource
    amount: Quantity | None
    """None: not set."""


class Before(NamedTuple):
    """The state of a workload in one cluster.

    Values of the manifest are applied again with the plan, so they are preferred; a snapshot has the others.
    """

    base: Base | None = None
    live: LiveWorkload | None = None

    @property
    def is_known(self) -> bool:
        """Whether a manifest or a snapshot shows the workload; values of a chart show a part of it."""
        return (self.base is not None and self.base.chart is None) or self.live is not None

    @property
    def strategy(self) -> str | None:
        """The type of the update strategy; None: unknown, or the default of the kind."""
        written = self.base.strategy if self.base else None
        return written or (self.live.strategy.type if self.live else None)

    @property
    def surge(self) -> str | None:
        """maxSurge, as `strategy`."""
        written = self.base.surge if self.base else None
        return written or (self.live.strategy.max_surge if self.live else None)

    @property
    def unavailable(self) -> str | None:
        """maxUnavailable, as `strategy`."""
        written = self.base.unavailable if self.base else None
        return written or (self.live.strategy.max_unavailable if self.live else None)

    @property
    def partition(self) -> int:
        """Of a StatefulSet: pods with a lower number keep their template."""
        written = self.base.partition if self.base else None
        seen = self.live.strategy.partition if self.live else None
        return (seen if written is None else written) or 0

    @property
    def is_parallel(self) -> bool | None:
        """Of a StatefulSet: whether its pods start and stop all at once, which cannot change; None: unknown."""
        if self.live:
            return self.live.is_parallel
        return self.base.is_parallel if self.base and not self.base.chart else None

    @property
    def is_paused(self) -> bool:
        """Of a Deployment: whether a new template waits until it is resumed."""
        return bool(self.base and self.base.is_paused) or bool(self.live and self.live.is_paused)

    @property
    def has_pod_resources(self) -> bool:
        """Whether the pod as a whole has requests or limits."""
        if self.base:
            return self.base.has_pod_resources
        return self.live is not None and bool(self.live.pod.requests or self.live.pod.limits)

    @property
    def containers(self) -> tuple[Container, ...]:
        """Containers and sidecars."""
        if self.base and self.base.knows_containers:
            return self.base.containers
        return tuple(_running(self.live.pod)) if self.live else ()

    def container(self, workload: Workload) -> str | None:
        """The container of a request; None if unknown."""
        return container_of(workload, self.base, self.live.pod.names if self.live else ())

    def is_init(self, container: str | None) -> bool:
        """Whether a container is among the init containers, as sidecars are."""
        if self.base and self.base.knows_containers:
            return container in self.base.init_names
        return self.live is not None and any(one.name == container for one in self.live.pod.init_containers)

    def update(self, workload: Workload) -> UpdateResources:
        """Changes of the pod template by a request."""
        name = self.container(workload)
        requests, limits = (one and one.canonical for one in (workload.requests, workload.limits))
        return UpdateResources(workload.ref, name, requests, limits, is_init=self.is_init(name))

    def change(self, action: UpdateResources) -> "TemplateChange":
        """The change of the template by an action; a snapshot takes precedence over the manifest."""
        every = tuple(_running(self.live.pod)) if self.live else self.base.containers if self.base else ()
        same = (one for one in every if one.name == action.container and not one.unknown)
        named = (tuple(_settings(one.requests, one.limits, action)) for one in same)
        before, after = next(named, None), tuple(_settings(action.requests, action.limits, action))
        if not after:
            return TemplateChange("none", before, after)
        if before is None or before != after:
            return TemplateChange("some", before, after)
        return TemplateChange("none" if self.live else "unclear", before, after)


class TemplateChange(NamedTuple):
    """A change of requests and limits in a pod template."""

    effect: Effect
    before: tuple[Setting, ...] | None
    """The previous amounts of the same resources; None if unknown."""
    after: tuple[Setting, ...]


def _settings(requests: Resources | None, limits: Resources | None, action: UpdateResources) -> Iterator[Setting]:
    """The amounts in requests and limits that an action sets."""
    pairs: tuple[tuple[Block, Resources | None, Resources | None], ...] = (
        ("requests", requests, action.requests),
        ("limits", limits, action.limits),
    )
    for block, found, wanted in pairs:
        if wanted and wanted.cpu is not None:
            yield Setting(block, "cpu", found.cpu if found else None)
        if wanted and wanted.memory is not None:
            yield Setting(block, "memory", found.memory if found else None)


def _running(pod: Pod) -> Iterator[Container]:
    yield from (_container(one) for one in pod.containers)
    yield from (_container(one) for one in pod.init_containers if one.is_sidecar)


def _container(one: PodContainer) -> Container:
    return Container(one.name, _resources(one.requests), _resources(one.limits), one.is_sidecar)


def _resources(amounts: Amounts) -> Resources:
    named = dict(amounts)
    return Resources(named.get("cpu"), named.get("memory"), "memory")


def container_of(workload: Workload, base: Base | None, running: Sequence[str] = ()) -> str | None:
    """The name of the container; None if undetermined.

    From the request, else the only container of the manifest that is not a sidecar, else kubectl's default container.
    Without a manifest, the only one of the `running` containers, sidecars excluded.
    """
    if workload.container:
        return workload.container
    if base is None or not base.knows_containers:
        return running[0] if len(running) == 1 else None
    ordinary = [container.name for container in base.containers if not container.is_sidecar]
    return ordinary[0] if len(ordinary) == 1 else base.default_container


def not_rendered(workload: Workload, container: str | None, base: Base | None) -> str:
    """Why requests and limits of a container cannot be rendered; empty if they can.

    A patch that names a container which the base does not have would silently add it.
    """
    if container is None:
        return f"the container of {workload.ref} is unknown"
    if workload.ref.kind == "Rollout" and not (base and base.knows_containers):
        return f"the containers of {workload.ref} are unknown, and kustomize can patch them only by their number"
    if base and base.knows_containers and container not in base.container_names and container not in base.init_names:
        return f"{quoted(base.path, 'the base manifest')} has no container {container} in {workload.ref}"
    return ""


def planned_containers(workload: Workload, base: Base) -> tuple[Container, ...]:
    """The containers and sidecars of a manifest as they are after the plan."""
    return resized_containers(workload, base.containers, container_of(workload, base))


def resized_containers(
    workload: Workload, containers: Iterable[Container], chosen: str | None
) -> tuple[Container, ...]:
    """Containers with the request's settings for the `chosen` one."""
    return tuple(
        container._replace(
            requests=_changed(container.requests, workload.requests),
            limits=_changed(container.limits, workload.limits),
            unknown=container.unknown - set(amounts_of(workload)),
        )
        if container.name == chosen
        else container
        for container in containers
    )


def amounts_of(workload: Workload) -> Iterator[str]:
    """The amounts that a request sets, such as limits.cpu."""
    for block, wanted in (("requests", workload.requests), ("limits", workload.limits)):
        for resource in ("cpu", "memory"):
            if wanted is not None and getattr(wanted, resource) is not None:
                yield f"{block}.{resource}"


def _changed(before: Resources, wanted: Resources | None) -> Resources:
    if wanted is None:
        return before
    cpu = before.cpu if wanted.cpu is None else wanted.cpu
    memory = before.memory if wanted.memory is None else wanted.memory
    return Resources(cpu, memory, before.memory_key)
