"""The results as a page of Markdown."""

import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from measure import Results, ratios, spread

_BIN = Path(sys.executable).parent
_INTRODUCTION = """\
# How fast it is

Written by `benchmarks/run.py`; [benchmarks/README.md](../benchmarks/README.md) says how to run it.
Milliseconds of the whole process: the median, in brackets the least and the greatest.
All rows of a table were run in turn, round after round, on a machine that others use too.
So compare rows of one table, and trust the ratios more than the milliseconds.
A ratio is the median of the ratios of each round.
Peak memory is that of the largest process, and never less than what the measuring program has itself.
"""


def page(measured: Mapping[int, Results], kept: Mapping[str, Mapping[str, Any]]) -> str:
    """The whole page."""
    parts = [_INTRODUCTION, "\n".join(f"- {line}" for line in _versions()) + "\n", "## Goals\n", _goals(measured)]
    for size, results in measured.items():
        of_size = kept[str(size)]
        noun = "request" if size == 1 else "requests"
        parts += [
            f"## {size:,} {noun}\n",
            f"{of_size['rounds']} rounds, commit `{of_size['commit']}`; a compile writes {of_size['files']:,} files.\n",
            _table(results, size),
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


def _goals(measured: Mapping[int, Results]) -> str:
    rows = ["| what | goal | measured |", "|---|---|---|"]
    rows += [f"| {what} | {goal} | {found} |" for what, goal, found in _goal_rows(measured)]
    return "\n".join(rows) + "\n"


def _goal_rows(measured: Mapping[int, Results]) -> Iterator[tuple[str, str, str]]:
    def compared(one: str, other: str, *, unless: Callable[[int], bool] = lambda _: False) -> str:
        told = [
            f"{size:,}: {spread(ratios(results, one, other))}"
            for size, results in measured.items()
            if not unless(size) and one in results and other in results
        ]
        return "<br>".join(told) or "not measured"

    def is_small(size: int) -> bool:
        return size < 1000  # noqa: PLR2004 (the goal is for large ones)

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
        compared("check-jsonschema, validates only", "cold compile", unless=is_small),
    )
    yield (
        "node, js-yaml + ajv (two files a request) against a cold compile",
        "≥ 1.5 with two processes",
        compared("node, js-yaml + ajv", "cold compile", unless=is_small),
    )
    yield (
        "a cold compile against the file-system floor",
        "≤ 4 with one process",
        compared("cold compile", "file-system floor", unless=is_small),
    )
    yield (
        "nothing changed, against `git status`",
        "≤ 6 at 10,000",
        compared("compile, nothing changed", "git status", unless=is_small),
    )
    yield (
        "peak memory of a cold compile, MB",
        "≤ 64 at 10,000, ≤ 256 at 100,000",
        "<br>".join(
            f"{size:,}: {max(run.megabytes for run in results['cold compile']):,.0f}"
            for size, results in measured.items()
        ),
    )
    yield "time per request, the largest size against the one before", "≤ 1.3", _growth(measured)


def _growth(measured: Mapping[int, Results]) -> str:
    each = {
        size: statistics.median(run.seconds for run in results["cold compile"]) / size
        for size, results in measured.items()
    }
    sizes = sorted(each)[-2:]
    if len(sizes) < 2:  # noqa: PLR2004 (two to compare)
        return "not measured"
    return f"{each[sizes[1]] / each[sizes[0]]:.2f} ({sizes[1]:,} against {sizes[0]:,})"


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
