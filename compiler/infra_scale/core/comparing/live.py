"""The settings of a workload in a snapshot, by the names of settings in plans."""

from collections.abc import Iterator, Mapping

from infra_scale.core.comparing.settings import Key
from infra_scale.model.action import AUTOSCALER_KINDS
from infra_scale.model.pod import PodContainer
from infra_scale.model.snapshot import LiveAutoscaler, LiveWorkload
from infra_scale.model.units import amount_text
from infra_scale.model.workload import BATCH


def running(live: LiveWorkload) -> Mapping[Key, str]:
    """The settings of a running workload that a snapshot has."""
    workload = str(live.ref)
    found = {Key(workload, "parallelism" if live.ref.kind in BATCH else "replicas"): str(live.replicas)}
    containers = live.pod.containers
    for container in (*containers, *(one for one in live.pod.init_containers if one.is_sidecar)):
        found |= {Key(workload, f"{name} of {container.name}"): value for name, value in _resources(container)}
    if len(containers) == 1:  # a plan need not name the only container
        found |= {Key(workload, name): value for name, value in _resources(containers[0])}
    for kind, scaler in ((AUTOSCALER_KINDS["hpa"], live.hpa), (AUTOSCALER_KINDS["keda"], live.scaled_object)):
        if scaler:
            found |= {Key(f"{kind}/{scaler.name}", name): value for name, value in _scaling(scaler)}
    return found


def _resources(container: PodContainer) -> Iterator[tuple[str, str]]:
    for noun, amounts in (("request", container.requests), ("limit", container.limits)):
        yield from ((f"{resource} {noun}", amount_text(resource, quantity)) for resource, quantity in amounts)


def _scaling(scaler: LiveAutoscaler) -> Iterator[tuple[str, str]]:
    yield "replicas", f"{scaler.minimum} to {scaler.maximum}"
    if scaler.target_cpu is not None:
        yield "target CPU", f"{scaler.target_cpu}%"
