"""Actions of a plan and the live objects to the steps of a run, in the order in which they are safe.

Sources of the paths: the API reference of apps/v1, batch/v1 and autoscaling/v2.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, assert_never

from infra_scale.core.executing.fields import holds, pointer, value_at
from infra_scale.core.render.objects import Part, autoscalers
from infra_scale.model.action import (
    APPLIED,
    AUTOSCALER_KINDS,
    NOUNS,
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.quantity import Resources
from infra_scale.model.request import Handover, Workload
from infra_scale.model.run import ActionName, Json, RunStep
from infra_scale.model.step import ObjectRef, scaler, workload_object
from infra_scale.model.workload import WorkloadRef

Object = dict[str, Json]
"""An object of the Kubernetes API."""
REPLICAS = "/spec/replicas"
REVISION = "deployment.kubernetes.io/revision"


class Live(NamedTuple):
    """The objects of one cluster that a plan is about."""

    objects: Mapping[ObjectRef, Object]
    """The workloads, and all autoscalers of their namespaces."""

    def autoscaler_of(self, ref: WorkloadRef) -> Object | None:
        """The HPA that sets the replicas of a workload, whatever its name is; KEDA has one too."""
        for one, item in self.objects.items():
            if one.kind == AUTOSCALER_KINDS["hpa"] and one.namespace == ref.namespace:
                target = value_at(item, "/spec/scaleTargetRef")
                if isinstance(target, dict) and (target.get("kind"), target.get("name")) == (ref.kind, ref.name):
                    return item
        return None


def planned_steps(actions: Iterable[Action], live: Live, *, takes_over: bool = False) -> tuple[RunStep, ...]:
    """The steps of the actions on one workload of one cluster, in order; every object must exist.

    Growing: resources, then replicas, then the autoscaler, so that new pods have the new resources. Shrinking: the
    other way round, so that fewer pods have to be replaced. `takes_over`: whether KEDA takes over the workload's HPA.
    """
    chosen = tuple(actions)
    ordered = sorted(chosen, key=_shrinking if _shrinks(chosen, live) else _growing)
    planner = _Planner(live, chosen, takes_over=takes_over)
    return tuple(_checked(step, live) for action in ordered for step in planner.steps(action))


def _checked(step: RunStep, live: Live) -> RunStep:
    item = live.objects.get(step.ref)
    return step._replace(state="already_applied") if step.state == "planned" and is_done(step, item) else step


def is_done(step: RunStep, item: Object | None) -> bool:
    """Whether an object, None if it does not exist, has the value that a step sets."""
    if not step.path:
        return item is None if step.after is None else item is not None and holds(item, step.after)
    return item is not None and holds(value_at(item, step.path), step.after)


def read_back(step: RunStep, item: Object | None) -> RunStep:
    """The step with the value that the server made of it: an undo compares with it exactly."""
    return step if item is None or not step.path else step._replace(after=value_at(item, step.path))


def is_ours(step: RunStep, item: Object | None) -> bool:
    """Whether an object has exactly the value that a run wrote; a write that was not read back, with its defaults."""
    if step.state == "writing" or not step.path:
        return is_done(step, item)
    return item is not None and value_at(item, step.path) == step.after


def is_untouched(step: RunStep, item: Object | None) -> bool:
    """Whether an object, None if it does not exist, has the value from before a step."""
    return is_done(step.inverse, item)


_WHEN_GROWING: dict[type, int] = {UpdateResources: 0, RemoveAutoscaler: 1, ScaleWorkload: 2, ScaleJob: 2}
_WHEN_SHRINKING: dict[type, int] = {RemoveAutoscaler: 0, ScaleWorkload: 2, ScaleJob: 2, UpdateResources: 3}


def _growing(action: Action) -> int:
    """The rank of an action; autoscalers are applied last."""
    return _WHEN_GROWING.get(type(action), 3)


def _shrinking(action: Action) -> int:
    """The rank of an action; the new autoscaler follows the deletion of the old one."""
    return _WHEN_SHRINKING.get(type(action), 1)


def _shrinks(actions: Iterable[Action], live: Live) -> bool:
    """Whether fewer pods are wanted than the workload has now."""
    for action in actions:
        count = value_at(live.objects[workload_object(action.ref)], REPLICAS)
        now = count if isinstance(count, int) else 0
        match action:
            case ScaleWorkload():
                return action.to < now
            case ApplyHpa(_, hpa):
                return hpa.maximum < now
            case ApplyKeda(_, keda):
                return keda.maximum < now
            case ScaleJob():
                return action.suspend is True
            case _:
                pass
    return False


class _Planner(NamedTuple):
    live: Live
    actions: tuple[Action, ...]
    takes_over: bool

    def steps(self, action: Action) -> Iterator[RunStep]:
        match action:
            case ScaleWorkload():
                yield self._scaled(action)
            case ScaleJob():
                yield from self._of_job(action)
            case UpdateResources():
                yield from self._resources(action)
            case ApplyHpa() | ApplyVpa() | ApplyKeda():
                yield self._applied(action)
            case RemoveAutoscaler(ref, autoscaler):
                yield self._removed(scaler(autoscaler, ref))
            case _:
                assert_never(action)

    def _field(self, name: ActionName, ref: ObjectRef, path: str, after: Json) -> RunStep:
        item = self.live.objects[ref]
        return RunStep(name, ref, _uid(item), path, value_at(item, path), after)

    def _scaled(self, action: ScaleWorkload) -> RunStep:
        step = self._field("scale_workload", workload_object(action.ref), REPLICAS, action.to)
        hpa = self.live.autoscaler_of(action.ref)
        if hpa is None or any(isinstance(one, RemoveAutoscaler) for one in self.actions):
            return step
        name = value_at(hpa, "/metadata/name")
        return step._replace(state="skipped", message=f"HorizontalPodAutoscaler/{name} sets them")

    def _of_job(self, action: ScaleJob) -> Iterator[RunStep]:
        ref = workload_object(action.ref)
        inner = ("jobTemplate", "spec") if action.ref.kind == "CronJob" else ()
        if action.parallelism is not None:
            yield self._field("scale_job", ref, pointer("spec", *inner, "parallelism"), action.parallelism)
        if action.suspend is not None:
            yield self._field("scale_job", ref, "/spec/suspend", action.suspend)

    def _resources(self, action: UpdateResources) -> Iterator[RunStep]:
        ref = workload_object(action.ref)
        item = self.live.objects[ref]
        found = tuple(containers(item, is_init=action.is_init))
        for path, name in found:
            if action.container == name or (action.container is None and len(found) == 1):
                step = self._field("update_resources", ref, f"{path}/resources", None)
                read = step.before if isinstance(step.before, dict) else {}
                after = _with(_with(read, "requests", action.requests), "limits", action.limits)
                revision = value_at(item, pointer("metadata", "annotations", REVISION))
                yield step._replace(after=after, container=name, revision=str(revision or ""))

    def _applied(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> RunStep:
        ref = scaler(APPLIED[type(action)], action.ref)
        [(_, made)] = autoscalers(Part(_workload(action.ref, takes_over=self.takes_over), (action,), None))
        wanted = _mapping(_plain(made))
        item = self.live.objects.get(ref)
        if item is None:
            return RunStep("apply_autoscaler", ref, "", "", None, wanted)
        before, spec = item.get("spec"), wanted["spec"]
        kept = before if isinstance(before, dict) else {}
        return RunStep("apply_autoscaler", ref, _uid(item), "/spec", before, {**kept, **_mapping(spec)})

    def _removed(self, ref: ObjectRef) -> RunStep:
        item = self.live.objects.get(ref)
        if item is None:
            return RunStep("remove_autoscaler", ref, "", "", None, None)
        return RunStep("remove_autoscaler", ref, _uid(item), "", recorded(item), None)


def _workload(ref: WorkloadRef, *, takes_over: bool) -> Workload:
    """A workload as a request names it, with what its autoscaler depends on."""
    handover = Handover("hpa", None) if takes_over else None
    return Workload(ref, (), None, None, None, None, None, None, None, handover=handover)


def containers(item: Object, *, is_init: bool = False) -> Iterator[tuple[str, str]]:
    """The JSON pointer and the name of each container of a workload."""
    job = ("jobTemplate", "spec") if item.get("kind") == "CronJob" else ()
    path = pointer("spec", *job, "template", "spec", "initContainers" if is_init else "containers")
    found = value_at(item, path)
    for index, one in enumerate(found if isinstance(found, list) else ()):
        if isinstance(one, dict):
            yield f"{path}/{index}", str(one.get("name"))


def at_container(step: RunStep, item: Object) -> RunStep:
    """The step with the path of its container in this object: containers may have been added since it was planned."""
    if not step.container:
        return step
    is_init = "/initContainers/" in step.path
    paths = (path for path, name in containers(item, is_init=is_init) if name == step.container)
    return step._replace(path=f"{next(paths, step.path.removesuffix('/resources'))}/resources")


def recorded(item: Object) -> Object:
    """What a journal keeps of an autoscaler, to create it again: no status, no identity, no last applied manifest."""
    metadata = _mapping(item.get("metadata"))
    notes = {key: text for key, text in _mapping(metadata.get("annotations")).items() if key not in _BOOKKEEPING}
    kept: Object = {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata}
    if notes:
        kept["annotations"] = notes
    return {"apiVersion": item.get("apiVersion"), "kind": item.get("kind"), "metadata": kept, "spec": item.get("spec")}


_BOOKKEEPING = ("kubectl.kubernetes.io/last-applied-configuration",)


def _uid(item: Object) -> str:
    return str(value_at(item, "/metadata/uid") or "")


def _mapping(value: Json) -> Object:
    return value if isinstance(value, dict) else {}


def _with(resources: Object, block: str, amounts: Resources | None) -> Object:
    """Resources of a container with the requested amounts; others stay."""
    if amounts is None:
        return resources
    pairs = {"cpu": amounts.cpu, "memory": amounts.memory}
    wanted: Object = {name: str(amount) for name, amount in pairs.items() if amount is not None}
    return {**resources, block: {**_mapping(resources.get(block)), **wanted}}


def _plain(node: object) -> Json:
    """A node of a manifest as a value of the API: no subclasses of str or dict."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_plain(value) for value in node]
    return node if node is None or isinstance(node, (bool, int, float)) else str(node)


def noun(step: RunStep) -> str:
    """The object of a step in a message: Deployment/web, HPA/web."""
    short: dict[str, str] = {kind: NOUNS[name] for name, kind in AUTOSCALER_KINDS.items()}
    return f"{short.get(step.ref.kind, step.ref.kind)}/{step.ref.name}"
