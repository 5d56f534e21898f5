"""Pods to their use of nodes and their workloads; pod names are dropped here."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.capacity.pods import pod_size
from infra_scale.core.capture.objects import Inventory, Thing, read
from infra_scale.core.capture.templates import read_running
from infra_scale.core.reading.values import mapping, optional_text
from infra_scale.model.pod import Amounts
from infra_scale.model.workload import CAPTURED, WorkloadRef

_ENDED = ("Succeeded", "Failed")
_CREATED = ("ReplicaSet", "Job")
"""Intermediate controllers of Deployments and CronJobs."""


class SeenPod(NamedTuple):
    """A pod that has not ended."""

    thing: Thing
    node: str | None
    """The name of its node; None: Pending."""
    owner: WorkloadRef | None
    """Its workload; None: another controller, or none, or it is being deleted."""
    size: Mapping[str, int]
    """In the scheduler's steps."""
    is_on_every_node: bool
    """Whether a DaemonSet runs it, or the kubelet by itself."""
    overhead: Amounts = ()
    """Of its RuntimeClass: not in the template."""
    is_leaving: bool = False
    """Whether it is being deleted: it still takes its part of the node."""


def seen_pods(found: Inventory) -> Iterator[SeenPod]:
    """The pods that use a node, or wait for one. Raises ObjectError."""
    makers = {(one.kind, one.namespace, one.name): one for kind in _CREATED for one in found.of(kind)}
    for thing in found.of("Pod"):
        pod = read(thing, lambda one: _seen(one, makers))
        if pod is not None:
            yield pod


def sums(pods: Iterable[SeenPod]) -> dict[str, int]:
    """The sum of some pods' requests, with their number as `pods`."""
    total = {"pods": 0}
    for pod in pods:
        total["pods"] += 1
        for name, one in pod.size.items():
            total[name] = total.get(name, 0) + one
    return total


def owner_of(thing: Thing, makers: Mapping[tuple[str, str, str], Thing]) -> WorkloadRef | None:
    """The workload that created an object, through intermediate controllers."""
    direct = thing.controller
    if direct is None:
        return None
    maker = makers.get((direct[0], thing.namespace, direct[1]))
    kind, name = (maker.controller or direct) if maker else direct
    known = next((one for one in CAPTURED if one == kind), None)
    return WorkloadRef(known, thing.namespace, name) if known else None


def _seen(thing: Thing, makers: Mapping[tuple[str, str, str], Thing]) -> SeenPod | None:
    node = optional_text(thing.spec.get("nodeName")) or None
    is_leaving = mapping(thing.body.get("metadata")).get("deletionTimestamp") is not None
    if thing.status.get("phase") in _ENDED or (is_leaving and node is None):
        return None
    pod = read_running(thing.spec, thing.status)
    controller = thing.controller
    is_on_every_node = controller is not None and controller[0] in ("DaemonSet", "Node")
    # Controllers no longer count a pod that is being deleted, but its node does until it is gone.
    owner = None if is_leaving else owner_of(thing, makers)
    return SeenPod(thing, node, owner, dict(pod_size(pod)), is_on_every_node, pod.overhead, is_leaving)
