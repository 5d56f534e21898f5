"""Verdict: will the pods fit? Yes, after more nodes, depending on the order of events, no, or unknown for a reason.

"Not checked" is an answer of its own: it is never a yes, and never an empty list.
"""

from typing import Literal, NamedTuple

from infra_scale.model.tagged import tagged


@tagged
class Unknown(NamedTuple):
    """It could not be worked out."""

    reason: str


@tagged
class Fits(NamedTuple):
    """All pods have a place on nodes that are there."""

    placeable: int
    """How many would have a place if nothing else were planned."""


class Growth(NamedTuple):
    """Nodes that a pool would add."""

    pool: str
    added: int
    current: int
    maximum: int


@tagged
class FitsAfterScaleup(NamedTuple):
    """All pods have a place once node pools have grown, within their bounds."""

    placed: int
    """On nodes that are there."""
    wanted: int
    growth: tuple[Growth, ...]


class Shortage(NamedTuple):
    """Why some nodes take no further pod."""

    reason: str
    """In the scheduler's words."""
    nodes: tuple[str, ...]
    """By pool and id."""


@tagged
class FitsDependingOnOrder(NamedTuple):
    """All pods have a place in some order of events and not in another; the real order is unknown."""

    placed: int
    """How many of them have a place in the worst order."""
    wanted: int


Cause = Literal["room", "rollout", "quota", "refused"]
"""No node has room; the rollout stalls although there would be room at its end; a quota admits no more pods; the API
server accepts no such pod."""


@tagged
class DoesNotFit(NamedTuple):
    """Not all pods were found a place, with every pool grown to its maximum."""

    placed: int
    wanted: int
    shortages: tuple[Shortage, ...]
    exhausted: tuple[Growth, ...]
    """The pools that could hold the pod and cannot grow any further."""
    is_proven: bool
    """Whether there is no placement at all; otherwise first fit, in several orders, has found none."""
    is_too_large: bool
    """Whether one pod is larger than any node that there is or could be."""
    cause: Cause = "room"
    quota: str = ""
    """The quota that admits no more, where that is the cause."""


Verdict = Fits | FitsAfterScaleup | FitsDependingOnOrder | DoesNotFit | Unknown
Status = Literal["fits", "fits_after_scaleup", "fits_depending_on_order", "does_not_fit", "unknown"]
Scenario = Literal["requested", "hpaMin", "hpaMax", "surge"]
"""As requested, every autoscaler at its minimum, every one at its maximum, and in the middle of a rolling update."""

_STATUS: dict[type[Verdict], Status] = {
    Fits: "fits",
    FitsAfterScaleup: "fits_after_scaleup",
    FitsDependingOnOrder: "fits_depending_on_order",
    DoesNotFit: "does_not_fit",
    Unknown: "unknown",
}


_ORDER: tuple[Status, ...] = ("fits", "fits_after_scaleup", "fits_depending_on_order", "does_not_fit")


def is_worse(verdict: Verdict, than: Verdict) -> bool:
    """Whether less fits. What is unknown compares with nothing."""
    known = (status(verdict), status(than))
    return "unknown" not in known and _ORDER.index(known[0]) > _ORDER.index(known[1])


def status(verdict: Verdict) -> Status:
    """The word for a verdict in plans and JSON."""
    return _STATUS[type(verdict)]


def no_snapshot(cluster: str) -> Unknown:
    """Why nothing is known of a cluster without a snapshot."""
    return Unknown(f"no snapshot for cluster {cluster}")
