"""What `apply` and `rollback` show: progress on standard error, and events as lines of JSON."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from infra_scale.cli import terminal
from infra_scale.core.executing.preconditions import Refusal
from infra_scale.core.executing.requests import request, spelt
from infra_scale.core.executing.writes import noun
from infra_scale.core.syntax.printable import printable
from infra_scale.errors import UsageError
from infra_scale.model.run import Json, Run, RunStep
from infra_scale.model.time import in_milliseconds
from infra_scale.usecases.apply import Preview
from infra_scale.usecases.applying.session import RunEvent

_MARKS = {
    "healthy": "✓",
    "already_applied": "✓",
    "skipped": "-",
    "undone": "↶",
    "failed": "✗",
    "changed_by_other": "✗",
    "undo_failed": "✗",
}


@contextmanager
def watching(events: str | None) -> Iterator[Callable[[RunEvent], None]]:
    """What is called for each event of a run. Raises UsageError if the file cannot be written."""
    stream = _opened(events)
    try:

        def watch(event: RunEvent) -> None:
            if stream is not None:
                print(json.dumps(_node(event), ensure_ascii=False), file=stream, flush=True)
            if line := _line(event):
                terminal.err(printable(line))

        yield watch
    finally:
        if stream is not None and stream is not sys.stderr:
            stream.close()


def _opened(events: str | None) -> TextIO | None:
    if events in (None, "-"):
        return None if events is None else sys.stderr
    try:
        return Path(str(events)).open("a", encoding="utf-8")
    except OSError as error:
        message = f"--events {events}: {error.strerror}"
        raise UsageError(message, hint="name a file in a folder that exists") from error


def _node(event: RunEvent) -> Json:
    return {
        "t": in_milliseconds(event.at),
        "run": event.run,
        "cluster": event.cluster,
        "step": event.step,
        "event": event.event,
        "data": event.data,
    }


def _line(event: RunEvent) -> str:
    """What a person sees of an event; empty for one that the result repeats."""
    data, step = event.data, f"{event.cluster}  step {event.step}"
    match event.event:
        case "lock_waiting":
            return f"{event.cluster}  waiting: namespace {data['namespace']} is locked by {data['holder']}"
        case "step_intent":
            return f"{step}  {data['path'] or 'object'}: {_short(data['before'])} → {_short(data['after'])}"
        case "step_recovered":
            return f"{step}  was written by the interrupted run"
        case "health":
            return f"{step}  {data['progress']}"
        case "step_failed":
            return f"{step}  failed: {data['reason']}"
        case "rollback_started":
            return f"{event.cluster}  rolling back: {data['reason']}"
        case _:
            return ""


def _short(value: Json) -> str:
    if isinstance(value, dict):
        return "{…}" if "kind" in value else json.dumps(value)
    return "none" if value is None else json.dumps(value)


def report_refusals(refusals: Iterable[tuple[str, Refusal]]) -> None:
    """Why nothing was written."""
    for cluster, refusal in refusals:
        place = f"{cluster}: " if cluster else ""
        terminal.err(printable(f"error {refusal.id}: {place}{refusal.message}"))
        terminal.err(printable(f"    help: {refusal.help}"))


def report_run(run: Run) -> None:
    """The state of each step, by cluster."""
    for cluster in run.clusters:
        terminal.err(f"{cluster.name}  {cluster.state.replace('_', ' ')}")
        for step in cluster.steps:
            terminal.err(printable(f"  {_MARKS.get(step.state, '·')} {_step(step)}"))


def _step(step: RunStep) -> str:
    field = step.path.rpartition("/")[2] or step.action.replace("_", " ")
    named = f"{step.container} {field}" if step.container else field
    values = "" if isinstance(step.after, dict) or not step.path else f" {_short(step.before)}→{_short(step.after)}"
    message = f"  {step.message}" if step.message else ""
    return f"{noun(step)}  {named}{values}  {step.state.replace('_', ' ')}{message}"


def preview_lines(preview: Preview) -> Iterator[str]:
    """The requests that would be sent, by cluster."""
    for cluster, prepared in preview.clusters.items():
        yield cluster
        for step in prepared.part.steps:
            if step.state == "planned":
                yield f"  {spelt(request(step, prepared.live.objects.get(step.ref)))}"
            else:
                yield f"  {_step(step)}"
