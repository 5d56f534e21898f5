"""Requests and limits of an Argo Rollout as a JSON patch.

kustomize has no schema of a Rollout: a strategic merge would replace its list of containers, images included.
"""

import json
import re
from collections.abc import Iterator

from infra_scale.core.render.objects import Part, amounts_node, identity_patch, rendered_resources
from infra_scale.core.syntax.emitter import Block, Node, yaml_text
from infra_scale.model.action import UpdateResources


def with_resources(part: Part, patches: list[dict[str, Node]]) -> list[dict[str, Node]]:
    """The patches of a Rollout with that of its resources.

    A JSON patch whose target is missing changes nothing and fails nothing, so another patch names the Rollout.
    """
    action = rendered_resources(part)
    if action is None:
        return patches
    operations = "".join(f"- {json.dumps(one)}\n" for one in _operations(part, action))
    named: list[dict[str, Node]] = patches or [{"patch": Block(yaml_text(identity_patch(part)))}]
    return [*named, {"target": _target(part), "patch": Block(operations)}]


def _target(part: Part) -> dict[str, Node]:
    group, _, version = part.api_version.rpartition("/")
    identity = {key: re.escape(str(value)).replace(r"\-", "-") for key, value in part.patched.items()}
    return {"group": group, "version": version, "kind": part.ref.kind, **identity}


def _operations(part: Part, action: UpdateResources) -> Iterator[dict[str, object]]:
    base, container = part.base, action.container or ""
    if base is None:
        return
    names = base.init_names if action.is_init else base.container_names
    field = "initContainers" if action.is_init else "containers"
    item = f"/spec/template/spec/{field}/{names.index(container)}"
    yield {"op": "test", "path": f"{item}/name", "value": container}
    pairs = (("requests", amounts_node(action.requests)), ("limits", amounts_node(action.limits)))
    blocks = {key: amounts for key, amounts in pairs if amounts}
    if (container, "resources") not in base.blocks:
        yield {"op": "add", "path": f"{item}/resources", "value": blocks}
        return
    for key, amounts in blocks.items():
        if (container, key) in base.blocks:
            for name, amount in amounts.items():
                yield {"op": "add", "path": f"{item}/resources/{key}/{name}", "value": amount}
        else:
            yield {"op": "add", "path": f"{item}/resources/{key}", "value": amounts}
