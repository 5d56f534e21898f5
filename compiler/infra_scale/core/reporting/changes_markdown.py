"""A comparison as sections of Markdown, for pull requests, comments and `diff`.

Text from a repository is always inside code: it can neither mention users, close issues, nor leave its cell.
"""

from collections.abc import Callable, Iterator, Sequence

from infra_scale.core.capacity.wording import NOT_MODELLED, minute
from infra_scale.core.cost.changes import TargetCost, costs_of
from infra_scale.core.documents.forecast_nodes import UNKNOWN
from infra_scale.core.reporting.bars import LEGEND, Share
from infra_scale.core.reporting.changes_grouped import Group, grouped, summary
from infra_scale.core.reporting.forecast_text import (
    cost_grounds,
    estimate_cells,
    spreads,
    total_cells,
    use_table,
)
from infra_scale.core.reporting.forecast_words import few, verdict_words, without_words
from infra_scale.core.reporting.review import Links, findings_section
from infra_scale.core.syntax.markdown import bullets, cell, code, folded, lines_within, table, unlinked
from infra_scale.model.comparison import ClusterPicture, Comparison, Level, PriceChange, Setting, Sheet, WorkloadChange
from infra_scale.model.cost import Cost, Total
from infra_scale.model.verdict import Unknown

_TABLE_BYTES = 12_000
_SECTION_BYTES = 6_000
"""Three tables of 12,000 bytes and two of these leave space for summaries in a body of 60,000."""
_FOLDED_BYTES = 2_000
_NONE = "—"
PLANNED = "Before and after include all known plans for the cluster"
"""Explains levels to readers: the figures in plans are for one plan alone."""
_AFTER = PLANNED.replace("Before and after include", "After includes")


def changes_sections(comparison: Comparison) -> tuple[str, ...]:
    """Changes, cost and capacity; empty sections are omitted."""
    return tuple(
        section
        for section in (changes_section(comparison), cost_section(comparison), capacity_section(comparison))
        if section
    )


def comparison_document(comparison: Comparison, *, base: str, head: str) -> str:
    """The whole comparison of `base` and `head`, in Markdown, including what was not checked."""
    title = f"### infra.scale: from {base} to {head}\n"
    sections = [title, f"{unlinked(summary(comparison))}.\n", *changes_sections(comparison), *_findings(comparison)]
    if comparison.changes:
        sections += [f"{line}\n" for line in (*unchecked(comparison), *ages(comparison))]
    return "\n".join(sections)


def unchecked(comparison: Comparison, shown: Callable[[str], str] = code) -> Iterator[str]:
    """The parts that could not be checked: not the same as no findings."""
    unpriced = dict.fromkeys(one.target for one in comparison.changes if one.cost is None)
    if unpriced:
        yield f"Cost: not checked for {few(map(shown, unpriced))}: no prices are configured."
    homeless = dict.fromkeys(one.target for one in comparison.changes if one.cluster is None)
    if homeless:
        yield f"Capacity: not checked for {few(map(shown, homeless))}: the target has no clusters."
    unseen = dict.fromkeys(one.text for one in comparison.clusters if one.captured_at is None)
    if unseen:
        yield f"Capacity: not checked: {few(unseen, '; ')}."


def changes_section(comparison: Comparison) -> str:
    """Before and after of every changed setting, one per row; empty if there is none."""
    targets = grouped(comparison.changes)
    rows = [
        (*([cell(target)] if len(targets) > 1 else []), *_row(group, setting))
        for target, groups in targets.items()
        for group in groups
        for setting in group.settings
    ]
    heads = (*(["Target"] if len(targets) > 1 else []), "Namespace", "Workload", "Setting", "Before", "After")
    listed = table(heads, rows, room=_TABLE_BYTES, rest="settings; every plan has them all") if rows else ""
    blocks = [listed, "\n\n".join(_legend(comparison)), _files(comparison)]
    if not any(blocks):
        return ""
    return "\n\n".join(["## What Changes", *(block.rstrip() for block in blocks if block)]) + "\n"


