"""The scheduler: filters and the score of nodes, one pod at a time.

Sources: pkg/scheduler/framework/plugins: noderesources (fit.go, least_allocated.go, balanced_allocation.go),
nodeaffinity, tainttoleration, nodeunschedulable, nodeports, interpodaffinity/filtering.go,
podtopologyspread (filtering.go, scoring.go).
"""

from collections.abc import Iterable, Mapping
from math import log
from random import Random

from support.simulated.pods import Node, Object, Pod, Size, Spread, Template

ZONE = "topology.kubernetes.io/zone"
_CORDONED = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
_DEFAULT_CPU, _DEFAULT_MEMORY = 100, 200 * 1024 * 1024
"""What scoring takes a container without requests for (schedutil/pod_resources.go)."""


class Scheduler:
    """Binds pods to nodes."""

    def __init__(self, nodes: Iterable[Node], pods: list[Pod], random: Random, *, scores: tuple[str, ...]) -> None:
        """`pods` is the list that controllers change; `scores`: what counts, of "least", "balanced" and "spread"."""
        self._nodes, self._pods, self._random, self._scores = list(nodes), pods, random, scores

    def bind(self, pod: Pod) -> bool:
        """Give a pod the best node, where one takes it."""
        on = {node.name: [one for one in self._pods if one.node is node] for node in self._nodes}
        fitting = [node for node in self._nodes if self._is_feasible(pod, node, on)]
        if not fitting:
            return False
        spread = self._spread_scores(pod, fitting, on) if "spread" in self._scores else [0.0] * len(fitting)
        ranked = [
            (self._score(pod, node, on[node.name]) + 2 * more, self._random.random(), node)
            for node, more in zip(fitting, spread, strict=True)
        ]
        pod.node = max(ranked, key=lambda one: one[:2])[2]
        return True

    def _is_feasible(self, pod: Pod, node: Node, on: Mapping[str, list[Pod]]) -> bool:
        template, here = pod.template, on[node.name]
        return (
            len(here) < node.allocatable["pods"]
            and all(
                one == 0 or one + sum(other.size.get(name, 0) for other in here) <= node.allocatable.get(name, 0)
                for name, one in pod.size.items()
            )
            and _tolerates(template, node)
            and all(node.labels.get(key) == value for key, value in template.node_selector.items())
            and not any(port in other.template.ports for port in template.ports for other in here)
            and self._is_apart(pod, node, on)
            and all(self._is_even(one, pod, node, on) for one in template.spread)
        )

    def _is_apart(self, pod: Pod, node: Node, on: Mapping[str, list[Pod]]) -> bool:
        """Both its own anti-affinity and that of pods that run."""
        for other in self._nodes:
            for there in on[other.name]:
                if there.namespace != pod.namespace:
                    continue
                terms = [term for term in pod.template.apart if _matches(term[1], there)]
                terms += [term for term in there.template.apart if _matches(term[1], pod)]
                if any(key in node.labels and node.labels[key] == other.labels.get(key) for key, _ in terms):
                    return False
        return True

    def _is_even(self, rule: Spread, pod: Pod, node: Node, on: Mapping[str, list[Pod]]) -> bool:
        if rule.key not in node.labels:
            return False
        keys = [one.key for one in pod.template.spread]
        counts: dict[str, int] = {}
        for other in self._nodes:
            is_selected = all(other.labels.get(key) == value for key, value in pod.template.node_selector.items())
            if not is_selected or not all(key in other.labels for key in keys):
                continue
            if rule.honors_taints and not _tolerates(pod.template, other):
                continue
            found = sum(
                _matches(rule.selector, there) and there.namespace == pod.namespace and not there.is_leaving
                for there in on[other.name]
            )
            counts[other.labels[rule.key]] = counts.get(other.labels[rule.key], 0) + found
        least = min(counts.values(), default=0)
        return counts.get(node.labels[rule.key], 0) + _matches(rule.selector, pod) - least <= rule.max_skew

    def _spread_scores(self, pod: Pod, fitting: list[Node], on: Mapping[str, list[Pod]]) -> list[float]:
        """The default constraints: few pods of the same revision on the host and in the zone."""
        if pod.template.spread or not pod.owner:
            return [0.0] * len(fitting)

        def count(node: Node) -> int:
            return sum(one.template is pod.template and not one.is_leaving for one in on[node.name])

        zones: dict[str | None, int] = {}
        for node in self._nodes:
            zone = node.labels.get(ZONE)
            zones[zone] = zones.get(zone, 0) + count(node)
        some = {node.labels.get(ZONE) for node in fitting}
        by_host, by_zone = log(len(fitting) + 2), log(len(some - {None}) + 2)
        raw = []
        for node in fitting:
            zone = node.labels.get(ZONE)
            raw.append(round(count(node) * by_host + 2 + (zones[zone] * by_zone + 4 if zone else 0)))
        return [100 * (max(raw) + min(raw) - one) // max(raw) for one in raw]

    def _score(self, pod: Pod, node: Node, here: list[Pod]) -> float:
        total = 0.0
        if "least" in self._scores:
            asked = [_nonzero(one) for one in [*here, pod]]
            total += (
                sum(
                    max(0, node.allocatable[name] - sum(one[name] for one in asked)) * 100 // node.allocatable[name]
                    for name in ("cpu", "memory")
                )
                // 2
            )
        if "balanced" in self._scores:
            cpu, memory = (
                min(1.0, sum(one.size.get(name, 0) for one in [*here, pod]) / node.allocatable[name])
                for name in ("cpu", "memory")
            )
            total += int((1 - abs(cpu - memory) / 2) * 100)
        return total


def _nonzero(pod: Pod) -> Size:
    count = len(pod.template.containers)
    return {
        "cpu": pod.size.get("cpu", 0) or _DEFAULT_CPU * count,
        "memory": pod.size.get("memory", 0) or _DEFAULT_MEMORY * count,
    }


def _matches(selector: Mapping[str, str], pod: Pod) -> bool:
    return all(pod.template.labels.get(key) == value for key, value in selector.items())


def _tolerates(template: Template, node: Node) -> bool:
    """Taints, and the one of nodes that are cordoned."""
    taints: list[Object] = [one for one in node.taints if one["effect"] in ("NoSchedule", "NoExecute")]
    taints += [_CORDONED] if node.is_cordoned else []
    return all(any(_tolerated(one, taint) for one in template.tolerations) for taint in taints)


def _tolerated(toleration: Object, taint: Object) -> bool:
    if toleration.get("effect", taint["effect"]) != taint["effect"]:
        return False
    if toleration.get("key", taint["key"]) != taint["key"]:
        return False
    exists = toleration.get("operator", "Equal") == "Exists"
    return exists or ("key" in toleration and toleration.get("value", "") == taint.get("value", ""))
