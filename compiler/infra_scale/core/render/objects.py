"""One workload on a cluster: its Kubernetes objects, and the patches of its base manifest."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra_scale.core.documents.blocks import behavior_node, present, trigger_node
from infra_scale.core.planning.before import not_rendered
from infra_scale.core.planning.ownership import overwriters, sets_replicas
from infra_scale.core.syntax.emitter import Node
from infra_scale.model.action import Action, ApplyHpa, ApplyKeda, ApplyVpa, ScaleJob, ScaleWorkload, UpdateResources
from infra_scale.model.autoscaler import Hpa, Keda, Vpa
from infra_scale.model.manifest import Base
from infra_scale.model.quantity import Resources
from infra_scale.model.request import Workload
from infra_scale.model.workload import API_VERSIONS, WorkloadRef

_LABELS: dict[str, Node] = {"app.kubernetes.io/managed-by": "infra-scale"}


class Part(NamedTuple):
    """One workload of a plan on one cluster."""

    workload: Workload
    actions: Sequence[Action]
    """The actions for this workload on this cluster."""
    base: Base | None
    """Its base manifest; None if unknown: then its namespace is rendered."""
    is_unknown: bool = False
    """Whether the manifests may have it under any namespace."""

    @property
    def ref(self) -> WorkloadRef:
        """The workload."""
        return self.workload.ref

    @property
    def is_autoscaled(self) -> bool:
        """Whether the plan creates an autoscaler that sets the replicas."""
        return any(isinstance(action, (ApplyHpa, ApplyKeda)) for action in self.actions)

    @property
    def overwriters(self) -> tuple[str, ...]:
        """The autoscalers of the base that would overwrite a fixed number."""
        return overwriters(self.workload.replicas, self.base)

    @property
    def api_version(self) -> str:
        """The apiVersion of the base: a patch with another one would not match."""
        if self.base:
            return self.base.api_version
        return API_VERSIONS[self.ref.kind]

    @property
    def metadata(self) -> dict[str, Node]:
        """Name and namespace of an object beside the workload, where the Component is applied."""
        base = self.base
        name = base.name if base and base.built_name == self.ref.name else self.ref.name
        return _metadata(name, base.built_namespace if base else self.ref.namespace)

    @property
    def patched(self) -> dict[str, Node]:
        """Name and namespace by which a patch finds the workload: others would not match."""
        base = self.base
        if base:
            return _metadata(base.patch_name, base.patch_namespace)
        return _metadata(self.ref.name, None) if self.is_unknown else self.metadata

    @property
    def patch_target(self) -> dict[str, Node]:
        """The `target` of its patches; empty if name and namespace find it."""
        if self.is_unknown:
            return {"kind": self.ref.kind, "name": self.ref.name.replace(".", "\\.")}
        return dict(self.base.patch_target) if self.base else {}

    @property
    def target_ref(self) -> dict[str, Node]:
        """The reference to the workload in an autoscaler."""
        name = self.base.name if self.base else self.ref.name
        return {"apiVersion": self.api_version, "kind": self.ref.kind, "name": name}


def _metadata(name: str, namespace: str | None) -> dict[str, Node]:
    return {"name": name, **({"namespace": namespace} if namespace else {})}


def scale_patch(part: Part) -> dict[str, Node] | None:
    """The patch that sets replicas, or removes them if an autoscaler owns them and the base sets them.

    None if the base has an autoscaler, which would conflict with it.
    """
    if part.is_autoscaled:
        return _patch(part, {"replicas": None}) if sets_replicas(part.base) else None
    for action in part.actions:
        if isinstance(action, ScaleWorkload):
            return None if part.overwriters else _patch(part, {"replicas": action.to})
        if isinstance(action, ScaleJob):
            return _patch(part, _job_spec(part, action))
    return None


def resources_patch(part: Part) -> dict[str, Node] | None:
    """The patch that sets requests and limits; None without any, or if their container is unknown.

    None for a Rollout as well: its list of containers would be replaced.
    """
    action = rendered_resources(part)
    if action is None or action.container is None or part.ref.kind == "Rollout":
        return None
    lists = _containers(action.container, action, part.base)
    pod: dict[str, Node] = {"template": {"spec": lists}}
    return _patch(part, {"jobTemplate": {"spec": pod}} if part.ref.kind == "CronJob" else pod)


def rendered_resources(part: Part) -> UpdateResources | None:
    """The requests and limits that a patch sets; None without any, or if their container is unknown."""
    for action in part.actions:
        if isinstance(action, UpdateResources) and action.container and not unknown_container(part):
            return action
    return None


def identity_patch(part: Part) -> dict[str, Node]:
    """A patch that changes nothing: the build fails if the workload is missing."""
    return {"apiVersion": part.api_version, "kind": part.ref.kind, "metadata": part.patched}


def left_out(part: Part) -> Iterator[str]:
    """The parts of the plan that are not rendered, each with its reason."""
    if reason := unknown_container(part):
        yield f"{reason}: its resources are in the plan but not rendered"
    if part.overwriters and not part.is_autoscaled:
        others = ", ".join(part.overwriters)
        yield f"{part.ref} is autoscaled by {others}: its replicas are in the plan but not rendered"


def unknown_container(part: Part) -> str:
    """Why requests and limits cannot be rendered; empty if they can, or if there are none."""
    for action in part.actions:
        if isinstance(action, UpdateResources):
            return not_rendered(part.workload, action.container, part.base)
    return ""


def autoscalers(part: Part) -> Iterator[tuple[str, dict[str, Node]]]:
    """The autoscalers of a workload: file name and object."""
    for action in part.actions:
        match action:
            case ApplyHpa(_, hpa):
                yield "hpa", _object(part, "autoscaling/v2", "HorizontalPodAutoscaler", _hpa_spec(part, hpa))
            case ApplyVpa(_, vpa):
                yield "vpa", _object(part, "autoscaling.k8s.io/v1", "VerticalPodAutoscaler", _vpa_spec(part, vpa))
            case ApplyKeda(_, keda):
                yield "scaledobject", _scaled_object(part, keda)
            case _:
                pass


def name_references(part: Part) -> dict[str, Node]:
    """The fields with the workload's name in autoscalers that kustomize does not know: a namePrefix changes it."""
    fields: list[Node] = [
        {"kind": "VerticalPodAutoscaler", "group": "autoscaling.k8s.io", "path": "spec/targetRef/name"},
        {"kind": "ScaledObject", "group": "keda.sh", "path": "spec/scaleTargetRef/name"},
    ]
    group = part.api_version.rpartition("/")[0]
    return {"nameReference": [{"kind": part.ref.kind, "group": group, "fieldSpecs": fields}]}


