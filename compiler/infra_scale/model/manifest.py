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
    built_namespace: str | None
    """What the build of the application's base has: what a patch of it and its autoscaler must carry."""
    api_version: str
    replicas: int | None
    """spec.replicas; None where the file does not set it."""
    containers: tuple[Container, ...]
    default_container: str | None
    """The annotation kubectl.kubernetes.io/default-container."""
    init_names: tuple[str, ...] = ()
    """All init containers in their order, sidecars or not."""
    autoscalers: frozenset[str] = frozenset()
    """The kinds of autoscalers that the base itself has under the workload's name, in its namespace."""
    strategy: str | None = None
    """The type of the update strategy, such as Recreate; None: the default of the kind."""
    concurrency: str | None = None
    """Of a CronJob: concurrencyPolicy; None: the default, Allow."""