def cost_section(comparison: Comparison) -> str:
    """The cost of each target, then of each request and workload; empty if no prices are configured."""
    priced = [change for change in comparison.changes if change.cost and change.is_about_cost]
    if not priced:
        return ""
    costs = costs_of(comparison.totalled)
    affected = costs_of(change for change in comparison.changes if change not in comparison.totalled)
    grounds = cost_grounds(Cost(tuple(change.cost for change in priced if change.cost), Unknown("")))
    legend = [_LIVE_COST, ""] if any(change.is_cost_live for change in priced) else []
    reasons = lines_within([*legend, *grounds], room=_SECTION_BYTES // 2, rest="reasons")
    blocks = [
        "\n".join(["## Cost", "", *bullets([_sum(one) for one in costs])]),
        folded("By workload", _cost_table(costs)),
        folded("Workloads without an edit", _cost_table(affected) if affected else ""),
        folded("Prices and assumptions", "\n".join(reasons)),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def capacity_section(comparison: Comparison) -> str:
    """Capacity and utilization by cluster; empty without snapshots."""
    known = [one for one in comparison.clusters if one.captured_at or _changes_in(one, comparison)]
    if not known:
        return ""
    lines = [line for picture in known for line in (*_cluster_lines(picture, comparison), "")]
    kept = lines_within(lines, room=_SECTION_BYTES, rest="lines; `infra-scale diff` shows them")
    return "\n".join(["## Capacity", "", *kept, NOT_MODELLED]) + "\n"


def _findings(comparison: Comparison) -> Iterator[str]:
    for title, findings in (("New Findings", comparison.new_findings), ("Resolved Findings", comparison.gone_findings)):
        if findings:
            yield findings_section(findings, Links(), title=title)


def _row(group: Group, setting: Setting) -> tuple[str, ...]:
    where = f" in {group.where}" if group.where else ""
    name, of, container = setting.name.partition(" of ")
    before = _NONE if setting.before is None else f"{cell(setting.before)}{' now' if setting.is_live else ''}"
    after = _NONE if setting.after is None else cell(setting.after)
    what = f"{name}{of}{cell(container) if of else ''}"
    return cell(group.first.namespace), cell(f"{setting.object}{where}"), what, before, after


def _legend(comparison: Comparison) -> Iterator[str]:
    settings = [setting for change in comparison.changes for setting in change.settings]
    if any(None in (one.before, one.after) for one in settings):
        yield f"{_NONE}: not in any plan; the cluster keeps its value."
    if any(one.is_live for one in settings):
        yield "now: the value in the snapshot; no plan had it."


def _files(comparison: Comparison) -> str:
    requests = comparison.requests
    said = [f"Deleted: {code(path)}" for path in requests.gone]
    said += [f"Moved: {code(one.before)} → {code(one.after)}" for one in requests.moved]
    said += [*elsewhere(comparison, code)]
    said += [f"Other prices: {price_words(one, code)}" for one in comparison.prices]
    return "\n".join(lines_within(bullets(said), room=_SECTION_BYTES // 2, rest="files"))


def elsewhere(comparison: Comparison, shown: Callable[[str], str]) -> Iterator[str]:
    """Requests with another target, and targets with other clusters, than before; `shown` formats a name."""
    for one in comparison.requests.retargeted:
        yield f"Other target: {shown(one.request)}, {shown(one.before)} → {shown(one.after)}"
    for word, reaches in (("New", comparison.new_clusters), ("Gone", comparison.gone_clusters)):
        yield from (f"{word} in target {shown(target)}: cluster {shown(cluster)}" for target, cluster in reaches)


def ages(comparison: Comparison, shown: Callable[[str], str] = code) -> Iterator[str]:
    """Snapshots that are used although they exceed the `maxAge` of their target."""
    for one in comparison.clusters:
        if one.age:
            yield f"{shown(one.cluster)}'s snapshot {one.age} at the newest commit."


def price_words(change: PriceChange, shown: Callable[[str], str]) -> str:
    """The price sheets before and after; `shown` formats a name."""
    where = shown(change.cluster) if change.cluster else "targets without clusters"
    before, after = (
        f"{_sheet_name(sheet, change, shown)}from {sheet.effective_from}" if sheet else _NONE
        for sheet in (change.before, change.after)
    )
    return f"{where}, {before} → {after}" if before != after else f"{where}, {after}, with other amounts"


def _sheet_name(sheet: Sheet, change: PriceChange, shown: Callable[[str], str]) -> str:
    """Empty for the cluster's own sheet, which has its name, unless it replaces another sheet."""
    if sheet.name != change.cluster:
        return f"{shown(sheet.name)} "
    return "" if change.before and change.after and change.before.name == change.after.name else "own sheet "


def _cost_rows(target: TargetCost) -> Iterator[tuple[str, ...]]:
    for request, priced, total in target.requests:
        for change, estimate in priced:
            before, after, delta, spread = estimate_cells(estimate)
            old = spreads(estimate)[0]
            spread = f"{old} → {spread or after}" if old and old != spread else spread
            live = " now" if change.is_cost_live and before != UNKNOWN else ""
            name = f"{change.workload}{f' in {change.cluster}' if change.cluster else ''}"
            yield cell(request), cell(name), f"{before}{live}", after, delta, spread
        if len(priced) > 1 and isinstance(total, Total):
            before, after, delta, spread = total_cells(total)
            yield cell(request), "**Together**", before, after, f"**{delta}**", spread


def _cost_table(costs: Sequence[TargetCost]) -> str:
    heads = ("Request", "Workload", "Before", "After", "Change", "With its autoscaler")
    rows = [row for target in costs for row in _cost_rows(target)]
    return table(heads, rows, room=_SECTION_BYTES, rest="rows; every plan has its own", amounts=range(2, 5))


def _sum(cost: TargetCost) -> str:
    if isinstance(cost.total, Unknown):
        return f"{code(cost.target)}: {UNKNOWN}: {cost.total.reason}."
    before, after, delta, spread = total_cells(cost.total)
    ranged = f"; {spread} with its autoscalers" if spread else ""
    return f"{code(cost.target)}: {before} → {after} per month, **{delta}**{without_words(cost.total)}{ranged}."


_LIVE_COST = "now: the running state in the snapshot; no plan had it."


def _changes_in(picture: ClusterPicture, comparison: Comparison) -> list[WorkloadChange]:
    return [one for one in comparison.changes if one.cluster == picture.cluster and one.forecast]


def _cluster_lines(picture: ClusterPicture, comparison: Comparison) -> Iterator[str]:
    if picture.captured_at is None:
        yield f"**{code(picture.cluster)}**: not checked: {unlinked(picture.text)}."
        return
    yield f"**{code(picture.cluster)}**, as it was at {minute(picture.captured_at)}: {picture.text}."
    yield ""
    changes = _changes_in(picture, comparison)
    for change in changes:
        yield from _verdict_lines(change) if change.is_edit else ()
    affected = [line for change in changes if not change.is_edit for line in _verdict_lines(change)]
    levels = "\n".join(_levels(picture.changed_levels)) if picture.changed_levels else ""
    # Each block is one item: cut in the middle, it would hide everything below it.
    for block in (
        folded("Workloads without an edit", "\n".join(lines_within(affected, room=_FOLDED_BYTES, rest="lines"))),
        folded("Use of nodes and quotas", levels),
    ):
        yield from ("", block) if block else ()


def _verdict_lines(change: WorkloadChange) -> Iterator[str]:
    """The verdict for a workload, and the details if it does not simply fit."""
    if change.forecast is None:
        return
    words = verdict_words([(None, change.forecast)])
    old = verdict_words([(None, change.forecast_before)]) if change.forecast_before else words
    was = f" (before: {unlinked(old)})" if old != words else ""
    yield f"- {code(change.workload)} in {code(change.namespace)}: **{unlinked(words)}**{was}"
    for one in change.forecast.expected:
        if one.status not in ("fits", "unknown"):
            yield f"  - {unlinked(one.text)}"


def _levels(levels: Sequence[Level]) -> Iterator[str]:
    """The utilization of nodes and quotas, with a bar each; "before" only if the earlier plans are known."""
    has_before = any(level.before is not None for level in levels)
    rows = [(level, level_shares(level)) for level in levels]
    if has_before:
        yield from use_table(("Now", "Before", "After"), rows)
    else:
        yield from use_table(("Now", "After"), [(level, (now, after)) for level, (now, _, after) in rows])
    yield ""
    yield f"{LEGEND}. {planned_words(levels) if has_before else _AFTER}."


def planned_words(levels: Sequence[Level]) -> str:
    """The meaning of "before" and "after": the running state if the earlier plans are unknown."""
    known = [level.before is not None for level in levels]
    if all(known):
        return PLANNED
    if any(known):
        return f"{PLANNED}; if the earlier plans are unknown, before is the running state"
    return f"Before is the running state; {_AFTER[0].lower()}{_AFTER[1:]}"


def level_shares(level: Level) -> tuple[Share, Share, Share]:
    """The utilization now, with the earlier plans (now, if these are unknown), and with the current plans."""
    now, after = (Share(one.nano, level.limit.nano) for one in (level.now, level.after))
    if level.before is None:
        return now, now, after
    return now, Share(level.before.nano, (level.limit_before or level.limit).nano), after
