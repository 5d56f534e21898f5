"""A comparison at a terminal: readable from 40 columns on and without colour; each bar has a number."""

from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from infra_scale.cli.diff_tables import Drawn, changes_tables, levels_tables
from infra_scale.core.capacity.wording import NOT_MODELLED, minute
from infra_scale.core.cost.changes import TargetCost, costs_of
from infra_scale.core.cost.estimate import CAVEAT
from infra_scale.core.documents.forecast_nodes import UNKNOWN
from infra_scale.core.reporting.bars import LEGEND
from infra_scale.core.reporting.changes_grouped import counted, grouped, summary
from infra_scale.core.reporting.changes_markdown import ages, elsewhere, planned_words, price_words, unchecked
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.reporting.forecast_text import total_cells
from infra_scale.core.reporting.forecast_words import few, without_words
from infra_scale.core.syntax.printable import printable
from infra_scale.model.comparison import ClusterPicture, Comparison
from infra_scale.model.finding import Finding
from infra_scale.model.verdict import Unknown
from infra_scale.usecases.diff import Compared, Ends

Block = str | Drawn


class Look(NamedTuple):
    """Capabilities of the terminal."""

    width: int
    has_colour: bool


def lines(found: Compared, look: Look) -> Iterator[str]:
    """All differences by target and cluster, and a summary line."""
    text = StringIO()
    console = Console(
        file=text,
        width=look.width,
        color_system="standard" if look.has_colour else None,
        force_terminal=look.has_colour,
        no_color=not look.has_colour,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for block in _blocks(found, look):
        console.print(block)
    yield from (line.rstrip() for line in text.getvalue().splitlines())


def _blocks(found: Compared, look: Look) -> Iterator[Block]:
    comparison = found.comparison
    yield _head(found.ends)
    yield ""
    if comparison.changes:
        yield from _changes(comparison, look)
        yield from _clusters(comparison, look)
    remarks = [*_remarks(comparison)]
    yield from remarks
    if remarks:
        yield ""
    for word, findings in (("new", comparison.new_findings), ("gone", comparison.gone_findings)):
        yield from (_finding(word, finding, look) for finding in findings)
    yield summary(comparison)


def _head(ends: Ends) -> str:
    why = "; the remote's default branch is unknown" if ends.base.chosen == "HEAD" else ""
    return f"from {ends.base.words(printable)} to {ends.head_words(printable)}{why}"


def _changes(comparison: Comparison, look: Look) -> Iterator[Block]:
    costs = {one.target: f", {_sum(one)}" for one in costs_of(comparison.totalled)}
    for target, groups in grouped(comparison.changes).items():
        words = f"{counted(comparison, target)}{costs.get(target, '')}"
        yield Text.assemble((printable(target), "bold"), f": {words}")
        yield from changes_tables(groups, look.width)


def _sum(cost: TargetCost) -> str:
    if isinstance(cost.total, Unknown):
        return f"cost {UNKNOWN} ({printable(cost.total.reason)})"
    before, after, delta, spread = total_cells(cost.total)
    ranged = f"; {spread} with autoscalers" if spread else ""
    return f"{before} → {after} a month ({delta}{ranged}){without_words(cost.total)}"


def _clusters(comparison: Comparison, look: Look) -> Iterator[Block]:
    is_first = True
    for picture in comparison.clusters:
        if picture.captured_at is None:
            continue
        if not is_first:
            yield ""
        is_first = False
        seen, old = minute(picture.captured_at), minute(picture.captured_before or picture.captured_at)
        before = f" (before: at {old})" if old != seen else ""
        yield Text.assemble((printable(picture.cluster), "bold"), f" as it was at {seen}{before}: {picture.text}")
        yield from (Padding(f"adds {words}", (0, 0, 0, 1)) for words in _growth(picture))
        if picture.changed_levels:
            yield from levels_tables(picture.changed_levels, look.width)


def _growth(picture: ClusterPicture) -> Iterator[str]:
    for pool in picture.growth:
        nodes = "node" if pool.added == 1 else "nodes"
        yield f"{pool.added} {nodes} in pool {printable(pool.pool)} ({pool.current} now, at most {pool.maximum})"


def _remarks(comparison: Comparison) -> Iterator[str | Text]:
    """The meaning of bars, the sources of prices, other differences, and unchecked parts."""
    sheets = dict.fromkeys(
        (one.cost.sheet, one.cost.effective_from, one.cost.source)
        for one in comparison.changes
        if one.cost and one.cost.sheet and one.is_about_cost
    )
    said = [f"Prices {name} from {since}{f': {source}' if source else ''}" for name, since, source in sheets]
    said += [f"Every cost: {CAVEAT}"] if said else []
    said += [f"Cost {UNKNOWN} for {few(refs)}: {reason}" for reason, refs in _unknown_costs(comparison).items()]
    said += [*elsewhere(comparison, str)]
    said += [f"Other prices: {price_words(one, str)}" for one in comparison.prices]
    said += [f"Moved: {one.before} → {one.after}" for one in comparison.requests.moved]
    said += [f"Gone: {path}" for path in comparison.requests.gone]
    if levels := [level for picture in comparison.clusters for level in picture.changed_levels]:
        yield Text(f"{LEGEND}. {planned_words(levels)}.", style="dim")
        yield Text(NOT_MODELLED, style="dim")
    yield from (Text(printable(line), style="dim") for line in said)
    yield from (Text(printable(line)) for line in (*unchecked(comparison, str), *ages(comparison, str)))


def _unknown_costs(comparison: Comparison) -> dict[str, dict[str, None]]:
    """The workloads of unknown cost, by reason."""
    found: dict[str, dict[str, None]] = {}
    for one in comparison.changes:
        amounts = (one.cost.before, one.cost.after) if one.cost and one.is_about_cost else ()
        why = next((amount.reason for amount in amounts if isinstance(amount, Unknown)), None)
        if why is not None:
            found.setdefault(why, {})[one.workload] = None
    return found


def _finding(word: str, finding: Finding, look: Look) -> Text:
    first = finding_text(finding, width=look.width).split("\n", 1)[0]
    style = "yellow" if finding.severity == "warning" and word == "new" else ""
    return Text.assemble((f"{word}: ", "bold"), (first, style))
