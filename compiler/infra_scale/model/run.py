"""Run: one execution of a plan, as its journal in the cluster and its record on disk keep it.

A step is one field of one object, or one whole object, with its value before and after: the inverse swaps the two.
"""

from datetime import datetime
from typing import Literal, NamedTuple, get_args

from infra_scale.model.step import ObjectRef

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A value of the Kubernetes API."""

Command = Literal["apply", "rollback"]
ActionName = Literal["scale_workload", "scale_job", "update_resources", "apply_autoscaler", "remove_autoscaler"]
RunState = Literal[
    "open",
    "succeeded",
    "already_applied",
    "refused",
    "stopped",
    "rolled_back",
    "needs_attention",
    "awaiting_sync",
    "superseded",
]
ClusterState = Literal[
    "not_started",
    "running",
    "succeeded",
    "already_applied",
    "refused",
    "stopped",
    "rolled_back",
    "needs_attention",
    "awaiting_sync",
    "superseded",
    "unreachable",
]
StepState = Literal[
    "planned",
    "writing",
    "written",
    "healthy",
    "already_applied",
    "skipped",
    "changed_by_other",
    "failed",
    "undoing",
    "undone",
    "undo_failed",
]
COMMANDS: tuple[Command, ...] = get_args(Command)
ACTION_NAMES: tuple[ActionName, ...] = get_args(ActionName)
RUN_STATES: tuple[RunState, ...] = get_args(RunState)
CLUSTER_STATES: tuple[ClusterState, ...] = get_args(ClusterState)
STEP_STATES: tuple[StepState, ...] = get_args(StepState)

WROTE: tuple[StepState, ...] = ("written", "healthy", "failed", "undoing")
"""The states of a step whose value of `after` may be in the cluster, and which a rollback undoes."""


class RunStep(NamedTuple):
    """One write."""

    action: ActionName
    ref: ObjectRef
    uid: str
    """The UID of the object before the write; empty for an object that the write creates."""
    path: str
    """A JSON pointer (RFC 6901) to the field; empty for the whole object."""
    before: Json
    """None: the field or the object is absent."""
    after: Json
    container: str = ""
    """The container whose resources the path points at; its index may have changed since."""
    state: StepState = "planned"
    revision: str = ""
    """For a pod template: the revision of the workload before the write, for `kubectl rollout undo --to-revision`."""
    at: datetime | None = None
    """The time of its state; None while it is planned."""
    message: str = ""
    """Why it is skipped, or why it failed, in the words of the API server."""

    @property
    def inverse(self) -> "RunStep":
        """The write that restores `before`."""
        return self._replace(before=self.after, after=self.before)


class RunCluster(NamedTuple):
    """The part of a run on one cluster."""

    name: str
    context: str
    """The kubectl context."""
    uid: str
    """The digest of the UID of its kube-system namespace, as snapshots have it."""
    wave: int
    state: ClusterState = "not_started"
    steps: tuple[RunStep, ...] = ()
    """In the order of execution."""


class RunPlan(NamedTuple):
    """The plan that is executed."""

    path: str
    digest: str
    """sha256 of the bytes of the plan file: `sha256:` and 64 hexadecimal digits."""
    commit: str
    """The commit that it was compiled from; empty outside of a repository with commits."""


class Actor(NamedTuple):
    """The account that runs it."""

    name: str
    via: str
    """`github-actions`, `ci` or `terminal`."""
    url: str = ""
    """The page of the workflow run; empty on a terminal."""


class Run(NamedTuple):
    """One execution of one plan."""

    id: str
    """The start in UTC and six random hexadecimal digits: 20261130T134500Z-3f9a2c."""
    command: Command
    target: str
    request: str
    """The path of the request file."""
    plan: RunPlan
    actor: Actor
    started_at: datetime
    clusters: tuple[RunCluster, ...]
    """In the order of execution."""
    state: RunState = "open"
    finished_at: datetime | None = None
    reason: str = ""
    """Why it was refused, stopped or rolled back; of a rollback by hand: the given reason."""
