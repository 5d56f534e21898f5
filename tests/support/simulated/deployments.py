"""Deployments and their ReplicaSets.

Sources: pkg/controller/deployment (sync.go, rolling.go, recreate.go, util/deployment_util.go),
pkg/controller/replicaset/replica_set.go, pkg/controller/controller_utils.go (ActivePodsWithRanks).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from support.simulated.pods import Object, Pod, Template

if TYPE_CHECKING:
    from support.simulated.world import World


class ReplicaSet:
    """Keeps a number of pods of one template."""

    def __init__(self, owner: str, template: Template, most: int) -> None:
        """`most`: what the annotation max-replicas says."""
        self.owner, self.template, self.replicas, self.wanted, self.most = owner, template, 0, 0, most

    def pods(self, world: World) -> list[Pod]:
        """Its pods, without those that leave."""
        return [pod for pod in world.pods if self._has(pod) and not pod.is_leaving]

    def available(self, world: World) -> int:
        """How many of them are ready."""
        return sum(pod.is_ready for pod in self.pods(world))

    def sync(self, world: World) -> bool:
        """Create or delete pods; creation ends with the first that is refused."""
        own = self.pods(world)
        more = self.replicas - len(own)
        if more > 0:
            made = [world.create(self.template, self.owner) for _ in range(more)]
            return any(made)
        related = [pod for pod in world.pods if pod.owner == self.owner and not pod.is_leaving]

        def rank(pod: Pod) -> tuple[bool, int, float]:
            return (pod.node is not None, -sum(one.node is pod.node for one in related), world.random.random())

        for pod in sorted(own, key=rank)[:-more] if more else ():
            world.delete(pod)
        return more != 0

    def _has(self, pod: Pod) -> bool:
        return pod.owner == self.owner and pod.template is self.template


class Deployment:
    """Scales first, then replaces its pods."""

    def __init__(self, thing: Object, template: Template) -> None:
        """As it is without pods."""
        self.name: str = thing["metadata"]["name"]
        self.template = template
        self.replicas: int = thing["spec"]["replicas"]
        strategy = thing["spec"].get("strategy", {})
        self.is_recreate = strategy.get("type") == "Recreate"
        rolling = strategy.get("rollingUpdate", {})
        self._surge, self._unavailable = rolling.get("maxSurge", "25%"), rolling.get("maxUnavailable", "25%")
        self.sets: list[ReplicaSet] = []

    def adopt(self) -> None:
        """Take the pods of its template that are there for its own."""
        first = ReplicaSet(self.name, self.template, self.replicas + self._fenceposts()[0])
        first.replicas = first.wanted = self.replicas
        self.sets.append(first)

    def change(self, replicas: int, template: Template) -> None:
        """What an apply does; a template that says the same is the same."""
        self.replicas = replicas
        if template != self.template:
            self.template = template

    def parts(self) -> list[ReplicaSet]:
        """Its ReplicaSets."""
        return self.sets

    def is_done(self, world: World) -> bool:
        """Whether all pods are new and have a node."""
        own = [pod for pod in world.pods if pod.owner == self.name]
        return len(own) == self.replicas and all(pod.is_ready and pod.template is self.template for pod in own)

    def sync(self, world: World) -> bool:
        """One step of the controller."""
        active = [one for one in self.sets if one.replicas]
        if any(one.wanted != self.replicas for one in active):
            return self._scale(active)
        new = self._new()
        if new is None:
            new = ReplicaSet(self.name, self.template, self.replicas + self._fenceposts()[0])
            self.sets.append(new)
        old = [one for one in self.sets if one is not new]
        return self._recreate(world, new, old) if self.is_recreate else self._roll(world, new, old)

    def _new(self) -> ReplicaSet | None:
        return next((one for one in self.sets if one.template is self.template), None)

    def _fenceposts(self) -> tuple[int, int]:
        """Surge and unavailable pods; one of them is at least 1 (ResolveFenceposts)."""
        if self.is_recreate:
            return 0, 0
        surge, unavailable = self._resolved(self._surge, up=True), self._resolved(self._unavailable, up=False)
        return surge, 1 if surge == unavailable == 0 else unavailable

    def _resolved(self, bound: object, *, up: bool) -> int:
        if not str(bound).endswith("%"):
            return int(str(bound))
        exact = Fraction(str(bound)[:-1]) * self.replicas / 100
        return -int(-exact // 1) if up else int(exact // 1)

    def _set(self, one: ReplicaSet, replicas: int) -> bool:
        is_other = one.replicas != replicas or one.wanted != self.replicas
        one.replicas, one.wanted, one.most = replicas, self.replicas, self.replicas + self._fenceposts()[0]
        return is_other

    def _set_all(self, sizes: Iterable[tuple[ReplicaSet, int]]) -> bool:
        changes = [self._set(one, replicas) for one, replicas in sizes]
        return any(changes)

    def _scale(self, active: list[ReplicaSet]) -> bool:
        """A change of the count: in proportion where several ReplicaSets have pods."""
        if len(active) == 1:
            return self._set(active[0], self.replicas)
        if self.is_recreate:
            return self._set_all((one, one.replicas) for one in active)
        surge = self._fenceposts()[0]
        allowed = self.replicas + surge if self.replicas else 0
        to_add = allowed - sum(one.replicas for one in active)
        ordered = sorted(active, key=lambda one: one.replicas, reverse=to_add > 0)
        added, sizes = 0, []
        for one in ordered:
            part = 0
            if to_add and to_add != added:
                size = Fraction(one.replicas * (self.replicas + surge), one.most)
                fraction = int(size + Fraction(1, 2)) - one.replicas if self.replicas else -one.replicas
                part = min(fraction, to_add - added) if to_add > 0 else max(fraction, to_add - added)
            sizes.append(one.replicas + part)
            added += part
        if to_add:
            sizes[0] = max(0, sizes[0] + to_add - added)
        return self._set_all(zip(ordered, sizes, strict=True))

    def _recreate(self, world: World, new: ReplicaSet, old: list[ReplicaSet]) -> bool:
        if any(one.replicas for one in old):
            return self._set_all((one, 0) for one in old)
        if any(pod.owner == self.name and pod.template is not self.template for pod in world.pods):
            return False
        return self._set(new, self.replicas)

    def _roll(self, world: World, new: ReplicaSet, old: list[ReplicaSet]) -> bool:
        surge, unavailable = self._fenceposts()
        total = sum(one.replicas for one in self.sets)
        if new.replicas != self.replicas:
            room = self.replicas + surge - total
            size = new.replicas + max(0, min(room, self.replicas - new.replicas))
            if self._set(new, min(size, self.replicas)):
                return True
        self._set(new, new.replicas)
        least = self.replicas - unavailable
        most = total - least - (new.replicas - new.available(world))
        if most <= 0 or not any(one.replicas for one in old):
            return False
        cleaned = self._shrink(old, most, [one.replicas - one.available(world) for one in old])
        ready = sum(one.available(world) for one in self.sets)
        stopped = self._shrink(old, ready - least, [one.replicas for one in old])
        return cleaned or stopped

    def _shrink(self, old: list[ReplicaSet], most: int, each: list[int]) -> bool:
        changed = False
        for one, size in zip(old, each, strict=True):
            less = min(most, size, one.replicas)
            if less > 0:
                most -= less
                changed |= self._set(one, one.replicas - less)
        return changed
