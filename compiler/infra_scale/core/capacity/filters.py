"""The nodes that a pod may run on: the scheduler's filters that a snapshot has data for.

Not modelled, because a snapshot has no data: preferred rules, pre-emption by priority, Karpenter. Other conditions
that are not modelled make a verdict unknown (`unmodelled_text`).
"""

from collections.abc import Mapping

from infra_scale.model.pod import Labels, Requirement, Scheduling, Spread, Taint, Toleration, Unmodelled

HOSTNAME = "kubernetes.io/hostname"
"""Every node has it, with a unique value; a snapshot omits it."""

UNSCHEDULABLE = "node(s) were unschedulable"
TAINTED = "node(s) had untolerated taint(s)"
NOT_SELECTED = "node(s) didn't match Pod's node affinity/selector"
ALONE = "node(s) didn't match pod anti-affinity rules"
PORT_TAKEN = "node(s) didn't have free ports for the requested pod ports"
UNSPREAD = "node(s) didn't match pod topology spread constraints"

_CORDONED = Taint("node.kubernetes.io/unschedulable", "", "NoSchedule")


def refusal(scheduling: Scheduling, labels: Labels, taints: tuple[Taint, ...], *, is_unschedulable: bool) -> str | None:
    """Why a pod may not run on a node, in the scheduler's words and order; None if it may."""
    if is_unschedulable and not _tolerates(scheduling.tolerations, _CORDONED):
        return UNSCHEDULABLE
    if not all(_tolerates(scheduling.tolerations, taint) for taint in taints):
        return TAINTED
    if not selects(scheduling, labels):
        return NOT_SELECTED
    keys = {HOSTNAME, *(key for key, _ in labels)} if scheduling.spread else ()
    return UNSPREAD if any(spread.topology_key not in keys for spread in scheduling.spread) else None


def makes_domain(spread: Spread, scheduling: Scheduling, node: tuple[Labels, tuple[Taint, ...], bool]) -> bool:
    """Whether a spread constraint counts a node; `node` is its labels, its taints and whether it is cordoned."""
    labels, taints, is_unschedulable = node
    if not spread.ignores_affinity and not selects(scheduling, labels):
        return False
    every = (*taints, _CORDONED) if is_unschedulable else taints
    return not spread.honors_taints or all(_tolerates(scheduling.tolerations, taint) for taint in every)


def unmodelled_text(scheduling: Scheduling) -> str:
    """The scheduling conditions of a pod that are not modelled here, as text."""
    return " and ".join(_UNMODELLED[one] for one in scheduling.unmodelled)


_UNMODELLED: dict[Unmodelled, str] = {
    "podAffinity": "required pod affinity",
    "podAntiAffinity": "required pod anti-affinity",
    "topologySpread": "a topology spread over pods of no known workload, or with minDomains",
    "hostPorts": "a host port of one address",
    "volumes": "volume claims",
    "schedulerName": "a scheduler of its own",
    "schedulingGates": "scheduling gates",
    "resourceClaims": "resource claims",
}


def selects(scheduling: Scheduling, labels: Labels) -> bool:
    """Whether nodeSelector and required node affinity are met."""
    if not scheduling.node_selector and not scheduling.affinity:
        return True
    known = dict(labels)
    if any(known.get(key) != value for key, value in scheduling.node_selector):
        return False
    return not scheduling.affinity or any(
        bool(term) and all(_meets(requirement, known) for requirement in term) for term in scheduling.affinity
    )


def _tolerates(tolerations: tuple[Toleration, ...], taint: Taint) -> bool:
    return taint.effect == "PreferNoSchedule" or any(_is_for(toleration, taint) for toleration in tolerations)


def _is_for(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect not in (None, taint.effect) or toleration.key not in (None, taint.key):
        return False
    return toleration.operator == "Exists" or (toleration.key is not None and toleration.value == taint.value)


def _meets(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value in requirement.values
        case "NotIn":
            return value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            return _is_beyond(requirement, value)


def _is_beyond(requirement: Requirement, value: str | None) -> bool:
    """Gt and Lt compare integers; other values match neither."""
    bound = requirement.values[0] if len(requirement.values) == 1 else ""
    if value is None or not _is_number(value) or not _is_number(bound):
        return False
    return int(value) > int(bound) if requirement.operator == "Gt" else int(value) < int(bound)


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < _DIGITS


_DIGITS = 19
"""A 64-bit number has at most 19 digits."""
