"""ResourceQuota: what the pods of a namespace are charged, and what the plans of that namespace may still ask for.

Source: quota/v1/evaluator/core/pods.go; admission resourcequota: used + delta must not exceed hard, where delta is
above zero. Everything that is planned for one namespace is summed up: two plans that fit alone may not fit together.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.amounts import ByResource
from infra_scale.core.capacity.demand import Load, Scenario, by_name
from infra_scale.core.capacity.pods import is_best_effort, pod_limits, pod_requests
from infra_scale.model.pod import Pod, Requirement
from infra_scale.model.quantity import NANO, Quantity
from infra_scale.model.snapshot import NamespaceState, Quota
from infra_scale.model.workload import WorkloadRef

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_MUST_BE_SET = ("cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory")
"""Where a quota has one of these, every container has to say it (validationSet in pods.go)."""
_ONE = Quantity(NANO, "decimal")
_NONE = Quantity(0, "decimal")


class QuotaExceeded(NamedTuple):
    """The pods that are asked for exceed a quota (QUO-001)."""

    ref: WorkloadRef
    quota: str
    resource: str
    used: Quantity
    requested: Quantity
    """By everything that is planned for the namespace."""
    hard: Quantity
    replicas: int
    """How many of this workload are admitted, beside everything else that is planned."""

    @property
    def text(self) -> str:
        """The finding's message."""
        return f"{_sum(self)}; at most {self.replicas} replicas fit."


class SurgeExceeded(NamedTuple):
    """The pods fit, but a rolling update needs more for a while (QUO-002)."""

    ref: WorkloadRef
    quota: str
    resource: str
    used: Quantity
    requested: Quantity
    hard: Quantity
    surge: int
    """How many pods the update runs beside those that are wanted."""

    @property
    def text(self) -> str:
        """The finding's message."""
        return f"{_sum(self)} during rollout; {self.ref} needs {self.surge} more pods for a while."


class HpaMaxExceeded(NamedTuple):
    """The pods fit, but not those that its HPA may grow to (QUO-003)."""

    ref: WorkloadRef
    quota: str
    resource: str
    maximum: int
    needed: Quantity
    """By this workload at its maximum."""
    replicas: int

    @property
    def text(self) -> str:
        """The finding's message."""
        return (
            f"HPA max {self.maximum} needs {self.resource} {self.needed} for {self.ref}; "
            f"quota {self.quota} caps at {self.replicas} replicas"
        )


class MustSpecify(NamedTuple):
    """A quota refuses pods that leave out what it counts (QUO-004)."""

    ref: WorkloadRef
    quota: str
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """By the name of the quota's resource: the containers."""

    @property
    def text(self) -> str:
        """The finding's message, as the API server says it."""
        return "must specify " + "; ".join(f"{resource} for: {','.join(names)}" for resource, names in self.missing)


QuotaFault = QuotaExceeded | SurgeExceeded | HpaMaxExceeded | MustSpecify


def quota_faults(namespace: NamespaceState, loads: Sequence[Load]) -> tuple[QuotaFault, ...]:
    """What the quotas of a namespace refuse about everything that is planned for it, by quota and workload."""
    ordered = sorted(loads, key=by_name)
    faults: list[QuotaFault] = []
    for quota in sorted(namespace.quotas, key=lambda quota: quota.name):
        concerned = [load for load in ordered if _is_about(quota, load.pod) or _before(quota, load)]
        faults += (fault for load in concerned if (fault := _must_specify(quota, load)))
        faults += _exceeded(quota, concerned)
    return tuple(faults)


def max_replicas(namespace: NamespaceState, loads: Sequence[Load], ref: WorkloadRef) -> int | None:
    """How many replicas of a workload the quotas admit beside everything else; None where none limits it."""
    own = next(load for load in loads if load.ref == ref)
    most = [
        _most(quota, name, loads, own, "requested")
        for quota in namespace.quotas
        for name, one in charge(quota, own.pod).items()
        if one.nano > 0 and name in dict(quota.hard)
    ]
    return min(most, default=None)


def charge(quota: Quota, pod: Pod) -> ByResource:
    """What one such pod is charged by a quota, by its resource; nothing where the quota is not about it."""
    if not _is_about(quota, pod):
        return {}
    charged = {"pods": _ONE, "count/pods": _ONE}
    for name, one in pod_requests(pod):
        charged[f"requests.{name}"] = one
        if name in _COMPUTE or name.startswith("hugepages-"):
            charged[name] = one
    charged |= {f"limits.{name}": one for name, one in pod_limits(pod) if name in _COMPUTE}
    counted = dict(quota.hard)
    return {name: one for name, one in charged.items() if name in counted}


def _is_about(quota: Quota, pod: Pod) -> bool:
    return all(_is_in_scope(scope, pod) for scope in quota.scopes)


def _is_in_scope(scope: Requirement, pod: Pod) -> bool:
    match scope.key:
        case "Terminating":
            return pod.is_terminating
        case "NotTerminating":
            return not pod.is_terminating
        case "BestEffort":
            return is_best_effort(pod)
        case "NotBestEffort":
            return not is_best_effort(pod)
        case "CrossNamespacePodAffinity":
            return pod.has_cross_namespace_affinity
        case "PriorityClass":
            return _has_priority(scope, pod.priority_class)
        case _:
            return False  # as in pods.go: such a quota is not about pods


