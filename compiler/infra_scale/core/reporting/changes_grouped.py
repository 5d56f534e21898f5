"""Changes grouped for readers: equal ones of several clusters are listed once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.cost.budget import total_of
from infra_scale.core.cost.changes import together
from infra_scale.core.reporting.forecast_words import Placed, cost_words, few, quota_words, verdict_words
from infra_scale.model.comparison import Comparison, Setting, WorkloadChange
from infra_scale.model.cost import Cost, Estimate
from infra_scale.model.verdict import Unknown


class Group(NamedTuple):
    """One workload, and the clusters with the same changes."""

    first: WorkloadChange
    changes: tuple[WorkloadChange, ...]
    """One change for each cluster."""
    where: str
    """The names of the clusters; empty if the changes of the target have only one, or none."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The changed settings, the same in each cluster."""
        return self.first.settings

    @property
    def name(self) -> str:
        """The workload and its clusters."""
        return f"{self.first.workload}{f' in {self.where}' if self.where else ''}"

    @property
    def cost(self) -> Estimate | None:
        """The cost in all clusters together if known, else why not; None if no prices are configured."""
        estimates = [change.cost for change in self.changes if change.cost]
        known = [one for one in estimates if not isinstance(one.delta, Unknown)]
        return together(known or estimates) if estimates else None

    @property
    def without(self) -> str:
        """The clusters that the cost omits, as a suffix; empty if it omits all or none."""
        costs = {change.cluster or "": change.cost for change in self.changes if change.cost}
        unknown = [cluster for cluster, cost in costs.items() if isinstance(cost.delta, Unknown)]
        return f" without {few(unknown)}" if len(unknown) < len(costs) and unknown else ""

    @property
    def is_cost_live(self) -> bool:
        """Whether the cost before is that of the running state."""
        return all(change.is_cost_live for change in self.changes)

    def forecasts(self, *, before: bool) -> list[Placed]:
        """The capacity of each cluster for it."""
        sides = ((one.cluster, one.forecast_before if before else one.forecast) for one in self.changes)
        return [(cluster, forecast) for cluster, forecast in sides if forecast]


def grouped(changes: Iterable[WorkloadChange]) -> dict[str, tuple[Group, ...]]:
    """Groups by target, in the order of the changes, but edits first."""
    by_target: dict[str, dict[object, list[WorkloadChange]]] = {}
    for one in changes:
        alike = (one.presence, one.namespace, one.workload, one.request, one.request_before, one.settings)
        by_target.setdefault(one.target, {}).setdefault(alike, []).append(one)
    return {
        target: tuple(sorted(_groups(list(groups.values())), key=lambda group: not group.first.is_edit))
        for target, groups in by_target.items()
    }


def _groups(groups: list[list[WorkloadChange]]) -> Iterable[Group]:
    clusters = {change.cluster for group in groups for change in group}
    for group in groups:
        names = [change.cluster for change in group if change.cluster] if len(clusters) > 1 else []
        yield Group(group[0], tuple(group), ", ".join(names))


def summary(comparison: Comparison) -> str:
    """The whole comparison on one line; distinguishes nothing to compare, no changes, and not checked."""
    requests = comparison.requests
    if not (requests.before or requests.after):
        return "nothing to compare: there are no requests on either side"
    found = _findings_words(comparison)
    if not comparison.changes:
        plural = "requests" if requests.after != 1 else "request"
        return f"nothing changes for the clusters: {requests.after} {plural} without changes{found}"
    return f"{counted(comparison)}: {'; '.join(_outlook(comparison))}{found}"


def counted(comparison: Comparison, target: str | None = None) -> str:
    """The number of workloads to change, to add and to remove, and of affected ones, for one target or for all."""
    kinds: dict[tuple[str, str, str], str] = {}
    for one in comparison.changes:
        if target in (None, one.target):
            kind = one.presence if one.is_edit else "affected"
            place = (one.target, one.namespace, one.workload)
            kinds[place] = min(kinds.get(place, kind), kind, key=[*_KINDS].index)
    numbers = Counter(kinds.values())
    return ", ".join(f"{numbers[kind]} {words}" for kind, words in _KINDS.items() if numbers[kind])


_KINDS = {"changed": "to change", "new": "to add", "gone": "to remove", "affected": "affected"}
"""What happens to workloads; in several clusters, the first one counts."""


def _outlook(comparison: Comparison) -> Iterator[str]:
    costs = [one.cost for one in comparison.totalled if one.cost]
    moved = [one.cost for one in comparison.totalled if one.cost and one.is_about_cost]
    unknown = [one for one in costs if isinstance(one.delta, Unknown)]
    if moved or unknown:
        yield cost_words(Cost((), total_of(moved or costs)))
    else:
        yield "same cost" if costs else "cost not checked"
    placed: list[Placed] = [(one.cluster, one.forecast) for one in comparison.changes if one.forecast]
    yield verdict_words(placed) if placed else "capacity not checked"
    yield from quota_words((one.of, one.after, one.limit) for picture in comparison.clusters for one in picture.levels)


def _findings_words(comparison: Comparison) -> str:
    counts = ((len(comparison.new_findings), "new"), (len(comparison.gone_findings), "resolved"))
    said = [f"{number} {word} {'finding' if number == 1 else 'findings'}" for number, word in counts if number]
    return f"; {', '.join(said)}" if said else ""
