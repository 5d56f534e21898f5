"""What a new pod template does to the pods that run: how many restart, and how many at a time (kubernetes.md §2.4)."""

import re
from typing import NamedTuple, assert_never

from infra_scale.core.planning.ownership import is_scaled_by_base, minimum_of
from infra_scale.model.manifest import Base
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.workload import Kind

_DEFAULT = "25%"
"""maxSurge and maxUnavailable of a Deployment (apps/v1 defaults)."""
_AMOUNT = re.compile(r"([0-9]{1,10})(%?)")
_HUNDRED = 100


class Pods(NamedTuple):
    """How many pods there are: between two numbers, where an autoscaler decides."""

    low: int
    high: int

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low} pod{'' if self.low == 1 else 's'}"
        return f"{self.low} to {self.high} pods"


def pods_of(workload: Workload, request: ScaleRequest, base: Base | None) -> Pods | None:
    """How many pods a restart is about; None where neither request nor manifest says it."""
    autoscaler = request.keda_of(workload) or request.hpa_of(workload)
    if autoscaler and minimum_of(workload, request) is not None:
        return Pods(autoscaler.minimum, autoscaler.maximum)
    if is_scaled_by_base(base):
        return None
    count = workload.replicas if workload.replicas is not None else base.replicas if base else None
    return None if count is None else Pods(count, count)


def restart(kind: Kind, base: Base | None, pods: Pods | None) -> str:
    """What a new pod template does."""
    match kind:
        case "Deployment":
            return _of_deployment(base, pods)
        case "StatefulSet":
            if base and base.strategy == "OnDelete":
                return _BY_HAND
            return f"restart of {pods or 'every pod'}, one at a time, from the last to the first"
        case "DaemonSet":
            return _of_daemonset(base)
        case "ReplicaSet":
            return "running pods keep what they have; only new ones get it"
        case "Job":
            return "refused while the Job exists"
        case "CronJob":
            return "future runs only; a run that has begun keeps what it has"
        case _:
            assert_never(kind)


_BY_HAND = "no restart; each pod gets it when somebody deletes it (update strategy OnDelete)"


def _of_deployment(base: Base | None, pods: Pods | None) -> str:
    if base and base.strategy == "Recreate":
        return f"{f'all of {pods}' if pods else 'every pod'} stop before the first new one starts: an outage (Recreate)"
    surge, unavailable = _read(base.surge if base else None), _read(base.unavailable if base else None)
    more, fewer = _share(surge, pods, up=True), _share(unavailable, pods, up=False)
    if more == fewer == Pods(0, 0):
        fewer = Pods(1, 1)  # ResolveFenceposts: a rolling update must be able to move
    said = f"{_amount('surge', surge, more, 'more')}, {_amount('unavailable', unavailable, fewer, 'fewer')}"
    return f"rolling restart of {pods or 'every pod'}, {said}{_provenance(base)}"


def _provenance(base: Base | None) -> str:
    if base is None:
        return ", unless its manifest says otherwise"
    if base.surge and base.unavailable:
        return ""
    if base.surge or base.unavailable:
        return f", {'maxUnavailable' if base.surge else 'maxSurge'} by Kubernetes' default"
    return ", Kubernetes' defaults"


def _of_daemonset(base: Base | None) -> str:
    if base and base.strategy == "OnDelete":
        return _BY_HAND
    if base is None:
        return "the pod of every node is replaced, unless the update strategy is OnDelete"
    fewer, more = _read(base.unavailable, default="1"), _read(base.surge, default="0")
    # Kubernetes takes only one of the two that is not 0 (ValidateRollingUpdateDaemonSet).
    at_a_time, order = (more, ", the new one first") if fewer in ("0", "0%") else (fewer, "")
    return f"the pod of every node is replaced, {at_a_time.replace('%', ' %')} at a time{order}"


def _read(text: str | None, *, default: str = _DEFAULT) -> str:
    """What a manifest says, where it is an amount: anything may stand there."""
    return text if text and _AMOUNT.fullmatch(text) else default


def _amount(name: str, text: str, pods: Pods | None, word: str) -> str:
    shown = text.replace("%", " %")
    if pods is None:
        return f"{name} {shown}"
    count = str(pods.low) if pods.low == pods.high else f"{pods.low} to {pods.high}"
    return f"{name} {shown} ({count} {word})"


def _share(text: str, pods: Pods | None, *, up: bool) -> Pods | None:
    """A number or a percentage of some pods; percentages are rounded up for the surge, else down."""
    found = _AMOUNT.fullmatch(text)
    if pods is None or found is None:
        return None
    amount, is_share = int(found[1]), bool(found[2])
    low, high = (-(-amount * n // _HUNDRED) if up else amount * n // _HUNDRED for n in pods)
    return Pods(low, high) if is_share else Pods(amount, amount)
