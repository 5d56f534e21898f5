"""StatefulSets. Source: pkg/controller/statefulset/stateful_set_control.go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.simulated.pods import Object, Pod, Template

if TYPE_CHECKING:
    from support.simulated.world import World


class StatefulSet:
    """Pods with numbers, one after another unless it is Parallel."""

    def __init__(self, thing: Object, template: Template) -> None:
        """As it is without pods."""
        self.name: str = thing["metadata"]["name"]
        self.template = self._old = template
        self.replicas: int = thing["spec"]["replicas"]
        self._is_parallel = thing["spec"].get("podManagementPolicy") == "Parallel"
        strategy = thing["spec"].get("updateStrategy", {})
        self._is_rolling = strategy.get("type") != "OnDelete"
        self._partition: int = strategy.get("rollingUpdate", {}).get("partition", 0)

    def adopt(self) -> None:
        """Its pods are known by their numbers."""

    def change(self, replicas: int, template: Template) -> None:
        """What an apply does; a template that says the same is the same."""
        self.replicas = replicas
        if template != self.template:
            self._old, self.template = self.template, template

    def parts(self) -> list[StatefulSet]:
        """Nothing between it and its pods."""
        return []

    def is_done(self, world: World) -> bool:
        """Whether all pods have a node, and those that are to be new are."""
        own = [pod for pod in world.pods if pod.owner == self.name]
        return len(own) == self.replicas and all(pod.is_ready and not self._is_due(pod) for pod in own)

    def _is_due(self, pod: Pod) -> bool:
        return self._is_rolling and pod.ordinal >= self._partition and pod.template is not self.template

    def sync(self, world: World) -> bool:
        """One step of the controller."""
        own = {pod.ordinal: pod for pod in world.pods if pod.owner == self.name}
        replicas = [own.get(ordinal) for ordinal in range(self.replicas)]
        condemned = [own[ordinal] for ordinal in sorted(own, reverse=True) if ordinal >= self.replicas]
        unready = next((pod for pod in (*replicas, *reversed(condemned)) if pod and not pod.is_ready), None)
        goes_on, changed = self._start(world, replicas)
        if goes_on:
            goes_on, stopped = self._stop(world, condemned, unready)
            changed |= stopped
        if changed or not goes_on or not self._is_rolling:
            return changed
        return self._update(world, [pod for pod in replicas if pod])

    def _start(self, world: World, replicas: list[Pod | None]) -> tuple[bool, bool]:
        """Whether the controller goes on after it, and whether something changed."""
        changed = False
        for ordinal, pod in enumerate(replicas):
            if pod is None:
                if not self._create(world, ordinal):
                    return False, changed
                changed = True
            if not self._is_parallel and (pod is None or not pod.is_ready):
                return False, changed
        return True, changed

    def _stop(self, world: World, condemned: list[Pod], unready: Pod | None) -> tuple[bool, bool]:
        """Pods beyond the count, the last one first."""
        changed = False
        for pod in condemned:
            if not self._is_parallel and (pod.is_leaving or (not pod.is_ready and pod is not unready)):
                return False, changed
            if not pod.is_leaving:
                world.delete(pod)
                changed = True
                if not self._is_parallel:
                    return False, True
        return True, changed

    def _create(self, world: World, ordinal: int) -> bool:
        """Below the partition, and with OnDelete as long as the old revision counts, pods stay old."""
        template = self._old if self._is_rolling and ordinal < self._partition else self.template
        return world.create(template, self.name, ordinal) is not None

    def _update(self, world: World, replicas: list[Pod]) -> bool:
        # the feature gate MaxUnavailableStatefulSet, on since 1.35
        if world.counts_unavailable and any(not pod.is_ready for pod in replicas):
            return False
        for pod in reversed(replicas[self._partition :]):
            if pod.template is not self.template and not pod.is_leaving:
                world.delete(pod)
                return True
            if not pod.is_ready:
                return False
        return False
