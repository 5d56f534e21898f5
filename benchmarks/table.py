"""The results as a page of Markdown."""

import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from measure import Results, ratios, spread

_BIN = Path(sys.executable).parent
_INTRODUCTION = """\
# How fast it is

Written by `benchmarks/run.py`; `benchmarks/README.md` says how to run it.
Milliseconds of the whole process: the median, in brackets the least and the greatest.
All rows of a table were run in turn, round after round, on a machine that others use too.
So compare rows of one table, and trust the ratios more than the milliseconds.
A ratio is the median of the ratios of each round.
Peak memory is that of the largest process, and never less than what the measuring program has itself.
"""


class Measured(NamedTuple):
    """The runs at one size on one file system."""

    size: int
    disk: str
    files: int
    rounds: int
    commit: str
    results: Results

    @property
    def name(self) -> str:
        """What it is called in a list."""
        return f"{self.size:,} on {self.disk}"


def page(measured: Sequence[Measured]) -> str:
    """The whole page."""
    parts = [_INTRODUCTION, "\n".join(f"- {line}" for line in _versions()) + "\n", "## Goals\n", _goals(measured)]
    for one in measured:
        noun = "request" if one.size == 1 else "requests"
        parts += [
            f"## {one.size:,} {noun} on {one.disk}\n",
            f"{one.rounds} rounds, commit `{one.commit}`; a compile writes {one.files:,} files.\n",
            _table(one.results, one.size),
        ]
    return "\n".join(parts)


def _table(results: Results, size: int) -> str:
    rows = ["| | ms | µs per request | times `python -c pass` | peak MB |", "|---|---|---|---|---|"]
    for name, runs in results.items():
        milliseconds = [run.seconds * 1000 for run in runs]
        each = statistics.median(milliseconds) * 1000 / size
        relative = statistics.median(ratios(results, name, "python -c pass"))
        peak = max(run.megabytes for run in runs)
        rows.append(f"| {name} | {spread(milliseconds, digits=1)} | {each:,.0f} | {relative:,.1f} | {peak:,.0f} |")
    return "\n".join(rows) + "\n"


def _goals(measured: Sequence[Measured]) -> str:
    rows = ["| what | goal | measured |", "|---|---|---|"]
    rows += [f"| {what} | {goal} | {found} |" for what, goal, found in _goal_rows(measured)]
    return "\n".join(rows) + "\n"


def _goal_rows(measured: Sequence[Measured]) -> Iterator[tuple[str, str, str]]:
    def compared(one: str, other: str, *, least: int = 0) -> str:
        told = [
            f"{at.name}: {spread(ratios(at.results, one, other))}"
            for at in measured
            if at.size >= least and one in at.results and other in at.results
        ]
        return "<br>".join(told) or "not measured"

    yield "`--help` against `python -c pass`", "≤ 1.7", compared("infra-scale --help", "python -c pass")
    yield "`--version` against `python -c pass`", "≤ 1.7", compared("infra-scale --version", "python -c pass")
    yield "one changed, against `python -c pass`", "≤ 4.5 at 10", compared("compile, one changed", "python -c pass")
    yield (
        "our hook, against pre-commit with an empty one",
        "< 1",
        compared("our hook, run by git", "pre-commit, an empty hook"),
    )
    yield (
        "check-jsonschema (validates only) against a cold compile",
        "≥ 8",
        compared("check-jsonschema, validates only", "cold compile", least=1000),
    )
    yield (
        "node, js-yaml + ajv (two files a request) against a cold compile",
        "≥ 1.5 with two processes",
        compared("node, js-yaml + ajv", "cold compile", least=1000),
    )
    yield (
        "a cold compile against kubeconform -n 2 (validates only)",
        "≤ 1.2",
        compared("cold compile", "kubeconform -n 2, validates only", least=1000),
    )
    yield (
        "a cold compile against the file-system floor",
        "≤ 2.5 with two processes",
        compared("cold compile", "file-system floor", least=1000),
    )
    yield (
        "the same with one process",
        "≤ 4",
        compared("cold compile, one process", "file-system floor", least=1000),
    )
    yield (
        "nothing changed, against `git status`",
        "≤ 6 at 10,000",
        compared("compile, nothing changed", "git status", least=1000),
    )
    yield (
        "peak memory of a cold compile, MB",
        "≤ 64 at 10,000, ≤ 256 at 100,000",
        "<br>".join(f"{at.name}: {_peak(at.results)}" for at in measured),
    )
    yield "time per request, against ten times fewer requests", "≤ 1.3", _growth(measured)


def _peak(results: Results) -> str:
    """Of a cold compile; where the measuring program has more itself, all that is known is that it is not more."""
    peak, least = (max(run.megabytes for run in results[name]) for name in ("cold compile", "python -c pass"))
    return f"{peak:,.0f}" if peak > least else f"at most {peak:,.0f}"


def _growth(measured: Sequence[Measured]) -> str:
    told = [
        f"{larger.name}: {_each(larger) / _each(smaller):.2f}"
        for smaller, larger in pairwise(measured)
        if smaller.disk == larger.disk and smaller.size >= 1000  # noqa: PLR2004 (below, the start outweighs the work)
    ]
    return "<br>".join(told) or "not measured"


def _each(measured: Measured) -> float:
    return statistics.median(run.seconds for run in measured.results["cold compile"]) / measured.size


def _versions() -> Iterator[str]:
    yield f"{datetime.now(UTC):%Y-%m-%d}"
    yield f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    yield f"Python {platform.python_version()}, " + ", ".join(
        f"{name} {_version(name)}" for name in ("PyYAML", "jsonschema", "check-jsonschema", "pre-commit")
    )
    yield _first_line("git", "--version")
    kubectl = str(_BIN / "kubectl") if (_BIN / "kubectl").exists() else "kubectl"
    yield f"kubectl {_first_line(kubectl, 'version', '--client')}"
    yield f"node {_first_line('node', '--version')}"
    yield f"kubeconform {_first_line('kubeconform', '-v')}"


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def _first_line(*command: str) -> str:
    if not shutil.which(command[0]):
        return "absent"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or ["unknown"])[0]
