"""Verdict: will the pods fit? Yes, after more nodes, depending on the order of events, no, or unknown for a reason.

"Not checked" is a separate result: never fits, and never an empty list.
"""

from typing import Literal, NamedTuple

from infra_scale.model.tagged import tagged


@tagged
class Unknown(NamedTuple):
    """The verdict could not be computed."""

    reason: str


@tagged
class Fits(NamedTuple):
    """All pods fit on existing nodes."""

    placeable: int
    """How many would fit without other plans."""


class Growth(NamedTuple):
    """Nodes that a pool would add."""

    pool: str
    added: int
    current: int
    maximum: int


@tagged
class FitsAfterScaleup(NamedTuple):
    """All pods fit after node pools have grown within their limits."""

    placed: int
    """On existing nodes."""
    wanted: int
    growth: tuple[Growth, ...]


class Shortage(NamedTuple):
    """Why some nodes cannot run another pod."""

    reason: str
    """In the scheduler's words."""
    nodes: tuple[str, ...]
    """By pool and id."""


@tagged
class FitsDependingOnOrder(NamedTuple):
    """All pods fit in some order of events and not in another; the real order is unknown."""

    placed: int
    """How many of them fit in the worst order."""
    wanted: int


Cause = Literal["room", "rollout", "quota", "refused"]
"""No node has capacity; the rollout stalls although its final state fits; a quota admits no more pods; the API server
rejects the pod."""


@tagged
class DoesNotFit(NamedTuple):
    """Not all pods fit, even with every pool at its maximum."""

    placed: int
    wanted: int
    shortages: tuple[Shortage, ...]
    exhausted: tuple[Growth, ...]
    """The pools that could hold the pod and cannot grow any further."""
    is_proven: bool
    """Whether no placement exists; otherwise first fit, in several orders, found none."""
    is_too_large: bool
    """Whether one pod is larger than any existing or possible node."""
    cause: Cause = "room"
    quota: str = ""
    """The exceeded quota, if that is the cause."""


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
    """Whether it is a worse verdict. Unknown is not comparable."""
    known = (status(verdict), status(than))
    return "unknown" not in known and _ORDER.index(known[0]) > _ORDER.index(known[1])


def status(verdict: Verdict) -> Status:
    """The word for a verdict in plans and JSON."""
    return _STATUS[type(verdict)]


def no_snapshot(cluster: str) -> Unknown:
    """Why nothing is known of a cluster without a snapshot."""
    return Unknown(f"no snapshot for cluster {cluster}")
