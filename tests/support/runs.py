"""Runs of plans against the look-alike of the API server, in this process, on a clock of their own."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from infra_scale.core.executing.preconditions import Repository
from infra_scale.model.action import Action
from infra_scale.model.plan import PlanMetadata, ScalePlan
from infra_scale.model.run import Actor
from infra_scale.model.workload import Cluster
from infra_scale.ports.cluster import LiveCluster
from infra_scale.usecases.apply import Applied, Applier, OnFailure
from infra_scale.usecases.applying.preparing import Wanted
from infra_scale.usecases.applying.session import Clock, Limits, Means, RunEvent
from infra_scale.usecases.rollback import Undo, rollback
from support.kube_objects import Object
from support.workload_server import all_ready

CLUSTER = Cluster("prod-eu-1", "admin@eu", 0)
ACTOR = Actor("alice", "terminal")


def deployment(name: str = "web", *, replicas: int = 2, annotations: dict[str, str] | None = None) -> Object:
    """A Deployment as it runs before the plan."""
    resources = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
    container = {"name": "app", "image": "example/web:1", "env": [{"name": "TOKEN", "value": "canary"}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop", "annotations": annotations or {}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{**container, "resources": resources}]},
            },
        },
    }


def quota(pods: int) -> Callable[[Object], None]:
    """A controller that may create only so many pods."""

    def controller(item: Object) -> None:
        all_ready(item)
        count = item.get("spec", {}).get("replicas", 0)
        if item["kind"] == "Deployment" and count > pods:
            message = f"exceeded quota: compute, used: pods={pods}, limited: pods={pods}"
            failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
            item["status"] |= {"replicas": pods, "availableReplicas": pods, "conditions": [failure]}

    return controller


def plan(actions: Sequence[Action], name: str = "web") -> ScalePlan:
    """A plan of these actions."""
    metadata = PlanMetadata("prod", name, f"requests/{name}.yaml", None, None, None)
    return ScalePlan(metadata, "shop", "none", None, tuple(actions), (), (), (), ())


class FakeClock:
    """Waiting takes no time."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._start = datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds."""
        self._passed += 0.001
        return self._passed

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self._passed += seconds

    def now(self) -> datetime:
        """The time."""
        return self._start + timedelta(seconds=self.monotonic())


def means(
    connect: Callable[[Cluster], LiveCluster],
    *,
    events: list[RunEvent] | None = None,
    clock: FakeClock | None = None,
    limits: Limits = Limits(120.0, 4.0),  # noqa: B008 (immutable)
) -> Means:
    """With a clock of its own."""
    time = clock or FakeClock()
    told = events if events is not None else []
    return Means(connect, Clock(time.now, time.monotonic, time.sleep), limits, told.append)


def applied(
    wanted: ScalePlan,
    using: Means,
    *,
    clusters: Sequence[Cluster] = (CLUSTER,),
    digest: str = "sha256:1",
    retry: bool = False,
    previous: ScalePlan | None = None,
    on_failure: OnFailure = "rollback",
) -> Applied:
    """Apply a plan that was committed, reviewed and merged."""
    state = Repository(is_current=True, is_clean=True, branch="main", is_on_base=True)
    applier = Applier(using, on_failure)
    return applier.apply(
        Wanted(wanted, digest, previous, {}, retry=retry), clusters, commit="1" * 40, state=state, actor=ACTOR
    )


def undone(wanted: ScalePlan, using: Means, *, clusters: Sequence[Cluster] = (CLUSTER,), reason: str = "") -> Applied:
    """Roll the last run back."""
    return rollback(Undo(wanted, "", reason, ACTOR), clusters, using)
