"""Deployments and the like to live workloads: size, strategy, and where their pods are."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.amounts import amounts
from infra_scale.core.capture.amounts import read_amounts
from infra_scale.core.capture.objects import Inventory, Thing, read
from infra_scale.core.capture.pods import SeenPod
from infra_scale.core.capture.scalers import Scalers, SeenVpa, budgets_of, optional_bound
from infra_scale.core.capture.templates import read_pod, read_running
from infra_scale.core.reading.values import mapping, optional_number, optional_text, sequence, whole_number
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Amounts, Pod, PodContainer
from infra_scale.model.quantity import NANO, Quantity
from infra_scale.model.snapshot import LiveVpa, LiveWorkload, Strategy
from infra_scale.model.workload import CAPTURED, Kind, WorkloadRef

_ONE = Quantity(NANO, "decimal")
_ENDED = ("Complete", "Failed")
_STRATEGIES = {"Deployment": "strategy", "StatefulSet": "updateStrategy", "DaemonSet": "updateStrategy"}


class Live(NamedTuple):
    """A captured workload, with the labels and the spec of its pods."""

    workload: LiveWorkload
    labels: Mapping[str, Value]
    spec: Mapping[str, Value]


def live_workloads(found: Inventory, namespaces: Iterable[str], scalers: Scalers) -> Iterator[Live]:
    """The workloads of some namespaces by namespace, kind and name, without placement. Raises ObjectError.

    A workload created by another is a part of that one, and finished Jobs are ignored.
    """
    for namespace in sorted(set(namespaces)):
        for kind in sorted(CAPTURED):
            for thing in found.within(kind, namespace):
                if not read(thing, _is_part_or_over):
                    live = read(thing, _reader(kind, scalers))
                    budgets = budgets_of(found, live.workload.ref, live.labels)
                    yield live._replace(workload=live.workload._replace(budgets=budgets))


def placements(pods: Iterable[SeenPod], numbers: Mapping[str, str]) -> dict[WorkloadRef, dict[str, int]]:
    """The number of pods of each workload on each node, by the node's id."""
    placed: dict[WorkloadRef, Counter[str]] = {}
    for pod in pods:
        if pod.owner and pod.node and pod.node in numbers:
            placed.setdefault(pod.owner, Counter())[numbers[pod.node]] += 1
    return {ref: dict(counter) for ref, counter in placed.items()}


def with_overhead(workload: LiveWorkload, pods: Iterable[SeenPod]) -> LiveWorkload:
    """The workload with the overhead that admission has set on its pods, if its template has none."""
    found = next((pod.overhead for pod in pods if pod.owner == workload.ref and pod.overhead), ())
    return workload if workload.pod.overhead else workload._replace(pod=workload.pod._replace(overhead=found))


def with_injected(workload: LiveWorkload, pods: Sequence[SeenPod]) -> LiveWorkload:
    """The workload with the containers that all of its pods have, and its template does not. Raises ObjectError."""
    if not pods:
        return workload
    running = [read(one.thing, lambda thing: read_running(thing.spec, thing.status)) for one in pods]
    pod = workload.pod
    return workload._replace(
        pod=pod._replace(
            containers=(*pod.containers, *_injected(pod.containers, [one.containers for one in running])),
            init_containers=(
                *_injected(pod.init_containers, [one.init_containers for one in running]),
                *pod.init_containers,
            ),
        )
    )


def _injected(written: Sequence[PodContainer], running: Sequence[Sequence[PodContainer]]) -> Iterator[PodContainer]:
    known = {one.name for one in written}
    shared = set.intersection(*({one.name for one in containers} for containers in running))
    for one in running[-1]:
        if one.name in shared - known:
            yield one._replace(is_injected=True)


def _is_part_or_over(thing: Thing) -> bool:
    if thing.kind == "ReplicaSet":
        return thing.controller is not None
    if thing.kind != "Job":
        return False
    conditions = map(mapping, sequence(thing.status.get("conditions")))
    ended = any(one.get("type") in _ENDED and one.get("status") == "True" for one in conditions)
    return ended or thing.controller is not None


def _reader(kind: Kind, scalers: Scalers) -> Callable[[Thing], Live]:
    def live(thing: Thing) -> Live:
        spec = mapping(mapping(thing.spec.get("jobTemplate")).get("spec")) if kind == "CronJob" else thing.spec
        template = mapping(spec.get("template"))
        labels = mapping(mapping(template.get("metadata")).get("labels"))
        pod_spec = mapping(template.get("spec"))
        pod = read_pod(pod_spec, has_claims=bool(thing.spec.get("volumeClaimTemplates")))
        ref = WorkloadRef(kind, thing.namespace, thing.name)
        aim = (kind, ref.namespace, ref.name)
        workload = LiveWorkload(
            ref,
            _replicas(thing, spec),
            pod,
            _strategy(thing),
            hpa=scalers.hpas.get(aim),
            scaled_object=scalers.scaled_objects.get(aim),
            vpa=_vpa(scalers.vpas.get(aim), pod),
            is_parallel=thing.spec.get("podManagementPolicy") == "Parallel",
            drops_claims=_on_scale_in(thing) == "Delete",
            is_paused=thing.spec.get("paused") is True,
            is_suspended=kind == "Job" and thing.spec.get("suspend") is True and not thing.status.get("active"),
            controller=thing.controller,
            claims=_claims(thing),
            generation=optional_number(mapping(thing.body.get("metadata")).get("generation")),
        )
        return Live(workload, labels, pod_spec)

    return live


def _claims(thing: Thing) -> Amounts:
    """By resource of a quota (persistent_volume_claims.go); claims of a storage class count for that class as well."""
    total: dict[str, Quantity] = {}
    for claim in map(mapping, sequence(thing.spec.get("volumeClaimTemplates"))):
        spec = mapping(claim.get("spec"))
        storage = dict(read_amounts(mapping(spec.get("resources")).get("requests"))).get("storage")
        charged = {"persistentvolumeclaims": _ONE} | ({"requests.storage": storage} if storage else {})
        storage_class = spec.get("storageClassName")
        prefixes = ("", f"{storage_class}.storageclass.storage.k8s.io/") if storage_class else ("",)
        for prefix in prefixes:
            for name, one in charged.items():
                key = f"{prefix}{name}"
                total[key] = total[key] + one if key in total else one
    return amounts(total)


def _vpa(seen: SeenVpa | None, pod: Pod) -> LiveVpa | None:
    return seen.over(one.name for one in pod.containers) if seen else None


def _on_scale_in(thing: Thing) -> Value:
    return mapping(thing.spec.get("persistentVolumeClaimRetentionPolicy")).get("whenScaled")


def _replicas(thing: Thing, spec: Mapping[str, Value]) -> int:
    if thing.kind == "DaemonSet":
        return whole_number(thing.status.get("desiredNumberScheduled", 0))
    if thing.kind in ("Job", "CronJob"):
        return whole_number(spec.get("parallelism", 1))
    return whole_number(spec.get("replicas", 1))


def _strategy(thing: Thing) -> Strategy:
    written = mapping(thing.spec.get(_STRATEGIES.get(thing.kind, "")))
    rolling = mapping(written.get("rollingUpdate"))
    return Strategy(
        optional_text(written.get("type")),
        optional_bound(rolling.get("maxSurge")),
        optional_bound(rolling.get("maxUnavailable")),
        optional_number(rolling.get("partition")) or None,
    )
