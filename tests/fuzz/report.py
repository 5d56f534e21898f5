"""The table of a run, for a terminal and for a page."""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

BEGIN, END = "<!-- begin: written by make fuzz -->", "<!-- end: written by make fuzz -->"

_HEAD = ("loader", "inputs", "accepted", "exceptions", "crashes", "over 2 s", "slowest", "inputs/s")
_FORMAT = "{:<15} {:>9} {:>9} {:>10} {:>8} {:>9} {:>9} {:>9}"


class Row(NamedTuple):
    """What became of the inputs of one loader."""

    name: str
    inputs: int
    accepted: int
    failed: tuple[str, ...]
    """exception, crash or slow, for each input that failed."""
    slowest: float
    """Seconds of processor time of the slowest input; of a batch, on average."""
    processor: float
    """Seconds of processor time in all, with that of the programs that were asked."""

    @property
    def cells(self) -> tuple[str, ...]:
        """Its numbers as they are shown."""
        counts = (str(self.failed.count(kind)) for kind in ("exception", "crash", "slow"))
        rate = f"{self.inputs / self.processor:,.0f}" if self.processor else "-"
        return (self.name, f"{self.inputs:,}", f"{self.accepted:,}", *counts, f"{self.slowest * 1000:,.0f} ms", rate)


def total_of(rows: Sequence[Row]) -> Row:
    """All loaders together."""
    return Row(
        "all",
        sum(row.inputs for row in rows),
        sum(row.accepted for row in rows),
        tuple(kind for row in rows for kind in row.failed),
        max((row.slowest for row in rows), default=0.0),
        sum(row.processor for row in rows),
    )


def table(rows: Sequence[Row], *, total: Sequence[Row] = (), head: bool = True) -> str:
    """Lines for a terminal."""
    cells: list[tuple[str, ...]] = [_HEAD] if head else []
    cells += [row.cells for row in rows]
    cells += [total_of(total).cells] if total else []
    return "\n".join(_FORMAT.format(*line).rstrip() for line in cells)


def write_into(page: Path, rows: Sequence[Row], *, seed: int) -> None:
    """Replace the marked block of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{_markdown(rows, seed)}{END}{after}", encoding="utf-8")


def _markdown(rows: Sequence[Row], seed: int) -> str:
    whole = total_of(rows)
    lines: list[tuple[str, ...]] = [
        _HEAD,
        ("---", *["---:"] * (len(_HEAD) - 1)),
        *(row.cells for row in (*rows, whole)),
    ]
    shown = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    spent = f"{whole.processor:,.0f} s of processor time"
    return f"\n{shown}\n\nSeed {seed}, Python {platform.python_version()}, {spent}.\n\n"
