"""Run work in forked processes, which share everything read before; results are in order."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO, NamedTuple, TypeVar

from infra_scale.errors import InfraScaleError

Result = TypeVar("Result")
_LENGTH = 8


class WorkerError(InfraScaleError):
    """A worker process ended unexpectedly."""


def processors() -> int:
    """The number of parallel processes; 1 without fork."""
    if sys.platform in ("win32", "darwin"):  # macOS has fork, but also libraries that crash after it
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(work: Callable[[int], Result], numbers: range, jobs: int) -> Iterator[Result]:
    """The results of `work` for each number, computed in `jobs` processes, in the order of the numbers.

    An exception of a process is raised here. At the end of the iteration the processes are interrupted and joined.
    """
    jobs = min(jobs, len(numbers))
    if jobs <= 1:
        yield from map(work, numbers)
        return
    workers: list[_Worker] = []
    try:
        for start in range(jobs):
            workers.append(_started(work, numbers[start::jobs]))  # noqa: PERF401 (a start that fails ends the others)
        for index in range(len(numbers)):
            yield _answer(workers[index % jobs])
    finally:
        for worker in workers:
            worker.answers.close()
        for worker in workers:
            _end(worker.pid)


class _Worker(NamedTuple):
    pid: int
    answers: BinaryIO


def _started(work: Callable[[int], object], numbers: range) -> _Worker:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return _Worker(pid, os.fdopen(reading, "rb"))
    os.close(reading)
    code = 1
    try:  # never return into the code of the parent
        with os.fdopen(writing, "wb") as answers:
            for number in numbers:
                _tell(answers, _tried(work, number))
        code = 0
    finally:
        os._exit(code)


def _tried(work: Callable[[int], object], number: int) -> tuple[str, object]:
    try:
        return "done", work(number)
    except InfraScaleError as error:
        return "refused", (type(error), error.message, error.hint)
    except Exception:  # noqa: BLE001 (raised again in the parent)
        import traceback  # noqa: PLC0415 (only for a bug)

        return "broken", traceback.format_exc()


def _tell(answers: BinaryIO, answer: object) -> None:
    import pickle  # noqa: PLC0415 (slow to import, and few requests are done by one process)

    content = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    answers.write(len(content).to_bytes(_LENGTH, "little"))
    answers.write(content)
    answers.flush()


def _answer(worker: _Worker) -> Any:  # noqa: ANN401 (what its `work` has made)
    import pickle  # noqa: PLC0415 (as above)

    length = worker.answers.read(_LENGTH)
    content = worker.answers.read(int.from_bytes(length, "little"))
    if len(length) < _LENGTH or len(content) < int.from_bytes(length, "little"):
        message = "a worker process was killed"
        raise WorkerError(message, hint="possibly out of memory: try --jobs 1")
    kind, value = pickle.loads(content)  # noqa: S301 (our own child wrote it)
    if kind == "refused":
        of, message, hint = value
        raise of(message, hint=hint)
    if kind == "broken":
        raise RuntimeError(value)
    return value


def _end(pid: int) -> None:
    """Interrupt it, so that it cleans up, and wait for its end."""
    import signal  # noqa: PLC0415 (as above)

    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    os.waitpid(pid, 0)
