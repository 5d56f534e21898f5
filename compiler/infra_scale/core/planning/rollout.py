"""Effect of a new pod template on running pods: how many restart, and how many at a time (kubernetes.md §2.4)."""

import re
from typing import NamedTuple, assert_never

from infra_scale.core.planning.actions import removed
from infra_scale.core.planning.before import Before
from infra_scale.core.planning.ownership import is_scaled_by_base, minimum_of
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.workload import Kind

_DEFAULT = "25%"
"""maxSurge and maxUnavailable of a Deployment (apps/v1 defaults)."""
_AMOUNT = re.compile(r"([0-9]{1,10})(%?)")
_HUNDRED = 100


class Pods(NamedTuple):
    """A number of pods, or a range with an autoscaler."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.span} pod{'' if self.high == 1 else 's'}"

    @property
    def span(self) -> str:
        """The number, or both."""
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


def pods_of(workload: Workload, request: ScaleRequest, before: Before) -> Pods | None:
    """The number of pods that restart; None if neither request, manifest nor snapshot shows it."""
    autoscaler = request.keda_of(workload) or request.hpa_of(workload)
    if autoscaler and minimum_of(workload, request) is not None:
        return Pods(autoscaler.minimum, autoscaler.maximum)
    live, is_freed = before.live, removed(workload, request) in ("hpa", "keda")
    scaler = (live.hpa or live.scaled_object) if live and not is_freed else None
    if scaler:
        return Pods(scaler.minimum, scaler.maximum)
    if is_scaled_by_base(before.base):
        return None
    known = live.replicas if live else before.base.replicas if before.base else None
    count = known if workload.replicas is None else workload.replicas
    return None if count is None else Pods(count, count)


def restart(kind: Kind, before: Before, pods: Pods | None) -> str:
    """Effect of a new pod template."""
    match kind:
        case "Deployment":
            return _of_deployment(before, pods)
        case "StatefulSet":
            return _of_statefulset(before, pods)
        case "DaemonSet":
            return _of_daemonset(before)
        case "ReplicaSet":
            return "running pods keep their resources; only new ones get the change"
        case "Job":
            return "accepted only if the Job is suspended and has no active pods; pods that start later get it"
        case "CronJob":
            return "future runs only; a started run keeps its resources"
        case "Rollout":
            return "new pods replace the running ones as the steps of the Rollout's strategy allow"
        case _:
            assert_never(kind)


_BY_HAND = "no restart; each pod gets the change when it is deleted (update strategy OnDelete)"


def _of_deployment(before: Before, pods: Pods | None) -> str:
    if before.is_paused:
        return "no restart while the Deployment is paused; the rollout starts when it is resumed"
    if before.strategy == "Recreate":
        return f"{f'all of {pods}' if pods else 'every pod'} stop before the first new one starts: an outage (Recreate)"
    if not before.is_known:
        return f"rolling restart of {pods or 'every pod'}, unless the update strategy is Recreate"
    surge, unavailable = _read(before.surge), _read(before.unavailable)
    more, fewer = _share(surge, pods, up=True), _share(unavailable, pods, up=False)
    if more and fewer:  # ResolveFenceposts: a rolling update must be able to move
        fewer = Pods(*(down if up or down else 1 for up, down in zip(more, fewer, strict=True)))
    said = f"{_amount('surge', surge, more, 'more')}, {_amount('unavailable', unavailable, fewer, 'fewer')}"
    return f"rolling restart of {pods or 'every pod'}, {said}{_provenance(before)}"


def _provenance(before: Before) -> str:
    if before.surge and before.unavailable:
        return ""
    if before.surge or before.unavailable:
        return f", {'maxUnavailable' if before.surge else 'maxSurge'} by Kubernetes' default"
    return ", Kubernetes' defaults"


def _of_statefulset(before: Before, pods: Pods | None) -> str:
    if before.strategy == "OnDelete":
        return _BY_HAND
    if not before.is_known:
        which = pods or "every pod"
        return (
            f"restart of {which} from the last to the first, unless the update strategy is OnDelete or has a partition"
        )
    unavailable = _read(before.unavailable, default="1")
    at_a_time = "one at a time"
    if unavailable != "1":
        shown = unavailable.replace("%", " %")
        at_a_time = f"up to {shown} at a time if the cluster supports maxUnavailable for StatefulSets, else one"
    if not before.partition:
        return f"restart of {pods or 'every pod'}, {at_a_time}, from the last to the first"
    if pods and pods.high <= before.partition:
        return f"no restart; pods below number {before.partition} keep their template (partition)"
    restarted = Pods(max(0, pods.low - before.partition), pods.high - before.partition) if pods else None
    which = f"{restarted.span} of {pods}" if restarted else "pods"
    return f"restart of {which}, {at_a_time}, from the last to number {before.partition} (partition)"


def _of_daemonset(before: Before) -> str:
    if before.strategy == "OnDelete":
        return _BY_HAND
    if not before.is_known:
        return "the pod of every node is replaced, unless the update strategy is OnDelete"
    fewer, more = _read(before.unavailable, default="1"), _read(before.surge, default="0")
    # Kubernetes accepts a value other than 0 for only one of the two (ValidateRollingUpdateDaemonSet).
    at_a_time, order = (more, ", the new one first") if fewer in ("0", "0%") else (fewer, "")
    return f"the pod of every node is replaced, {at_a_time.replace('%', ' %')} at a time{order}"


def _read(text: str | None, *, default: str = _DEFAULT) -> str:
    """The amount in a manifest, if valid: it can be any text."""
    return text if text and _AMOUNT.fullmatch(text) else default


def _amount(name: str, text: str, pods: Pods | None, word: str) -> str:
    shown = text.replace("%", " %")
    return f"{name} {shown}" if pods is None else f"{name} {shown} ({pods.span} {word})"


def _share(text: str, pods: Pods | None, *, up: bool) -> Pods | None:
    """A number or percentage of pods, at most all; percentages are rounded up for the surge, else down.

    A rollout never starts more new pods than the number of replicas (NewRSNewReplicas in deployment/util).
    """
    found = _AMOUNT.fullmatch(text)
    if pods is None or found is None:
        return None
    amount, is_share = int(found[1]), bool(found[2])
    low, high = ((-(-amount * n // _HUNDRED) if up else amount * n // _HUNDRED) if is_share else amount for n in pods)
    return Pods(min(low, pods.low), min(high, pods.high))
