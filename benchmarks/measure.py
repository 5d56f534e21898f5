"""Run processes in turn and compare them pair by pair: only these ratios are reliable on a busy machine."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """One process, from its start to its end."""

    seconds: float
    megabytes: float
    """Peak memory of the largest process; at least that of the measuring process."""


class Job(NamedTuple):
    """A command to measure repeatedly."""

    name: str
    command: Sequence[str]
    folder: Path
    prepare: Callable[[], None] = lambda: None
    """What to do before each run, untimed."""
    exit_code: int | None = 0


Results = Mapping[str, Sequence[Run]]


def interleaved(jobs: Sequence[Job], *, rounds: int, warm_up: int = 1) -> dict[str, list[Run]]:
    """The runs of each job by its name: all jobs once, then all jobs again; the first rounds are not counted."""
    results: dict[str, list[Run]] = {job.name: [] for job in jobs}
    for number in range(-warm_up, rounds):
        for job in jobs:
            job.prepare()
            os.sync()  # otherwise prepared files would be written to disk while the job is timed
            run = _timed(job)
            if number >= 0:
                results[job.name].append(run)
    return results


def ratios(results: Results, one: str, other: str) -> list[float]:
    """How many times as long `one` took as `other`, for each round."""
    return [a.seconds / b.seconds for a, b in zip(results[one], results[other], strict=True)]


def spread(values: Sequence[float], *, digits: int = 2) -> str:
    """The median with the least and the greatest value."""
    shown = [f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values))]
    return f"{shown[0]} ({shown[1]} to {shown[2]})"


def _timed(job: Job) -> Run:
    # If set, every start would compile every module again, unlike in real use.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        job.command, cwd=job.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if job.exit_code is not None and code != job.exit_code:
        message = f"{job.name}: exit code {code}: {said.decode(errors='replace')[-500:]}"
        raise RuntimeError(message)
    return Run(seconds, used.ru_maxrss / 1024)
