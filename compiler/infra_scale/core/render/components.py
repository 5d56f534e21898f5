"""Plans to kustomize Components: one per workload, and one per namespace that lists them.

An application with a whole namespace uses the Component of the namespace, one with a single workload that of the
workload: a patch without its workload fails the build.
"""

from collections.abc import Iterable

from infra_scale.core.documents.header import COMPONENT_FILE, NAMESPACE_HEADER, rendered_header
from infra_scale.core.render.objects import (
    Part,
    autoscalers,
    left_out,
    name_references,
    resources_patch,
    scale_patch,
)
from infra_scale.core.render.rollouts import with_resources
from infra_scale.core.syntax.emitter import Block, Node, yaml_text
from infra_scale.model.action import Action, UpdateResources
from infra_scale.model.names import component_name, file_part, rendered_namespace
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import Workload
from infra_scale.model.target import TargetedRequest

_COMPONENT: dict[str, Node] = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
_NAMES_FILE = "names.yaml"


def rendered(plan: ScalePlan, aimed: TargetedRequest) -> dict[str, bytes]:
    """The files of the Components of a plan's workloads, for each of their clusters."""
    by_place: dict[tuple[str, object], list[Action]] = {}
    for action in plan.actions:
        if action.cluster:
            by_place.setdefault((action.cluster.name, action.ref), []).append(action)
    files: dict[str, bytes] = {}
    for workload in aimed.request.workloads:
        base = aimed.bases.get(workload.key)
        if base and base.chart:  # its values are rendered instead
            continue
        made: dict[str | None, dict[str, bytes]] = {}
        for cluster in aimed.target.clusters_of(workload.cluster):
            actions = by_place.get((cluster.name, workload.ref), ())
            container = next((one.container for one in actions if isinstance(one, UpdateResources)), None)
            if container not in made:  # clusters differ only in the container names of their pods
                made[container] = _workload_files(plan, Part(workload, actions, base, workload.key in aimed.unknown))
            folder = _folder(cluster.name, workload)
            files.update({f"{folder}/{name}": content for name, content in made[container].items()})
    return files


def namespace_file(components: Iterable[str]) -> bytes:
    """The Component of a namespace, which lists those of its workloads; it may be empty."""
    joined: list[Node] = [*sorted(components)]
    return f"{NAMESPACE_HEADER}{yaml_text({**_COMPONENT, 'components': joined})}".encode()


def _folder(cluster: str, workload: Workload) -> str:
    ref = workload.ref
    return f"{rendered_namespace(cluster, ref.namespace)}/{component_name(ref.kind, ref.name)}"


def _workload_files(plan: ScalePlan, part: Part) -> dict[str, bytes]:
    name = file_part(part.ref.name)
    merges = [patch for patch in (scale_patch(part), resources_patch(part)) if patch]
    patches: list[dict[str, Node]] = [{"patch": Block(yaml_text(patch))} for patch in merges]
    if part.ref.kind == "Rollout":
        patches = with_resources(part, patches)
    documents = {f"{kind}-{name}.yaml": made for kind, made in autoscalers(part)}
    component = _component(sorted(documents), patches, part.patch_target)
    if any(not file.startswith("hpa-") for file in documents):
        documents[_NAMES_FILE] = name_references(part)
        component["configurations"] = [_NAMES_FILE]
    header = rendered_header(plan.metadata)
    comment = "".join(f"# {reason[0].upper()}{reason[1:]}.\n" for reason in left_out(part))
    texts = {path: f"{header}{yaml_text(made)}".encode() for path, made in sorted(documents.items())}
    return {COMPONENT_FILE: f"{header}{comment}{yaml_text(component)}".encode(), **texts}


def _component(
    resources: Iterable[str], patches: Iterable[dict[str, Node]], target: dict[str, Node]
) -> dict[str, Node]:
    """With the `target` of patches that name and namespace alone do not lead to their object."""
    selected: dict[str, Node] = {"target": target} if target else {}
    inline: list[Node] = [{**selected, **patch} for patch in patches]
    lists: dict[str, Node] = {"resources": [*resources], "patches": inline}
    return {**_COMPONENT, **({key: value for key, value in lists.items() if value} or {"components": []})}
