"""Tables and bars of a comparison, drawn with rich: changes of each target, utilization of each cluster."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from infra_scale.core.documents.forecast_nodes import UNKNOWN
from infra_scale.core.reporting.bars import ADDED, FREE, FREED, Share, segments
from infra_scale.core.reporting.changes_grouped import Group
from infra_scale.core.reporting.changes_markdown import level_shares
from infra_scale.core.reporting.forecast_text import amount_words, estimate_cells, spreads
from infra_scale.core.reporting.forecast_words import Placed, verdict_words
from infra_scale.core.syntax.printable import printable
from infra_scale.model.action import AUTOSCALER_KINDS
from infra_scale.model.comparison import Level, Presence, Setting
from infra_scale.model.cost import Estimate
from infra_scale.model.verdict import Unknown

_WIDE, _VERY_WIDE = 72, 100
"""Minimum width for tables, and for the column with the current use."""
_NONE = "-"
_SHORT: dict[str, str] = {kind: block.upper() for block, kind in AUTOSCALER_KINDS.items()}
_Row = tuple[Text, Text, Text]
"""What, before and after."""
_HEADS = (Text("Setting"), Text("Before"), Text("After"))
_NARROW_BAR = 12
_GAPS = 7
"""Columns around and between three cells."""


Drawn = Text | Table | Padding


def changes_tables(groups: Sequence[Group], width: int) -> Iterator[Drawn]:
    """A row for each setting of a target, with cost and capacity, grouped by workload.

    All columns are aligned, so that it reads as one table. On a narrow terminal, before and after are on one line.
    """
    rows = [list(_rows(group)) for group in groups]
    columns = _widths([row for some in rows for row in some], width) if width >= _WIDE else None
    if columns:
        yield _table(columns, has_head=True)
    affected = next((group for group in groups if not group.first.is_edit), None)
    for group, some in zip(groups, rows, strict=True):
        if group is affected:
            yield Text(" Affected, without an edit:", style="dim")
        yield Padding(_title(group), (0, 0, 0, 1))
        yield from [_filled(columns, some)] if columns else map(_line, some)
        yield Text("")


def levels_tables(levels: Sequence[Level], width: int) -> Iterator[Drawn]:
    """Utilization of nodes and quotas: a bar each, before and after."""
    if width >= _WIDE:
        yield _levels_table(levels, width)
        return
    for level in levels:
        _, before, after = level_shares(level)
        yield Padding(Text(f"{_use(level)}, of {amount_words(level.resource, level.limit)}"), (0, 0, 0, 1))
        output = Text("   ").append_text(_bar(before, after, _NARROW_BAR)).append(f" {before.percent} → ")
        yield output.append_text(_full(after))


def _levels_table(levels: Sequence[Level], width: int) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1))
    has_now = width >= _VERY_WIDE and any(level.before is not None for level in levels)
    table.add_column("Use", overflow="fold", ratio=1)
    table.add_column("", no_wrap=True)
    for head in (*(["Now"] if has_now else []), "Before", "After", "Of"):
        table.add_column(head, justify="right", no_wrap=True)
    room = 24 if width >= _VERY_WIDE else 20
    for level in levels:
        now, before, after = level_shares(level)
        shares = (*([now] if has_now else []), before)
        of = amount_words(level.resource, level.limit)
        output = (*(Text(share.percent) for share in shares), _full(after), Text(of))
        table.add_row(Text(_use(level)), _bar(before, after, room), *output)
    return table


def _widths(rows: Sequence[_Row], width: int) -> tuple[int, ...]:
    """The width of each column's longest cell, if it fits: the last two share the rest."""
    longest = [max(cell.cell_len for cell in column) for column in zip(_HEADS, *rows, strict=True)]
    first = min(longest[0], (width - _GAPS) * 2 // 5)
    second = min(longest[1], max((width - _GAPS - first) * 2 // 5, width - _GAPS - first - longest[2]))
    return first, second, min(longest[2], width - _GAPS - first - second)


def _table(columns: Sequence[int], *, has_head: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, show_header=has_head, header_style="bold", padding=(0, 1))
    for head, width in zip(_HEADS, columns, strict=True):
        table.add_column(head, width=width, overflow="fold")
    return table


def _filled(columns: Sequence[int], rows: Sequence[_Row]) -> Table:
    table = _table(columns, has_head=False)
    for row in rows:
        table.add_row(*row)
    return table


def _line(row: _Row) -> Padding:
    """Setting, before → after; without a previous value, only after."""
    what, before, after = row
    indent = len(what.plain) - len(what.plain.lstrip())
    output = Text(f"{what.plain.lstrip()}: ")
    if before.plain:
        output.append_text(before).append(" → ")
    return Padding(output.append_text(after), (0, 0, 0, indent + 1))


def _title(group: Group) -> Text:
    """The workload, its location, and its request."""
    one = group.first
    request = printable(one.request)
    if one.presence != "changed":
        request += f", {one.presence}"
    elif one.request_before != one.request:
        request += f", moved from {printable(one.request_before or '')}"
    if one.target_before:
        request += f", for {printable(one.target_before)} before"
    where = f" on {group.where}" if group.where else ""
    place = printable(f" in {one.namespace}{where} ")
    if not one.is_edit:
        return Text(f"  {printable(one.workload)}{place}({request})", style="dim")
    sign, style = _SIGNS[one.presence]
    return Text.assemble((f"{sign} ", style), (printable(one.workload), "bold"), place, (f"({request})", "dim"))


_SIGNS: dict[Presence, tuple[str, str]] = {"new": ("+", "green"), "changed": ("~", "yellow"), "gone": ("-", "red")}


def _rows(group: Group) -> Iterator[_Row]:
    for setting in group.settings:
        yield _name(setting), _value(setting.before, is_live=setting.is_live), _value(setting.after)
    cost = group.cost
    if cost and group.first.is_about_cost:
        yield from _cost_rows(cost, without=group.without, is_live=group.is_cost_live)
    old, new = (group.forecasts(before=before) for before in (True, False))
    if new or old:
        yield Text("  capacity"), Text(_verdict(old).plain), _verdict(new)


def _cost_rows(cost: Estimate, *, without: str, is_live: bool) -> Iterator[_Row]:
    before, after, delta, _ = estimate_cells(cost)
    output = Text(after)
    if not isinstance(cost.delta, Unknown):
        output.append(" (").append(delta, style="yellow" if cost.delta > 0 else "green" if cost.delta else "").append(
            ")"
        )
    output.append(printable(without))
    yield Text("  cost a month"), Text(f"{before}{' now' if is_live and before != UNKNOWN else ''}"), output
    old, new = spreads(cost)
    if old or new:
        yield Text("    with autoscaler"), Text(old), Text(new)


def _name(setting: Setting) -> Text:
    """The name of a setting; that of an autoscaler begins with its kind."""
    short = _SHORT.get(setting.object.partition("/")[0])
    is_plain = short is None or setting.name.startswith((*_SHORT.values(), "CPU"))
    return Text(f"  {printable(setting.name if is_plain else f'{short} {setting.name}')}")


def _value(value: str | None, *, is_live: bool = False) -> Text:
    if value is None:
        return Text(_NONE, style="dim")
    return Text(f"{printable(value)}{' now' if is_live else ''}")


def _verdict(placed: Sequence[Placed]) -> Text:
    if not placed:
        return Text(_NONE, style="dim")
    statuses = {one.status for _, forecast in placed for one in forecast.expected}
    style = "red" if "does_not_fit" in statuses else "green" if statuses == {"fits"} else "yellow"
    return Text(printable(verdict_words(placed)), style=style)


def _use(level: Level) -> str:
    return printable(f"quota {level.of} {level.resource}" if level.of else f"nodes {level.resource}")


def _full(share: Share) -> Text:
    return Text(share.percent, style="bold red" if share.part > share.whole else "")


def _bar(before: Share, after: Share, width: int) -> Text:
    styles = {ADDED: "yellow", FREED: "green", FREE: "dim"}
    drawn = Text()
    for sign, number in segments(before, after, width):
        drawn.append(sign * number, style=styles.get(sign, ""))
    return drawn
