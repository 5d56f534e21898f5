"""The autoscalers of a workload: a HorizontalPodAutoscaler, a VerticalPodAutoscaler, a KEDA ScaledObject."""

from typing import Literal, NamedTuple

from infra_scale.model.quantity import Resources
from infra_scale.model.tagged import tagged

Resource = Literal["cpu", "memory"]


class ScalingPolicy(NamedTuple):
    """Maximum change per period (autoscaling/v2 HPAScalingPolicy)."""

    type: Literal["Pods", "Percent"]
    value: int
    period: int
    """Seconds."""


class ScalingRules(NamedTuple):
    """Scaling speed of an HPA in one direction (autoscaling/v2 HPAScalingRules); None: not set."""

    window: int | None
    """Seconds of stabilization."""
    select: Literal["Max", "Min", "Disabled"] | None
    policies: tuple[ScalingPolicy, ...]


class Behavior(NamedTuple):
    """Scaling speed of an HPA."""

    up: ScalingRules | None
    down: ScalingRules | None


_TOLERATED = 110
"""Percent of its target: a cluster or an HPA's behavior may have another tolerance."""


def trigger(request: int, percent: int) -> int:
    """The use above which an HPA adds pods: its percentage of a request, and the tolerance."""
    return request * percent * _TOLERATED // 100**2


@tagged
class Hpa(NamedTuple):
    """A HorizontalPodAutoscaler on the utilization of cpu, of memory, or of both."""

    minimum: int
    maximum: int
    target_cpu: int | None
    """Percent of the CPU request, averaged over the pods."""
    target_memory: int | None = None
    """Percent of the memory request, averaged over the pods."""
    container: str | None = None
    """The only container to measure; None: the whole pod."""
    behavior: Behavior | None = None


UpdateMode = Literal["Off", "Initial", "Recreate", "InPlaceOrRecreate", "Auto"]


@tagged
class Vpa(NamedTuple):
    """A VerticalPodAutoscaler."""

    mode: UpdateMode
    minimum: Resources | None
    maximum: Resources | None
    controlled: tuple[Resource, ...]
    values: Literal["RequestsAndLimits", "RequestsOnly"] | None
    """None: Kubernetes' default, RequestsAndLimits."""
    container: str | None = None
    """The only container that it sizes; None: all of them."""


class Fallback(NamedTuple):
    """KEDA's fallback while a trigger cannot be read."""

    failures: int
    """In a row."""
    replicas: int


class Trigger(NamedTuple):
    """One KEDA trigger."""

    type: str
    name: str | None
    metric_type: str | None
    metadata: tuple[tuple[str, str], ...]
    authentication: tuple[str, str] | None
    """Kind and name of the TriggerAuthentication."""


@tagged
class Keda(NamedTuple):
    """A KEDA ScaledObject; KEDA creates an HPA for it."""

    minimum: int
    maximum: int
    triggers: tuple[Trigger, ...]
    polling: int | None = None
    """Seconds; None: KEDA's default, 30."""
    cooldown: int | None = None
    """Seconds; None: KEDA's default, 300."""
    fallback: Fallback | None = None
    idle: int | None = None
    """Replicas while no trigger is active; None: the minimum."""
    initial_cooldown: int | None = None
    """Seconds after its creation before it may scale to 0; None: KEDA's default, 0."""
    restores: bool | None = None
    """Whether the replicas from before it are set again when it is deleted; None: KEDA's default, no."""
