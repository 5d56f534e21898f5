"""infra-scale nightly."""

import json
import shlex
from collections.abc import Iterator, Sequence

from infra_scale.cli import exit_codes, options, output_options, terminal
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.syntax.printable import printable
from infra_scale.model.nightly import Ran, Task
from infra_scale.usecases import nightly

_EXAMPLES = (
    ("infra-scale nightly", "run the tasks of ops/nightly.yaml"),
    ("infra-scale nightly --dry-run", "show what would run, and what would be skipped"),
    ("ENABLE_INFRA_SCALE=1 infra-scale nightly --format json", "for scripts, with a true condition"),
)
_CODES = (
    ("0", "all tasks succeeded, were skipped, or may fail"),
    ("1", "a task failed, or the file is invalid"),
    ("2", "wrong usage"),
)


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = options.root_folder(given.root)
    tasks, findings = nightly.load(root, given.file)
    for finding in findings:
        terminal.err(finding_text(finding, width=terminal.width_aside()))
    if findings:
        return exit_codes.FAILED
    if given.dry_run:
        for line in _preview(tasks):
            terminal.out(terminal.fitted(line))
        return exit_codes.DONE
    ran = []
    for task in tasks:
        ran.append(nightly.run(task, root=root))
        if given.format == "text":
            _show(ran[-1])
    for line in _json_lines(ran) if given.format == "json" else map(terminal.fitted, _table(ran)):
        terminal.out(line)
    return exit_codes.FAILED if any(result.is_failure for result in ran) else exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser(
        "nightly",
        description="Run a list of tasks; a failed task does not stop the others.",
        examples=_EXAMPLES,
        codes=_CODES,
    )
    tasks = command.add_argument_group("what is run")
    tasks.add_argument(
        "--file", default=nightly.DEFAULT_FILE, metavar="FILE", help="the task file (default: ops/nightly.yaml)"
    )
    tasks.add_argument("--dry-run", action="store_true", help="show the tasks that would run")
    options.add_root(tasks)
    output_options.add_format(command)
    return command


def _preview(tasks: Sequence[Task]) -> Iterator[str]:
    width = max(len(task.name) for task in tasks)
    for task in tasks:
        verb = "would run " if nightly.is_due(task) else "would skip"
        yield f"{verb} {task.name:<{width}}  {_why(task)}infra-scale {shlex.join(task.arguments)}"


def _why(task: Task) -> str:
    return f"when {task.condition.variable}={task.condition.value}: " if task.condition else ""


def _show(ran: Ran) -> None:
    terminal.out(f"== {ran.task.name}")
    for line in ran.lines or (ran.result,):
        terminal.out(terminal.fitted(printable(line)))
    terminal.out()


def _table(ran: Sequence[Ran]) -> Iterator[str]:
    width = max(len("task"), *(len(result.task.name) for result in ran))
    head = f"{'task':<{width}}  {'result':<17}  seconds"
    if terminal.fitted(head) != head:
        yield from map(_words, ran)
        return
    yield head
    for result in ran:
        seconds = "-" if result.result == "skipped" else f"{result.seconds:.1f}"
        yield f"{result.task.name:<{width}}  {result.result:<17}  {seconds:>7}{_remark(result)}"


def _words(ran: Ran) -> str:
    """A row on a narrow terminal."""
    took = "" if ran.result == "skipped" else f" in {ran.seconds:.1f} s"
    return f"{ran.task.name}: {ran.result}{took}{_remark(ran)}"


def _remark(ran: Ran) -> str:
    if ran.result == "skipped":
        return f"  runs only {_why(ran.task).rstrip(': ')}"
    return "  (may fail)" if ran.result in ("failed", "timed out") and ran.task.may_fail else ""


def _json_lines(ran: Sequence[Ran]) -> Iterator[str]:
    tasks = [
        {"name": result.task.name, "result": result.result, "seconds": round(result.seconds, 1), "lines": result.lines}
        for result in ran
    ]
    status = "failed" if any(result.is_failure for result in ran) else "ok"
    yield json.dumps(
        {"version": 1, "command": "nightly", "status": status, "tasks": tasks}, ensure_ascii=False, indent=2
    )
