"""The record of a run, `run.json`: reader and writer of the journal in the cluster and of the file on disk."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from infra_scale.errors import InfraScaleError
from infra_scale.model.run import (
    ACTION_NAMES,
    CLUSTER_STATES,
    COMMANDS,
    RUN_STATES,
    STEP_STATES,
    Actor,
    Json,
    Run,
    RunCluster,
    RunPlan,
    RunStep,
)
from infra_scale.model.step import OBJECT_KINDS, ObjectRef
from infra_scale.model.time import in_milliseconds, read_time

VERSION = 1
_Word = TypeVar("_Word", bound=str)


class RunError(InfraScaleError):
    """A record cannot be read."""


def write_run(run: Run) -> str:
    """The text of a record."""
    return f"{json.dumps(_run_node(run), separators=(',', ':'), ensure_ascii=False)}\n"


def read_run(text: str) -> Run:
    """A record. Raises RunError for anything that `write_run` does not write."""
    try:
        node = json.loads(text)
        if _object(node).get("version") != VERSION:
            message = f"version {_object(node).get('version')!r} instead of {VERSION}"
            raise _refused(message)
        return _read_run(_object(node))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        reason = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise _refused(reason) from error


def _refused(reason: str) -> RunError:
    hint = "it was changed by hand, or written by another version; delete it to apply the plan from the beginning"
    return RunError(f"the record of a run cannot be read: {reason}", hint=hint)


def _run_node(run: Run) -> Json:
    return {
        "version": VERSION,
        "id": run.id,
        "command": run.command,
        "target": run.target,
        "request": run.request,
        "plan": {"path": run.plan.path, "digest": run.plan.digest, "commit": run.plan.commit},
        "actor": {"name": run.actor.name, "via": run.actor.via, "url": run.actor.url},
        "startedAt": in_milliseconds(run.started_at),
        "finishedAt": _time_node(run.finished_at),
        "state": run.state,
        "reason": run.reason,
        "clusters": [_cluster_node(one) for one in run.clusters],
    }


def _cluster_node(cluster: RunCluster) -> Json:
    return {
        "name": cluster.name,
        "context": cluster.context,
        "uid": cluster.uid,
        "wave": cluster.wave,
        "state": cluster.state,
        "steps": [_step_node(number, step) for number, step in enumerate(cluster.steps, start=1)],
    }


def _step_node(number: int, step: RunStep) -> Json:
    ref = step.ref
    return {
        "n": number,
        "action": step.action,
        "ref": {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name, "uid": step.uid},
        "path": step.path,
        "before": step.before,
        "after": step.after,
        "container": step.container,
        "state": step.state,
        "revision": step.revision,
        "at": _time_node(step.at),
        "message": step.message,
    }


def _time_node(time: datetime | None) -> str | None:
    return in_milliseconds(time) if time else None


def _read_run(node: dict[str, Json]) -> Run:
    plan, actor = _object(node["plan"]), _object(node["actor"])
    return Run(
        id=_text(node["id"]),
        command=_word(node["command"], COMMANDS),
        target=_text(node["target"]),
        request=_text(node["request"]),
        plan=RunPlan(_text(plan["path"]), _text(plan["digest"]), _text(plan["commit"])),
        actor=Actor(_text(actor["name"]), _text(actor["via"]), _text(actor["url"])),
        started_at=_time(node["startedAt"]),
        clusters=tuple(_read_cluster(_object(one)) for one in _list(node["clusters"])),
        state=_word(node["state"], RUN_STATES),
        finished_at=_optional_time(node["finishedAt"]),
        reason=_text(node["reason"]),
    )


def _read_cluster(node: dict[str, Json]) -> RunCluster:
    return RunCluster(
        name=_text(node["name"]),
        context=_text(node["context"]),
        uid=_text(node["uid"]),
        wave=_number(node["wave"]),
        state=_word(node["state"], CLUSTER_STATES),
        steps=tuple(_read_step(_object(one)) for one in _list(node["steps"])),
    )


def _read_step(node: dict[str, Json]) -> RunStep:
    ref = _object(node["ref"])
    return RunStep(
        action=_word(node["action"], ACTION_NAMES),
        ref=ObjectRef(_word(ref["kind"], OBJECT_KINDS), _text(ref["namespace"]), _text(ref["name"])),
        uid=_text(ref["uid"]),
        path=_text(node["path"]),
        before=node["before"],
        after=node["after"],
        container=_text(node["container"]),
        state=_word(node["state"], STEP_STATES),
        revision=_text(node["revision"]),
        at=_optional_time(node["at"]),
        message=_text(node["message"]),
    )


def _word(value: Json, known: Sequence[_Word]) -> _Word:
    for word in known:
        if word == value:
            return word
    message = f"{value!r} is not one of {', '.join(known)}"
    raise ValueError(message)


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _unexpected(value, "a mapping")
    return value


def _list(value: Json) -> Iterable[Json]:
    if not isinstance(value, list):
        raise _unexpected(value, "a list")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise _unexpected(value, "a text")
    return value


def _number(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unexpected(value, "a number")
    return value


def _time(value: Json) -> datetime:
    found = read_time(_text(value))
    if found is None:
        raise _unexpected(value, "a time")
    return found


def _optional_time(value: Json) -> datetime | None:
    return None if value is None else _time(value)


def _unexpected(value: Json, expected: str) -> TypeError:
    return TypeError(f"{value!r} instead of {expected}")
