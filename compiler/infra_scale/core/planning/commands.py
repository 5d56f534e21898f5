"""Steps as kubectl commands: the only module that writes them.

Run them with a POSIX shell, in one folder: a Save step writes a file there. A saved value is also printed.
If anything is missing, a command fails: none falls back to a default.
"""

import json
from collections.abc import Callable, Iterable
from typing import assert_never

from infra_scale.model.action import AUTOSCALER_KINDS, Autoscaler
from infra_scale.model.step import (
    Create,
    Delete,
    Field,
    FieldValue,
    Item,
    Live,
    Manual,
    ObjectKind,
    ObjectRef,
    Patch,
    Restore,
    Save,
    Saved,
    Scale,
    Step,
    Wait,
)
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster

OBJECTS: dict[Autoscaler, str] = {"hpa": "hpa", "vpa": "vpa", "keda": "scaledobject"}
"""The kubectl resource name of each autoscaler."""
ROLLOUTS = "rollouts.argoproj.io"
"""With its group: other products have Rollouts as well."""
_AUTOSCALERS: dict[ObjectKind, Autoscaler] = {kind: name for name, kind in AUTOSCALER_KINDS.items()}

_WITHOUT_VERSION = "sed -E '/^ {2}(resourceVersion|uid):/d'"
"""A version that was saved makes a later apply or replace a conflict (409): only metadata's own lines are dropped.

Counted, because a browser shows two spaces as one."""

_UNSET_IS_NULL = "sed 's/^$/null/'"
"""null: a merge patch removes a field that was not set."""


def command(step: Step, target: Target) -> str:
    """A step of a plan for a target, on one line; a line with # is a shell comment."""
    match step:
        case Scale(ref, to, before, cluster):
            count = to if isinstance(to, int) else _value(to, cluster, target)
            only = "" if before is None else f" --current-replicas={before}"
            return f"{on('scale', ref, cluster)} --replicas={count}{only}"
        case Patch():
            return _patched(step, target)
        case Delete(ref, may_be_gone, waits_for_dependents, cluster):
            gone = " --ignore-not-found" if may_be_gone else ""
            return f"{on('delete', ref, cluster)}{gone}{' --cascade=foreground' if waits_for_dependents else ''}"
        case Save() | Restore() | Create():
            return _kept(step, _file(step.saved, step.cluster, target), target)
        case Wait(ref, condition, minutes, cluster):
            return f"{on('wait', ref, cluster)} --for=condition={condition} --timeout={minutes}m"
        case Manual(text, about):
            words = about if isinstance(about, str) else command(about, target)
            return f"# {text}: {words}" if words else f"# {text}"
        case _:
            assert_never(step)


def kubectl(cluster: Cluster | None) -> str:
    """kubectl for a cluster; without one, for the current context."""
    return f"kubectl --context {cluster.context}" if cluster else "kubectl"


def on(verb: str, ref: ObjectRef, cluster: Cluster | None) -> str:
    """A command about one object."""
    autoscaler = _AUTOSCALERS.get(ref.kind)
    kind = ROLLOUTS if ref.kind == "Rollout" else ref.kind.lower()
    named = f"{OBJECTS[autoscaler]} {ref.name}" if autoscaler else f"{kind}/{ref.name}"
    return f"{kubectl(cluster)} {verb} {named} -n {ref.namespace}"


def show(ref: ObjectRef, field: Field, cluster: Cluster | None) -> str:
    """Print one value of an object."""
    return f"{on('get', ref, cluster)} -o jsonpath={{{_dotted(field)}}}"


def _patched(step: Patch, target: Target) -> str:
    ref, values, cluster = step

    def text(value: FieldValue) -> str:
        if isinstance(value.to, Saved):
            return _value(value.to, cluster, target)
        if isinstance(value.to, Live):
            return f'"$({show(value.to.object, value.to.field, cluster)})"'
        return json.dumps(value.to)

    if values[0].field[:2] == ("metadata", "annotations"):
        (value,) = values
        shown = value.to if isinstance(value.to, str) else text(value)
        return f"{on('annotate', ref, cluster)} --overwrite {value.field[-1]}={shown}"
    verb = on("patch", ref, cluster)
    if _is_in_list(values[0].field):
        return f"{verb} -p '{_yaml(values, text)}'"  # a strategic merge: the other containers stay
    if isinstance(values[0].to, Saved):
        return f'{verb} --type merge -p "{_yaml(values, text)}"'
    return f"{verb} --type merge -p '{json.dumps(_tree(values, lambda value: value.to), separators=(',', ':'))}'"


