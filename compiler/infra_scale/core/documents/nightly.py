"""ops/nightly.yaml: reader and writer."""

from collections.abc import Iterable

from infra_scale.core.documents.source import read_document
from infra_scale.core.reading.values import mapping, optional_text, sequence, text, whole_number
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.finding import Finding
from infra_scale.model.nightly import Condition, Task
from infra_scale.model.source import Source

DEFAULT_SECONDS = 300


def read_nightly(source: Source, *, schema: str) -> tuple[tuple[Task, ...], tuple[Finding, ...]]:
    """The tasks of a nightly file, or errors with their positions."""
    document, faults = read_document(source, schema=schema)
    if document is None or faults:
        return (), faults
    tasks = tuple(_read_task(mapping(task)) for task in sequence(mapping(document.value).get("tasks")))
    twins = _twins(document, tasks)
    return (() if twins else tasks), twins


def _read_task(written: dict[str, Value]) -> Task:
    when = mapping(written.get("when"))
    condition = Condition(text(when["env"]), optional_text(when.get("equals")) or "1") if when else None
    return Task(
        name=text(written.get("name")),
        arguments=_arguments(written),
        condition=condition,
        seconds=whole_number(written.get("timeout", DEFAULT_SECONDS)),
        may_fail=written.get("onFailure") == "warn",
    )


def _arguments(written: dict[str, Value]) -> tuple[str, ...]:
    if "flags" in written:
        return ("plan", *(text(flag) for flag in sequence(written["flags"])))
    if "publish" in written:
        target = text(written["publish"])
        return ("publish",) if target == "all" else ("publish", "--target", target)
    return ("compile", "--format", "json", text(written.get("requests")))


def _twins(document: Document, tasks: tuple[Task, ...]) -> tuple[Finding, ...]:
    """NGT-001 for each task with the name of an earlier one."""
    names = [task.name for task in tasks]
    return tuple(
        document.locate(
            Finding(
                "NGT-001",
                "error",
                f"an earlier task is also named `{name}`",
                document.path,
                route=("tasks", index, "name"),
                help="give each task a unique name",
            )
        )
        for index, name in enumerate(names)
        if name in names[:index]
    )


def write_nightly(tasks: Iterable[Task]) -> str:
    """The text of ops/nightly.yaml."""
    nodes: list[Node] = [_task_node(task) for task in tasks]
    return yaml_text({"apiVersion": "infra.scale/v1", "kind": "Nightly", "tasks": nodes})


def _task_node(task: Task) -> dict[str, Node]:
    node: dict[str, Node] = {"name": task.name, **_arguments_node(task.arguments)}
    if task.condition:
        node["when"] = {"env": task.condition.variable, "equals": task.condition.value}
    if task.seconds != DEFAULT_SECONDS:
        node["timeout"] = task.seconds
    if task.may_fail:
        node["onFailure"] = "warn"
    return node


def _arguments_node(arguments: tuple[str, ...]) -> dict[str, Node]:
    command, *rest = arguments
    if command == "plan":
        return {"flags": [*rest]}
    return {"publish": rest[-1] if rest else "all"} if command == "publish" else {"requests": rest[-1]}
