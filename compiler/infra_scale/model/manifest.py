"""What the base manifests in the repository say of one workload."""

from typing import NamedTuple

from infra_scale.model.resources import Resources


class Container(NamedTuple):
    """One container of a pod template, ordinary or a sidecar (a restartable init container)."""

    name: str
    requests: Resources
    limits: Resources
    is_sidecar: bool = False


class Base(NamedTuple):
    """One workload, as a manifest declares it."""

    path: str
    """The file, from the root of the repository."""
    namespace: str | None
    """None where the file leaves it to whoever applies it."""
    replicas: int | None
    """spec.replicas; None where the file does not set it."""
    containers: tuple[Container, ...]
    default_container: str | None
    """The annotation kubectl.kubernetes.io/default-container."""
    strategy: str | None = None
    """The type of the update strategy, such as Recreate; None: the default of the kind."""
    surge: str | None = None
    """maxSurge of a rolling update: a number or a percentage; None: the default of the kind."""
    unavailable: str | None = None
    """maxUnavailable of a rolling update, likewise."""
    concurrency: str | None = None
    """Of a CronJob: concurrencyPolicy; None: the default, Allow."""