def _has_priority(scope: Requirement, priority_class: str | None) -> bool:
    if scope.operator in ("NotIn", "DoesNotExist"):
        return not priority_class or (scope.operator == "NotIn" and priority_class not in scope.values)
    return bool(priority_class) and (scope.operator == "Exists" or priority_class in scope.values)


def _must_specify(quota: Quota, load: Load) -> MustSpecify | None:
    pod = load.pod
    if pod.requests or pod.limits or not _is_about(quota, pod) or not load.counts["hpaMax"]:
        return None
    missing: dict[str, tuple[str, ...]] = {}
    for resource in _MUST_BE_SET:
        kind, _, name = resource.rpartition(".")
        lacking = {
            container.name
            for container in (*pod.containers, *pod.init_containers)
            if name not in dict(container.limits if kind == "limits" else container.requests)
        }
        if lacking and resource in dict(quota.hard):
            missing[resource] = tuple(sorted(lacking))
    return MustSpecify(load.ref, quota.name, tuple(sorted(missing.items()))) if missing else None


def _exceeded(quota: Quota, loads: Sequence[Load]) -> Iterator[QuotaFault]:
    """The gravest fault of each resource for each workload that asks for more of it."""
    for name, _ in quota.hard:
        total = {scenario: sum(_delta(quota, name, load, scenario) for load in loads) for scenario in _SCENARIOS}
        for load in loads:
            over = [
                scenario
                for scenario in _SCENARIOS
                if total[scenario] > _room(quota, name)
                and _adds(load, scenario)
                and _delta(quota, name, load, scenario) > 0
            ]
            if over:
                yield _fault(_Case(quota, name, loads, over[0], total[over[0]]), load)


_SCENARIOS: tuple[Scenario, ...] = ("requested", "surge", "hpaMax")
"""By gravity."""


def _adds(load: Load, scenario: Scenario) -> bool:
    """Whether a scenario is about this workload: it has pods there that it has not as requested."""
    return scenario == "requested" or load.counts[scenario] > load.counts["requested"]


class _Case(NamedTuple):
    """One resource of a quota that is exceeded."""

    quota: Quota
    name: str
    loads: Sequence[Load]
    scenario: Scenario
    total: int


def _fault(case: _Case, load: Load) -> QuotaFault:
    quota, name, loads, scenario, total = case
    hard, used = dict(quota.hard)[name], dict(quota.used).get(name, _NONE)
    requested = Quantity(total, used.format if used.nano else hard.format)
    if scenario == "surge":
        extra = load.counts["surge"] - load.counts["requested"]
        return SurgeExceeded(load.ref, quota.name, name, used, requested, hard, extra)
    most = _most(quota, name, loads, load, scenario)
    if scenario == "requested":
        return QuotaExceeded(load.ref, quota.name, name, used, requested, hard, most)
    maximum = load.counts["hpaMax"]
    return HpaMaxExceeded(load.ref, quota.name, name, maximum, charge(quota, load.pod)[name] * maximum, most)


def _room(quota: Quota, name: str) -> int:
    """How much more a quota admits of a resource, in nano."""
    return max(0, dict(quota.hard)[name].nano - dict(quota.used).get(name, _NONE).nano)


def _delta(quota: Quota, name: str, load: Load, scenario: Scenario) -> int:
    """By how much the charge of a workload changes, in nano; `surge` is the peak of a rolling update.

    While it rolls there are at most as many pods as wanted and the surge, and no more new ones than wanted.
    """
    new, old = _of(charge(quota, load.pod), name), _of(_before(quota, load), name)
    wanted = load.counts["requested"] if scenario == "surge" else load.counts[scenario]
    change = wanted * new - load.before * old
    if scenario != "surge" or load.counts["surge"] == wanted:
        return change
    total = load.counts["surge"]
    left = min(load.before, total - wanted)
    first = min(load.before, total)
    peaks = (wanted * new + left * old, min(wanted, total - first) * new + first * old)
    return max(peaks) - load.before * old


def _most(quota: Quota, name: str, loads: Sequence[Load], own: Load, scenario: Scenario) -> int:
    """How many replicas of `own` the quota admits while everything else is as planned."""
    others = sum(_delta(quota, name, load, scenario) for load in loads if load.ref != own.ref)
    freed = own.before * _of(_before(quota, own), name)
    return max(0, (_room(quota, name) + freed - others) // charge(quota, own.pod)[name].nano)


def _before(quota: Quota, load: Load) -> ByResource:
    return charge(quota, load.pod_before) if load.pod_before else {}


def _of(charged: Mapping[str, Quantity], name: str) -> int:
    return charged.get(name, _NONE).nano


def _sum(fault: QuotaExceeded | SurgeExceeded) -> str:
    return (
        f"ResourceQuota {fault.quota}: {fault.resource} used {fault.used} + requested {fault.requested} "
        f"> hard {fault.hard}"
    )
