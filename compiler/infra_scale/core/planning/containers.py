"""Which container of a pod requests and limits belong to (kubernetes.md §3.1): never guessed."""

from collections.abc import Iterable, Sequence

from infra_scale.model.manifest import Base, Container
from infra_scale.model.names import quoted
from infra_scale.model.quantity import Resources
from infra_scale.model.request import Workload


def container_of(workload: Workload, base: Base | None, running: Sequence[str] = ()) -> str | None:
    """The name of the container; None if undetermined.

    From the request, else the only container of the manifest that is not a sidecar, else kubectl's default container.
    Without a manifest, the only one of the `running` containers, sidecars excluded.
    """
    if workload.container:
        return workload.container
    if base is None:
        return running[0] if len(running) == 1 else None
    ordinary = [container.name for container in base.containers if not container.is_sidecar]
    return ordinary[0] if len(ordinary) == 1 else base.default_container


def not_rendered(workload: Workload, container: str | None, base: Base | None) -> str:
    """Why requests and limits of a container cannot be rendered; empty if they can.

    A patch that names a container which the base does not have would silently add it.
    """
    if container is None:
        return f"the container of {workload.ref} is not known"
    if base and container not in base.container_names and container not in base.init_names:
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
        )
        if container.name == chosen
        else container
        for container in containers
    )


def _changed(before: Resources, wanted: Resources | None) -> Resources:
    if wanted is None:
        return before
    cpu = before.cpu if wanted.cpu is None else wanted.cpu
    memory = before.memory if wanted.memory is None else wanted.memory
    return Resources(cpu, memory, before.memory_key)
