"""A cluster that runs until nothing happens any more, in one of many orders of events."""

from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import NamedTuple

import pytest

from support.simulated.admission import OverQuotaError, RefusedError, admitted, is_valid
from support.simulated.deployments import Deployment
from support.simulated.pods import Node, Object, Pod, Size, Template, read_node, read_template
from support.simulated.scheduler import Scheduler
from support.simulated.statefulsets import StatefulSet

_KINDS: dict[str, type[Deployment] | type[StatefulSet]] = {"Deployment": Deployment, "StatefulSet": StatefulSet}
_SCORES: tuple[tuple[str, ...], ...] = (("least",), ("least", "balanced"), *[("least", "balanced", "spread")] * 3)
"""The last is how schedulers are configured by default."""
_MOST_EVENTS = 5000


class Change(NamedTuple):
    """What a plan does to a workload: the whole object as it will be."""

    workload: str
    thing: Object


class World:
    """Nodes, pods and controllers."""

    def __init__(self, things: Iterable[Object], seed: int, namespace: str = "shop") -> None:
        """All objects of a cluster, as `kubectl get` shows them."""
        self.random = Random(seed)  # noqa: S311 (no secret is made of it)
        self.counts_unavailable = self.random.random() < 0.5
        self._scores = self.random.choice(_SCORES)
        by_kind: dict[str, list[Object]] = {}
        for thing in things:
            by_kind.setdefault(thing["kind"], []).append(thing)
        self.nodes: list[Node] = [read_node(one) for one in by_kind.get("Node", ())]
        self.pods: list[Pod] = []
        self._namespace = namespace
        self._quotas, self._ranges = by_kind.get("ResourceQuota", []), by_kind.get("LimitRange", [])
        self.workloads = {
            one["metadata"]["name"]: _KINDS[kind](one, read_template(one["spec"]["template"]))
            for kind in _KINDS
            for one in by_kind.get(kind, ())
        }
        self._scheduler = Scheduler(self.nodes, self.pods, self.random, scores=self._scores)
        self._queue = "oldest"
        self._refused: set[str] = set()
        owners = {
            one["metadata"]["name"]: one["metadata"]["ownerReferences"][0] for one in by_kind.get("ReplicaSet", ())
        }
        for one in by_kind.get("Pod", ()):
            self._adopt(one, owners)
        for workload in self.workloads.values():
            workload.adopt()

    def _adopt(self, thing: Object, owners: dict[str, Object]) -> None:
        """A pod that was there before."""
        metadata = thing["metadata"]
        owner: Object = next(iter(metadata.get("ownerReferences", ())), {})
        workload = self.workloads.get(owners.get(owner.get("name", ""), owner).get("name", ""))
        own = read_template(thing)
        ordinal = int(metadata["name"].rpartition("-")[2]) if isinstance(workload, StatefulSet) else -1
        pod = Pod(
            workload.template if workload else own, workload.name if workload else "", metadata["namespace"], ordinal
        )
        pod.name = metadata["name"]
        pod.containers, pod.size, pod.charge = admitted(own, (), (), {})
        pod.node = next((node for node in self.nodes if node.name == thing["spec"].get("nodeName")), None)
        self.pods.append(pod)

    def create(self, template: Template, owner: str, ordinal: int = -1) -> Pod | None:
        """A new pod of a workload; None where the API server refuses it."""
        pod = Pod(template, owner, self._namespace, ordinal)
        try:
            pod.containers, pod.size, pod.charge = admitted(template, self._ranges, self._quotas, self.used())
        except RefusedError:
            return None
        self.pods.append(pod)
        return pod

    def delete(self, pod: Pod) -> None:
        """A pod without a node goes at once; another takes its time."""
        if pod.node is None:
            self.pods.remove(pod)
        pod.is_leaving = True

    def used(self) -> Size:
        """What quotas count now: all pods, with and without a node."""
        used: Size = {}
        for pod in self.pods:
            if pod.namespace == self._namespace:
                for key, one in pod.charge.items():
                    used[key] = used.get(key, 0) + one
        return used

    def run(self, changes: Sequence[Change] = ()) -> None:
        """Apply changes, and let everything happen, until nothing does any more."""
        waiting = self.random.sample(list(changes), len(changes))
        self._queue = self.random.choice(("oldest", "newest", "any"))
        habit = self.random.choice(("all at once", "one by one", "any time"))
        kinds: list[Callable[[], bool]] = [self._bind, self._reap, self._control]
        order = self.random.sample(kinds, 3) if self.random.random() < 0.6 else None
        if habit == "all at once":
            waiting = self._apply(waiting, len(waiting))
        for _ in range(_MOST_EVENTS):
            if waiting and habit == "any time" and self.random.random() < 0.2:
                waiting = self._apply(waiting, 1)
            if not any(one() for one in order or self.random.sample(kinds, 3)):
                if not waiting:
                    return
                waiting = self._apply(waiting, 1)
        pytest.fail("the simulated cluster finds no rest")

    def is_done(self, workload: str) -> bool:
        """Whether a workload is as planned: all its pods are there, new where they are to be, and have a node."""
        return workload not in self._refused and self.workloads[workload].is_done(self)

    def accepts(self, workload: str) -> bool:
        """Whether the API server accepts new pods of a workload as long as quotas have room."""
        try:
            admitted(self.workloads[workload].template, self._ranges, self._quotas, {})
        except OverQuotaError:
            return True
        except RefusedError:
            return False
        return workload not in self._refused

    def _apply(self, changes: list[Change], count: int) -> list[Change]:
        for change in changes[:count]:
            template = read_template(change.thing["spec"]["template"])
            if not is_valid(template):
                self._refused.add(change.workload)
                continue
            self.workloads[change.workload].change(change.thing["spec"]["replicas"], template)
        return changes[count:]

    def _control(self) -> bool:
        actors = [part for one in self.workloads.values() for part in (one, *one.parts())]
        return any(one.sync(self) for one in self.random.sample(actors, len(actors)))

    def _reap(self) -> bool:
        leaving = [pod for pod in self.pods if pod.is_leaving]
        if leaving:
            self.pods.remove(self.random.choice(leaving))
        return bool(leaving)

    def _bind(self) -> bool:
        waiting = [pod for pod in self.pods if pod.node is None]
        if self._queue == "any":
            self.random.shuffle(waiting)
        elif self._queue == "newest":
            waiting.reverse()
        return any(self._scheduler.bind(pod) for pod in waiting)