def _patch(part: Part, spec: dict[str, Node]) -> dict[str, Node]:
    return {"apiVersion": part.api_version, "kind": part.ref.kind, "metadata": part.patched, "spec": spec}


def _object(part: Part, api_version: str, kind: str, spec: dict[str, Node]) -> dict[str, Node]:
    metadata = {**part.metadata, "labels": _LABELS}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def _job_spec(part: Part, action: ScaleJob) -> dict[str, Node]:
    parallelism: dict[str, Node] = {} if action.parallelism is None else {"parallelism": action.parallelism}
    suspend: dict[str, Node] = {} if action.suspend is None else {"suspend": action.suspend}
    if part.ref.kind == "Job" or not parallelism:
        return parallelism | suspend
    return {**suspend, "jobTemplate": {"spec": parallelism}}


def _containers(name: str, action: UpdateResources, base: Base | None) -> dict[str, Node]:
    """The container after those before it in the base: kustomize moves the containers of a patch to the front."""
    resources = present({"requests": amounts_node(action.requests), "limits": amounts_node(action.limits)})
    patched: dict[str, Node] = {"name": name, "resources": resources}
    key = "initContainers" if action.is_init else "containers"
    if base is None or not base.knows_containers:
        return {key: [patched]}
    names = base.init_names if name in base.init_names else base.container_names
    before: list[Node] = [{"name": other} for other in names[: names.index(name)]]
    return {key: [*before, patched]}


