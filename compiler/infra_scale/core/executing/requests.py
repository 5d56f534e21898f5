"""Steps of a run to requests of the Kubernetes API: each compares and sets in one request.

A JSON patch fails as a whole if one of its tests fails (RFC 6902 §5): a stale writer cannot overwrite a newer value.
"""

from typing import Literal, NamedTuple, assert_never

from infra_scale.core.executing.writes import Object
from infra_scale.model.run import Json, RunStep
from infra_scale.model.step import ObjectRef
from infra_scale.model.tagged import tagged

MANAGER = "infra-scale"
"""The field manager of every write."""


@tagged
class PatchRequest(NamedTuple):
    """PATCH with a JSON patch."""

    ref: ObjectRef
    subresource: Literal["", "scale"]
    patch: tuple[Object, ...]


@tagged
class CreateRequest(NamedTuple):
    """POST of a new object."""

    ref: ObjectRef
    body: Object


@tagged
class DeleteRequest(NamedTuple):
    """DELETE with preconditions."""

    ref: ObjectRef
    body: Object
    """DeleteOptions."""


Request = PatchRequest | CreateRequest | DeleteRequest


def request(step: RunStep, live: Object | None) -> Request:
    """The request of a step whose object was just read as `live`.

    Raises ValueError for a step that changes nothing.
    """
    match step.path, step.before, step.after:
        case "", None, dict() as body:
            return CreateRequest(step.ref, body)
        case "", dict(), None if live is not None:
            return DeleteRequest(step.ref, _delete_options(live))
        case "", _, _:
            message = f"{step.ref} cannot be written as a whole"
            raise ValueError(message)
        case _:
            return _patch(step)


def _patch(step: RunStep) -> PatchRequest:
    is_scale = step.action == "scale_workload"
    # The Scale subresource leaves out a count of 0; `test` takes null for an absent value.
    before: Json = None if is_scale and step.before == 0 else step.before
    operations: list[Object] = []
    if step.container:
        name = f"{step.path.removesuffix('/resources')}/name"
        operations.append({"op": "test", "path": name, "value": step.container})
    operations.append({"op": "test", "path": step.path, "value": before})
    if step.after is None:
        operations.append({"op": "remove", "path": step.path})
    else:
        operations.append({"op": "add", "path": step.path, "value": step.after})
    return PatchRequest(step.ref, "scale" if is_scale else "", tuple(operations))


def _delete_options(live: Object) -> Object:
    metadata = live.get("metadata")
    known = metadata if isinstance(metadata, dict) else {}
    preconditions: Object = {"uid": known.get("uid"), "resourceVersion": known.get("resourceVersion")}
    return {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions}


RESOURCES: dict[str, tuple[str, str]] = {
    "Deployment": ("apis/apps/v1", "deployments"),
    "StatefulSet": ("apis/apps/v1", "statefulsets"),
    "ReplicaSet": ("apis/apps/v1", "replicasets"),
    "DaemonSet": ("apis/apps/v1", "daemonsets"),
    "Job": ("apis/batch/v1", "jobs"),
    "CronJob": ("apis/batch/v1", "cronjobs"),
    "Rollout": ("apis/argoproj.io/v1alpha1", "rollouts"),
    "HorizontalPodAutoscaler": ("apis/autoscaling/v2", "horizontalpodautoscalers"),
    "VerticalPodAutoscaler": ("apis/autoscaling.k8s.io/v1", "verticalpodautoscalers"),
    "ScaledObject": ("apis/keda.sh/v1alpha1", "scaledobjects"),
}
"""Group, version and resource of each kind."""


def resource(ref: ObjectRef) -> str:
    """The resource with its group, as kubectl takes it: deployments.v1.apps."""
    version, plural = RESOURCES[ref.kind]
    group, _, number = version.removeprefix("apis/").partition("/")
    return f"{plural}.{number}.{group}"


def collection(ref: ObjectRef) -> str:
    """The path of the collection that an object is in."""
    version, plural = RESOURCES[ref.kind]
    return f"/{version}/namespaces/{ref.namespace}/{plural}"


def spelt(one: Request) -> str:
    """A request in one line, for --dry-run."""
    import json  # noqa: PLC0415 (only for output)

    where = f"{collection(one.ref)}/{one.ref.name}"
    match one:
        case PatchRequest(_, subresource, patch):
            below = f"/{subresource}" if subresource else ""
            return f"PATCH {where}{below} {json.dumps(patch)}"
        case CreateRequest(ref, body):
            return f"POST {collection(ref)} {json.dumps(body)}"
        case DeleteRequest(_, body):
            return f"DELETE {where} {json.dumps(body)}"
        case _:
            assert_never(one)