def _kept(step: Save | Restore | Create, file: str, target: Target) -> str:
    saved, cluster = step.saved, step.cluster
    match step:
        case Create():
            return f"{kubectl(cluster)} apply -f {file}"
        case Restore(_, absent):
            if absent is None:
                json_patch = " --type json" if saved.object.kind == "Rollout" else ""
                return f"{on('patch', saved.object, cluster)}{json_patch} --patch-file {file}"
            replaced = f"{kubectl(cluster)} replace -f {file}"
            return f"ls {file} && if test -s {file}; then {replaced}; else {command(absent, target)}; fi"
        case Save():
            return _save(saved, cluster, file)


def _save(saved: Saved, cluster: Cluster | None, file: str) -> str:
    got = on("get", saved.object, cluster)
    if not saved.fields:
        return f"{got} --ignore-not-found -o yaml | {_WITHOUT_VERSION} > {file}"
    first = saved.fields[0]
    if _is_in_list(first):
        from infra_scale.core.planning.json_patches import json_patch_template  # noqa: PLC0415 (only for Rollouts)

        made = json_patch_template(saved.fields) if saved.object.kind == "Rollout" else _template(saved.fields)
        return f"{got} -o go-template='{made}' | tee {file}"
    if "jobTemplate" in first and first[-1] == "parallelism":  # the API sets defaults of a Job, and not of a template
        return f"{got} -o jsonpath='{{{_dotted(first)}}}{{\"\\n\"}}' | {_UNSET_IS_NULL} | tee {file}"
    return f"{show(saved.object, first, cluster)} | tee {file}"


def _is_in_list(field: Field) -> bool:
    return any(isinstance(key, Item) for key in field)


def _value(saved: Saved, cluster: Cluster | None, target: Target) -> str:
    """A value that was saved, or that of the variable `detect`, as a shell puts it into a command.

    Nothing at all would be null to a patch, and so a default: a word makes kubectl or the API refuse it.
    """
    return f"${{detect:-$(grep . {_file(saved, cluster, target)} || echo unknown)}}"


def _file(saved: Saved, cluster: Cluster | None, target: Target) -> str:
    """The file of what was saved: two clusters of a target must not share one."""
    elsewhere = cluster is not None and cluster.context != target.kube_context
    place = f"{target.name}.{cluster.name}" if cluster and elsewhere else target.name
    kind, namespace, name = saved.object
    if not saved.fields:
        return f"previous-{_AUTOSCALERS[kind]}.{place}.{namespace}.{name}.yaml"
    what, suffix = ("resources", "yaml") if _is_in_list(saved.fields[0]) else (saved.fields[0][-1], "txt")
    return f"previous-{what}.{place}.{namespace}.{kind.lower()}.{name}.{suffix}"


def _dotted(field: Field) -> str:
    return "".join(f".{key}" for key in field)


def _template(fields: tuple[Field, ...]) -> str:
    """A Go template that prints the patch which puts fields of containers back; null removes one."""
    at = next(index for index, key in enumerate(fields[0]) if isinstance(key, Item))
    containers, item = _dotted(fields[0][:at]), fields[0][at]
    named = item.name if isinstance(item, Item) else None

    def live(value: FieldValue) -> str:
        return f'{{{{with {_dotted(value.field[at + 1 :])}}}}}"{{{{.}}}}"{{{{else}}}}null{{{{end}}}}'

    values = [FieldValue(field, None) for field in fields]
    if named is not None:
        patch = _yaml(values, live)
        return f'{{{{range {containers}}}}}{{{{if eq .name "{named}"}}}}{patch}{{{{end}}}}{{{{end}}}}'
    each = f"{{{{range {containers}}}}}{{name: {{{{.name}}}}, {_flow(_tree(values, live, at + 1))[1:]}, {{{{end}}}}"
    return _yaml([FieldValue(fields[0][:at], None)], lambda _: f"[{each}]")


_Tree = dict[str, object]


def _tree(values: Iterable[FieldValue], leaf: Callable[[FieldValue], object], start: int = 0) -> _Tree:
    """Fields as nested mappings; the item of a list is one of it alone, with its name."""
    tree: _Tree = {}
    for value in values:
        inner = tree
        for key, following in zip(value.field[start:], (*value.field[start + 1 :], None), strict=True):
            if isinstance(key, Item):
                continue
            if following is None:
                inner[key] = leaf(value)
            elif isinstance(following, Item):
                inner = inner.setdefault(key, [{"name": following.name}])[0]  # type: ignore[index]  # a list, as just set
            else:
                inner = inner.setdefault(key, {})  # type: ignore[assignment]  # a mapping, as just set
    return tree


def _yaml(values: Iterable[FieldValue], text: Callable[[FieldValue], str]) -> str:
    """A patch as YAML on one line."""
    ((key, inner),) = _tree(values, text).items()
    return f"{key}: {_flow(inner)}"


def _flow(node: object) -> str:
    """A tree as YAML on one line; its leaves are texts already."""
    if isinstance(node, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in node.items()) + "}"
    return f"[{', '.join(map(_flow, node))}]" if isinstance(node, list) else str(node)
