"""A comparison on one line."""

from collections.abc import Iterator

from infra_scale.core.cost.budget import total_of
from infra_scale.core.reporting.forecast_words import Placed, cost_words, quota_words, verdict_words
from infra_scale.model.comparison import Comparison
from infra_scale.model.cost import Cost
from infra_scale.model.verdict import Unknown


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
    """The number of workloads with any change, for one target or for all."""
    of = {(one.target, one.namespace, one.workload) for one in comparison.changes if target in (None, one.target)}
    return f"{len(of)} {'workload changes' if len(of) == 1 else 'workloads change'}"


def _outlook(comparison: Comparison) -> Iterator[str]:
    costs = [one.cost for one in comparison.changes if one.cost]
    moved = [one.cost for one in comparison.changes if one.cost and one.is_about_cost]
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