def _hpa_spec(part: Part, hpa: Hpa) -> dict[str, Node]:
    targets = (("cpu", hpa.target_cpu), ("memory", hpa.target_memory))
    metrics: list[Node] = [_metric(name, percent, hpa.container) for name, percent in targets if percent is not None]
    return {
        "scaleTargetRef": part.target_ref,
        "minReplicas": hpa.minimum,
        "maxReplicas": hpa.maximum,
        "metrics": metrics,
        **present({"behavior": behavior_node(hpa.behavior) if hpa.behavior else None}),
    }


def _metric(name: str, percent: int, container: str | None) -> dict[str, Node]:
    target: dict[str, Node] = {"type": "Utilization", "averageUtilization": percent}
    if container is None:
        return {"type": "Resource", "resource": {"name": name, "target": target}}
    return {"type": "ContainerResource", "containerResource": {"name": name, "container": container, "target": target}}


def _vpa_spec(part: Part, vpa: Vpa) -> dict[str, Node]:
    policy: dict[str, Node] = {
        "containerName": vpa.container or "*",
        **present(
            {
                "minAllowed": amounts_node(vpa.minimum),
                "maxAllowed": amounts_node(vpa.maximum),
                "controlledResources": list(vpa.controlled),
                "controlledValues": vpa.values,
            }
        ),
    }
    # Without their own policy, the other containers would be resized as well.
    others: list[Node] = [{"containerName": "*", "mode": "Off"}] if vpa.container else []
    return {
        "targetRef": part.target_ref,
        "updatePolicy": {"updateMode": vpa.mode},
        "resourcePolicy": {"containerPolicies": [policy, *others]},
    }


def _scaled_object(part: Part, keda: Keda) -> dict[str, Node]:
    fallback = keda.fallback
    takes_over = part.workload.handover is not None and part.workload.handover.before == "hpa"
    spec: dict[str, Node] = {
        "scaleTargetRef": part.target_ref,
        **present(
            {
                "pollingInterval": keda.polling,
                "cooldownPeriod": keda.cooldown,
                "initialCooldownPeriod": keda.initial_cooldown,
                "idleReplicaCount": keda.idle,
            }
        ),
        "minReplicaCount": keda.minimum,
        "maxReplicaCount": keda.maximum,
        **present(
            {
                "advanced": _advanced(keda, part.ref.name if takes_over else None),
                "fallback": {"failureThreshold": fallback.failures, "replicas": fallback.replicas}
                if fallback
                else None,
            }
        ),
        "triggers": [trigger_node(trigger) for trigger in keda.triggers],
    }
    made = _object(part, "keda.sh/v1alpha1", "ScaledObject", spec)
    if takes_over:
        annotations: dict[str, Node] = {"scaledobject.keda.sh/transfer-hpa-ownership": "true"}
        made["metadata"] = {**part.metadata, "labels": _LABELS, "annotations": annotations}
    return made


def _advanced(keda: Keda, hpa: str | None) -> dict[str, Node]:
    """`hpa`: the name of the HPA that KEDA takes over."""
    return present(
        {
            "restoreToOriginalReplicaCount": keda.restores,
            "horizontalPodAutoscalerConfig": {"name": hpa} if hpa else None,
        }
    )


def amounts_node(resources: Resources | None) -> dict[str, Node] | None:
    """Requests or limits as Kubernetes names them."""
    if resources is None:
        return None
    pairs = {"cpu": resources.cpu, "memory": resources.memory}
    return {name: str(quantity) for name, quantity in pairs.items() if quantity is not None}
