"""Run a list of tasks, each to its own contract lines."""

import json
from pathlib import Path

from infra_scale.adapters import clock, environment, files, process
from infra_scale.core.documents.header import SUMMARY_FILE
from infra_scale.core.documents.nightly import read_nightly
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.errors import UsageError
from infra_scale.model.finding import Finding
from infra_scale.model.nightly import Ran, Result, Task
from infra_scale.model.source import Source

DEFAULT_FILE = "ops/nightly.yaml"


def load(root: Path, path: str) -> tuple[tuple[Task, ...], tuple[Finding, ...]]:
    """The tasks in the file at `path` (relative to `root`), or its errors. Raises UsageError without a file."""
    file = root / path
    if not files.is_file(file):
        message = f"there is no {path}"
        raise UsageError(
            message, hint="write one (`infra-scale schema nightly` prints the format), or name it with --file"
        )
    content = files.read_bytes(file)
    source = Source(path, content[: limits.MAX_BYTES + 1], len(content))
    return read_nightly(source, schema=files.schema_text(catalogue.NIGHTLY))


def is_due(task: Task) -> bool:
    """Whether the environment lets the task run."""
    return task.condition is None or environment.variable(task.condition.variable) == task.condition.value


def run(task: Task, *, root: Path) -> Ran:
    """Run a task in a separate process, so that a timeout or crash does not affect the others."""
    if not is_due(task):
        return Ran(task, "skipped", (), 0.0)
    start = clock.monotonic()
    try:
        done = process.run((*process.own_command(), *task.arguments), folder=root, seconds=task.seconds)
    except process.SlowProgramError:
        return Ran(task, "timed out", ("failed",), clock.monotonic() - start)
    lines = _contract_lines(task, done, root)
    return Ran(task, _result(lines), lines, clock.monotonic() - start)


def _contract_lines(task: Task, done: process.Completed, root: Path) -> tuple[str, ...]:
    output = done.output.decode("utf-8", "replace")
    if task.arguments[0] in ("plan", "publish"):
        lines = tuple(output.splitlines())
        return lines or _no_answer(done)
    return _lines_of_compile(output, done, root)


def _lines_of_compile(output: str, done: process.Completed, root: Path) -> tuple[str, ...]:
    try:
        report = json.loads(output)
    except ValueError:
        return _no_answer(done)
    errors = (finding for finding in report["findings"] if finding["severity"] == "error")
    said = [f"{error['path']}:{error.get('line', 1)}:{error.get('column', 1)}: {error['message']}" for error in errors]
    plans = [root / path for state in ("created", "updated") for path in report["plans"][state]]
    paths = [line for plan in plans for line in (f"plan_yaml={plan}", f"summary_md={plan.with_name(SUMMARY_FILE)}")]
    return (*said, *paths, "succeeded" if done.code == 0 else "failed")


def _result(lines: tuple[str, ...]) -> Result:
    match lines[-1]:
        case "succeeded" | "awaiting_approval" | "up_to_date" as result:
            return result
        case _:
            return "failed"


def _no_answer(done: process.Completed) -> tuple[str, ...]:
    return (done.complaint.partition("\n")[0] or f"exit code {done.code} without output", "failed")
