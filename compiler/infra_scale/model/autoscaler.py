"""What can scale a workload by itself: a HorizontalPodAutoscaler, a VerticalPodAutoscaler, a KEDA ScaledObject."""

from typing import Literal, NamedTuple

from infra_scale.model.resources import Resources
from infra_scale.model.tagged import tagged

Resource = Literal["cpu", "memory"]


class ScalingPolicy(NamedTuple):
    """How much may change in how long (autoscaling/v2 HPAScalingPolicy)."""

    type: Literal["Pods", "Percent"]
    value: int
    period: int
    """Seconds."""


class ScalingRules(NamedTuple):
    """How fast an HPA may scale in one direction (autoscaling/v2 HPAScalingRules); None where nothing was said."""

    window: int | None
    """Seconds of stabilization."""
    select: Literal["Max", "Min", "Disabled"] | None
    policies: tuple[ScalingPolicy, ...]


class Behavior(NamedTuple):
    """How fast an HPA may scale."""

    up: ScalingRules | None
    down: ScalingRules | None


_TOLERATED = 110
"""Percent of its target: a cluster or an HPA's behavior may have another tolerance."""


def trigger(request: int, percent: int) -> int:
    """Above how much use an HPA adds pods: its percentage of a request, and the tolerance."""
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
    """What KEDA does while a trigger cannot be read."""

    failures: int
    """In a row."""
    replicas: int


class Trigger(NamedTuple):
    """One thing that KEDA scales by."""

    type: str
    name: str | None
    metric_type: str | None
    metadata: tuple[tuple[str, str], ...]
    authentication: tuple[str, str] | None
    """Kind and name of what knows the secrets."""


@tagged
class Keda(NamedTuple):
    """A ScaledObject of KEDA, which makes an HPA of its own."""

    minimum: int
    maximum: int
    triggers: tuple[Trigger, ...]
    polling: int | None = None
    """Seconds; None: KEDA's default, 30."""
    cooldown: int | None = None
    """Seconds; None: KEDA's default, 300."""
    fallback: Fallback | None = None
