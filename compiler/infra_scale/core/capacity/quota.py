"""ResourceQuota: the charges of the pods of a namespace, and the rest for the plans of that namespace.

Source: quota/v1/evaluator/core/pods.go; admission resourcequota: used + delta must not exceed hard, where delta is
above zero. All plans of one namespace are summed up: two plans that fit alone may not fit together.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.amounts import ByResource
from infra_scale.core.capacity.pods import is_best_effort, pod_limits, pod_requests
from infra_scale.model.capacity import HpaMaxExceeded, Load, MustSpecify, QuotaExceeded, QuotaFault
from infra_scale.model.pod import Pod, Requirement
from infra_scale.model.quantity import NANO, Quantity
from infra_scale.model.snapshot import NamespaceState, Quota
from infra_scale.model.verdict import Scenario
from infra_scale.model.workload import WorkloadRef

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_MUST_BE_SET = ("cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory")
"""If a quota has one of these, every container has to set it (validationSet in pods.go)."""
_ONE = Quantity(NANO, "decimal")
_NONE = Quantity(0, "decimal")


class Quotas(NamedTuple):
    """The verdict of a namespace's quotas on all of its plans."""

    faults: tuple[QuotaFault, ...]
    """By quota, resource and workload."""
    replicas: Mapping[WorkloadRef, int]
    """The number of admitted pods of each workload, with all other plans; none if no quota limits it."""


def quotas_of(namespace: NamespaceState, loads: Sequence[Load]) -> Quotas:
    """Check every quota of a namespace with all of its plans together; the order of `loads` does not matter."""
    ordered = sorted(loads, key=lambda load: load.ref.order)
    faults: list[QuotaFault] = []
    replicas: dict[WorkloadRef, int] = {}
    for quota in sorted(namespace.quotas, key=lambda quota: quota.name):
        faults += (
            MustSpecify(load.ref, quota.name, missing)
            for load in ordered
            if load.counts["hpaMax"] and (missing := unspecified(quota, load.pod))
        )
        accounts = [_account(quota, load) for load in ordered]
        for name, _ in quota.hard:
            line = _Line(quota, name, accounts)
            faults += line.faults()
            for ref, most in line.replicas():
                replicas[ref] = min(most, replicas.get(ref, most))
    return Quotas(tuple(faults), replicas)


def charge(quota: Quota, pod: Pod) -> ByResource:
    """The charge of one such pod to a quota, by resource; empty if the quota does not count it."""
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
            return False  # as in pods.go: such a quota does not count pods


def _has_priority(scope: Requirement, priority_class: str | None) -> bool:
    if scope.operator in ("NotIn", "DoesNotExist"):
        return not priority_class or (scope.operator == "NotIn" and priority_class not in scope.values)
    return bool(priority_class) and (scope.operator == "Exists" or priority_class in scope.values)


def unspecified(quota: Quota, pod: Pod) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By the name of the quota's resource: the containers without it, so that the pod is refused."""
    if pod.requests or pod.limits or not _is_about(quota, pod):
        return ()
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
    return tuple(sorted(missing.items()))


class _Account(NamedTuple):
    """The charge of one pod of a workload to a quota, before and after."""

    load: Load
    old: ByResource
    new: ByResource


def _account(quota: Quota, load: Load) -> _Account:
    return _Account(load, charge(quota, load.pod_before) if load.pod_before else {}, charge(quota, load.pod))


_SCENARIOS: tuple[Scenario, ...] = ("requested", "hpaMax")
"""Faults by severity."""


class _Line:
    """One resource of a quota: its free amount, and the change of usage by each workload, in nano."""

    def __init__(self, quota: Quota, name: str, accounts: Sequence[_Account]) -> None:
        self.quota, self.name = quota.name, name
        self.hard, self.used = dict(quota.hard)[name], dict(quota.used).get(name, _NONE)
        self.capacity = max(0, self.hard.nano - self.used.nano)
        self.accounts = [account for account in accounts if name in account.old or name in account.new]
        self.deltas = {scenario: [self._delta(one, scenario) for one in self.accounts] for scenario in _SCENARIOS}
        self.totals = {scenario: sum(deltas) for scenario, deltas in self.deltas.items()}

    def faults(self) -> Iterator[QuotaFault]:
        """The most severe fault for each workload that requests more."""
        for number, (load, _, new) in enumerate(self.accounts):
            over = [
                scenario
                for scenario in _SCENARIOS
                if self.totals[scenario] > self.capacity and _adds(load, scenario) and self.deltas[scenario][number] > 0
            ]
            if over:
                yield self._fault(load, new[self.name], over[0], self._most(number, over[0]))

    def replicas(self) -> Iterator[tuple[WorkloadRef, int]]:
        """The number of admitted pods of each workload."""
        for number, (load, _, new) in enumerate(self.accounts):
            if _nano(new, self.name):
                yield load.ref, self._most(number, "requested")

    def _fault(self, load: Load, one: Quantity, scenario: Scenario, most: int) -> QuotaFault:
        if scenario == "hpaMax":
            maximum = load.counts["hpaMax"]
            return HpaMaxExceeded(load.ref, self.quota, self.name, maximum, one * maximum)
        requested = Quantity(self.totals[scenario], self.used.format if self.used.nano else self.hard.format)
        return QuotaExceeded(load.ref, self.quota, self.name, self.used, requested, self.hard, most)

    def _most(self, number: int, scenario: Scenario) -> int:
        """The number of admitted replicas if everything else is as planned."""
        load, old, new = self.accounts[number]
        others = self.totals[scenario] - self.deltas[scenario][number]
        spare, was, one = self.capacity - others, _nano(old, self.name), _nano(new, self.name)
        if load.restarts:
            kept = min(load.kept, load.existing)
            return max(0, kept + (spare + (load.existing - kept) * was) // max(1, one))
        return max(0, load.existing + spare // max(1, one if spare > 0 else was))

    def _delta(self, account: _Account, scenario: Scenario) -> int:
        """The change of the charge from the existing to the planned pods."""
        load, old, new = account.load, _nano(account.old, self.name), _nano(account.new, self.name)
        total = load.counts[scenario]
        if not load.restarts:  # remaining pods are unchanged
            return (total - load.existing) * (new if total > load.existing else old)
        kept = min(load.kept, load.existing, total)
        return (total - kept) * new - (load.existing - kept) * old


def _adds(load: Load, scenario: Scenario) -> bool:
    """Whether a scenario applies to this workload: its pods differ from the requested ones."""
    return scenario == "requested" or load.counts[scenario] > load.counts["requested"]


def _nano(charged: ByResource, name: str) -> int:
    return charged.get(name, _NONE).nano
