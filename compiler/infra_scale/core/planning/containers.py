"""Which container of a pod requests and limits belong to (kubernetes.md §3.1): never guessed."""

from infra_scale.model.manifest import Base
from infra_scale.model.request import Workload


def container_of(workload: Workload, base: Base | None) -> str | None:
    """The name of the container; None where neither request nor manifest says it.

    The request's word, else the only container of the manifest that is no sidecar, else kubectl's default container.
    """
    if workload.container or base is None:
        return workload.container
    ordinary = [container.name for container in base.containers if not container.is_sidecar]
    return ordinary[0] if len(ordinary) == 1 else base.default_container
