"""Families of rules: one module of core/rules each, loaded only if one of its rules could fire."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import NamedTuple

from infra_scale.core.ruling.catalogue import Rule, Subject
from infra_scale.model.workload import BATCH


class Family(NamedTuple):
    """A module of rules, and the facts without which none of them can fire."""

    module: str
    ids: tuple[str, ...]
    applies: Callable[[Subject], bool]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its rules, in the order of declaration."""
        return _loaded(self.module)


@cache
def _loaded(module: str) -> tuple[Rule, ...]:
    declared = vars(import_module(f"infra_scale.core.rules.{module}"))
    return tuple(value for value in declared.values() if isinstance(value, Rule))


def _family(module: str, ids: str, applies: Callable[[Subject], bool]) -> Family:
    return Family(module, tuple(ids.split()), applies)


def _in_snapshot(subject: Subject) -> bool:
    return bool(subject.sites)


def _described(subject: Subject) -> bool:
    """Whether manifests or a snapshot describe the workload."""
    return subject.base is not None or bool(subject.sites)


def _sets_resources(subject: Subject) -> bool:
    return subject.workload.requests is not None or subject.workload.limits is not None


def _is_batch(subject: Subject) -> bool:
    workload = subject.workload
    return workload.ref.kind in BATCH or workload.parallelism is not None or workload.suspend is not None


FAMILIES = (
    _family("replicas", "REP-001 REP-002 REP-003 KIND-001", lambda one: one.workload.replicas is not None),
    _family("jobs", "KIND-005 KIND-006 KIND-007 KIND-008 KIND-009", _is_batch),
    _family("live", "REP-004 REP-005 KIND-003 KIND-004 RES-005 HPA-016 HPA-018 HPA-019 OWN-008", _in_snapshot),
    _family(
        "hpa",
        "HPA-001 HPA-002 HPA-003 HPA-004 HPA-008 HPA-009 HPA-010 HPA-013 HPA-014 HPA-015",
        lambda one: one.workload.hpa is not None or one.workload.keda is not None,
    ),
    _family("competing_autoscalers", "HPA-007 HPA-011 HPA-012 MAN-003", _described),
    _family("metrics", "HPA-005 HPA-006 HPA-017", lambda one: one.workload.hpa is not None),
    _family(
        "keda",
        "KEDA-001 KEDA-002 KEDA-003 KEDA-004 KEDA-005 KEDA-006 KEDA-007 KEDA-008 KEDA-009 KEDA-010 KEDA-011 KEDA-012",
        lambda one: one.workload.keda is not None,
    ),
    _family(
        "vpa",
        "VPA-001 VPA-002 VPA-003 VPA-004 VPA-005 VPA-006 VPA-007",
        lambda one: one.workload.vpa is not None or _in_snapshot(one),
    ),
    _family(
        "manifests",
        "MAN-005 MAN-006 MAN-007 MAN-008",
        lambda one: one.base is not None or one.absence is not None,
    ),
    _family("builds", "MAN-009 MAN-010 MAN-011 MAN-012 MAN-013", lambda one: bool(one.faults)),
    _family(
        "helm",
        "HLM-001 HLM-002 HLM-003 HLM-004 HLM-005 HLM-006 HLM-008",
        lambda one: (
            (one.base is not None and one.base.chart is not None)
            or (one.absence is not None and bool(one.absence.chart))
            or any(fault.kind in ("overridden", "contradicts") for fault in one.faults)
        ),
    ),
    _family(
        "ownership",
        "OWN-001 OWN-002 OWN-003 OWN-004 OWN-005 OWN-006",
        lambda one: one.base is not None or one.workload.handover is not None,
    ),
    _family("rollouts", "OWN-009 OWN-010", lambda one: one.base is not None),
    _family(
        "resources",
        "RES-001 RES-002 RES-004 RES-006 RES-007 RES-011",
        lambda one: _sets_resources(one) or _in_snapshot(one),
    ),
    _family("amounts", "QTY-005 QTY-006", _sets_resources),
    _family("pod_resources", "RES-012 RES-013", _in_snapshot),
    _family("containers", "RES-008 RES-009 RES-014", _described),
    _family("qos", "RES-003", lambda one: _sets_resources(one) and _described(one)),
    _family("availability", "AVL-001 AVL-002 AVL-005", _described),
    _family(
        "placement",
        "AVL-003 AVL-004 CAP-001 CAP-002 CAP-003 CAP-005 CAP-007 RES-010",
        _in_snapshot,
    ),
    _family("clusters", "CAP-004 CAP-006", _in_snapshot),
    _family("quotas", "LIM-001 LIM-002 LIM-003 QUO-001 QUO-002 QUO-003 QUO-004 QUO-005", _in_snapshot),
    _family("cost", "COST-001", lambda one: one.cost is not None),
)
"""In the order in which findings are listed."""

_BY_ID = {id: family for family in FAMILIES for id in family.ids}


def family_of(id: str) -> Family | None:
    """The family of a rule; None where no rule about workloads has this id."""
    return _BY_ID.get(id)


def rule_of(id: str) -> Rule | None:
    """A rule about workloads by its id; only its family is loaded."""
    family = _BY_ID.get(id)
    return next(rule for rule in family.rules if rule.id == id) if family else None
