"""Run the fuzzers (`make fuzz`): each loader in a child process, so that a crash is counted."""

import argparse
import faulthandler
import multiprocessing
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from fuzz.loaders import LOADERS, Loader, named, next_input
from fuzz.report import Row, table, write_into
from support.repository import CHECKOUT

SLOW = 2.0
"""Seconds of processor time that one input may take."""
ENDLESS = 30.0
"""After so many, the child is ended."""
_ADDRESS_SPACE = 8 << 30
ARTIFACTS = CHECKOUT / ".artifacts" / "fuzz"
_SHOWN = 5
"""Failures of a loader that are kept; a loader whose process dies as often is given up."""

_Context = multiprocessing.get_context("fork")


class Failure(NamedTuple):
    """One input that did what no input may do."""

    kind: str
    """exception, crash or slow."""
    number: int
    detail: str


class Progress(NamedTuple):
    """What a child says after each batch."""

    done: int
    accepted: int
    slowest: float
    failures: tuple[Failure, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table; 1 where any input failed."""
    options = _options(arguments)
    loaders = [named(options.loader)] if options.loader else LOADERS
    if options.only is not None:
        print(next_input(loaders[0], options.seed, options.only))
        loaders[0].check([next_input(loaders[0], options.seed, options.only)])
        return 0
    total = sum(loader.share for loader in loaders)
    rows = []
    for loader in loaders:
        rows.append(run(loader, options.seed, max(loader.batch, round(options.inputs * loader.share / total))))
        print(table(rows[-1:], head=len(rows) == 1), flush=True)
    print(table(rows[:0], total=rows, head=False))
    if options.write:
        write_into(Path(options.write), rows, seed=options.seed)
    return 1 if any(row.failed for row in rows) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, help="how many, spread over the loaders")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same inputs")
    parser.add_argument("--loader", choices=[loader.name for loader in LOADERS], help="only this one")
    parser.add_argument("--only", type=int, metavar="N", help="input N of the loader alone, in this process")
    parser.add_argument("--write", metavar="FILE", help="write the table into the marked block of a page")
    options = parser.parse_args(arguments)
    if options.only is not None and not options.loader:
        parser.error("--only needs --loader")
    return options


def run(loader: Loader, seed: int, inputs: int) -> Row:
    """All inputs of a loader; where a child dies, another goes on after the input that it died of."""
    accepted, slowest, start = 0, 0.0, 0
    failures: list[Failure] = []
    used = _children_time()
    deaths = 0
    while start < inputs and deaths < _SHOWN:
        last = start - 1
        for step in _child(loader, seed, range(start, inputs)):
            if isinstance(step, Progress):
                accepted, last = accepted + step.accepted, step.done
                slowest = max(slowest, step.slowest)
                failures += step.failures
            else:
                failures.append(step)
                last, deaths = step.number + loader.batch - 1, deaths + 1
        start = last + 1
    _keep(loader, seed, failures)
    kinds = tuple(failure.kind for failure in failures)
    return Row(loader.name, min(start, inputs), accepted, kinds, slowest, _children_time() - used)


def _children_time() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _child(loader: Loader, seed: int, numbers: range) -> Iterator[Progress | Failure]:
    """What a child reports, and what it died of."""
    ours, theirs = _Context.Pipe(duplex=False)
    current = _Context.Value("q", numbers.start, lock=False)
    child = _Context.Process(target=_work, args=(loader, seed, numbers, theirs, current))
    child.start()
    theirs.close()
    try:
        while True:
            step: Progress = ours.recv()
            yield step
    except EOFError:
        pass
    child.join()
    if child.exitcode:
        kind = "slow" if child.exitcode == -signal.SIGPROF else "crash"
        yield Failure(kind, current.value, f"the process ended with {child.exitcode}")


def _work(
    loader: Loader,
    seed: int,
    numbers: range,
    out: Connection,
    current: "multiprocessing.sharedctypes.Synchronized[int]",
) -> None:
    """In the child: batch after batch."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    with (ARTIFACTS / "crashes.log").open("a") as log:
        faulthandler.enable(log)
        with suppress(ValueError, OSError):  # not on macOS
            resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
        reported, accepted, slowest = time.monotonic(), 0, 0.0
        failures: list[Failure] = []
        for start in range(numbers.start, numbers.stop, loader.batch):
            batch = range(start, min(start + loader.batch, numbers.stop))
            current.value = start
            taken, seconds, failed = _checked(loader, seed, batch)
            accepted, slowest = accepted + taken, max(slowest, seconds)
            failures += failed
            if failed or time.monotonic() - reported > 1 or batch.stop == numbers.stop:
                out.send(Progress(batch[-1], accepted, slowest, tuple(failures)))
                reported, accepted, failures = time.monotonic(), 0, []


def _checked(loader: Loader, seed: int, batch: range) -> tuple[int, float, list[Failure]]:
    contents = [next_input(loader, seed, index) for index in batch]
    signal.setitimer(signal.ITIMER_PROF, ENDLESS)
    begun = time.process_time()
    try:
        accepted = loader.check(contents)
    except Exception as error:  # noqa: BLE001 (what is looked for)
        if len(batch) > 1:
            return _one_by_one(loader, seed, batch)
        return 0, 0.0, [Failure("exception", batch[0], "".join(traceback.format_exception(error)))]
    seconds = (time.process_time() - begun) / len(batch)
    if seconds > SLOW:
        return accepted, seconds, [Failure("slow", batch[0], f"{seconds:.1f} s of processor time")]
    return accepted, seconds, []


def _one_by_one(loader: Loader, seed: int, batch: range) -> tuple[int, float, list[Failure]]:
    """Which of a batch it was."""
    single = loader._replace(batch=1)
    results = [_checked(single, seed, range(index, index + 1)) for index in batch]
    failures = [failure for _, _, failed in results for failure in failed]
    if not failures:
        failures = [Failure("exception", batch[0], f"only together: inputs {batch.start} to {batch.stop - 1}")]
    return sum(accepted for accepted, _, _ in results), max(seconds for _, seconds, _ in results), failures


def _keep(loader: Loader, seed: int, failures: Sequence[Failure]) -> None:
    """Each input that failed as a file, with what it did and how to repeat it."""
    for kind, index, detail in failures[:_SHOWN]:
        name = f"{loader.name.replace(' ', '-')}-{seed}-{index}"
        file = ARTIFACTS / name
        file.write_bytes(next_input(loader, seed, index))
        file.with_name(f"{name}.txt").write_text(detail, encoding="utf-8", errors="replace")
        last = detail.strip().rpartition("\n")[2]
        print(f"{kind}: {last[:200]}\n  {file}", file=sys.stderr)
        print(f"  make fuzz FUZZ='--seed {seed} --loader \"{loader.name}\" --only {index}'", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
