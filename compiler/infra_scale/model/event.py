"""Event: what happened to a plan, a run or a cluster, as history stores it and messages announce it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Occurrence:
    at: datetime
    """Aware."""
    actor: str
    """The account that caused it; empty where it is unknown."""
    repository: str
    """owner/name."""
    target: str
    request: str | None = None
    """The path of one request; None: the event is about the whole target."""
    digest: str | None = None
    """Of the proposal or plan; None: the event is about none."""
    run: str | None = None
    """The id of a run; None: it happened outside of one."""


class PlanProposed(_Occurrence):
    """An approval pull request was opened."""

    __slots__ = ()


class PlanChanged(_Occurrence):
    """A pull request was updated to other plans."""

    __slots__ = ()


class PlanApproved(_Occurrence):
    """Plans have every approval that they need."""

    __slots__ = ()


class PlanRefused(_Occurrence):
    """A reviewer requested changes, or no approver can approve the plans."""

    __slots__ = ()


class PlanMerged(_Occurrence):
    """Plans reached the base branch."""

    __slots__ = ()


class ProposalClosed(_Occurrence):
    """A pull request was closed because the base branch holds its content."""

    __slots__ = ()


class RunStarted(_Occurrence):
    """A run began to apply or roll back a plan."""

    __slots__ = ()


class StepDone(_Occurrence):
    """A step of a run took effect and is healthy."""

    __slots__ = ()


class StepFailed(_Occurrence):
    """A step of a run was refused, timed out or became unhealthy."""

    __slots__ = ()


class RunFinished(_Occurrence):
    """A run ended with its plan applied."""

    __slots__ = ()


class RunRolledBack(_Occurrence):
    """A run ended with the previous state restored."""

    __slots__ = ()


class DriftFound(_Occurrence):
    """A live object differs from its plan."""

    __slots__ = ()


class DriftAdopted(_Occurrence):
    """A request was changed to a live value."""

    __slots__ = ()


class FreezeOverridden(_Occurrence):
    """A run started during a freeze, with a reason."""

    __slots__ = ()


class RequestExpired(_Occurrence):
    """A request reached its expiry date."""

    __slots__ = ()


class RecommendationTaken(_Occurrence):
    """A request was changed to a recommended value."""

    __slots__ = ()


Event = (
    PlanProposed
    | PlanChanged
    | PlanApproved
    | PlanRefused
    | PlanMerged
    | ProposalClosed
    | RunStarted
    | StepDone
    | StepFailed
    | RunFinished
    | RunRolledBack
    | DriftFound
    | DriftAdopted
    | FreezeOverridden
    | RequestExpired
    | RecommendationTaken
)
"""The closed union of all events."""
