"""Pending pods of no workload in the snapshot: they can take freed capacity first."""

from collections import Counter
from collections.abc import Iterable

from infra_scale.core.capture.hosts import Hosts, numbered
from infra_scale.core.capture.nodes import quantities
from infra_scale.core.capture.objects import read
from infra_scale.core.capture.pods import SeenPod
from infra_scale.core.capture.templates import read_pod
from infra_scale.model.pod import Pod, PodContainer
from infra_scale.model.snapshot import Waiting


def waiting_pods(pods: Iterable[SeenPod], hosts: Hosts) -> tuple[Waiting, ...]:
    """Those of some pods that have no node, with others that are alike in one row. Raises ObjectError."""
    alike = Counter(_sized(one, hosts) for one in pods if one.node is None)
    return tuple(Waiting(times, pod) for pod, times in sorted(alike.items(), key=lambda row: str(row[0])))


def _sized(seen: SeenPod, hosts: Hosts) -> Pod:
    """Its size, and the conditions that it sets on nodes."""
    pod = numbered(read(seen.thing, lambda thing: read_pod(thing.spec)), hosts)
    conditions = pod.scheduling._replace(ports=(), unmodelled=())
    return Pod((PodContainer("pod", quantities(seen.size)),), scheduling=conditions)
