"""Everything beside a request that decides about its plan, read once for all requests."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.freshness import later
from infra_scale.core.compiling.context import Context
from infra_scale.core.compiling.touched import Touch, touch_of
from infra_scale.core.documents.clusters import read_clusters
from infra_scale.core.documents.target import NO_TARGETS, Targets, read_targets
from infra_scale.core.evaluation.policy import policy_findings
from infra_scale.core.evaluation.rules import RulesInForce
from infra_scale.core.evaluation.shared_clusters import unshared
from infra_scale.core.forecast.demands import TargetedRequest
from infra_scale.core.forecast.outlook import Outlooks, outlooks
from infra_scale.core.reading.manifests import Manifests, read_manifests
from infra_scale.core.schema.catalogue import Schemas
from infra_scale.model.finding import Finding
from infra_scale.model.request import ScaleRequest
from infra_scale.model.scope import Scope
from infra_scale.model.target import Target


class Enforced(NamedTuple):
    """What findings are judged by where a change is decided on."""

    rules: Mapping[str, RulesInForce]
    """Those in force for each target, by its name; strict ones fire where they cannot be checked."""
    outlooks: Outlooks
    base: Targets | None = None
    """The targets of the base, whose policies count too."""
    touch: Touch | None = None
    """What the change touches since the base."""


class Environment(NamedTuple):
    """What one request is judged by, whichever it is."""

    schemas: Schemas
    scope: Scope
    now: str
    targets: Targets
    manifests: Manifests
    rules: Mapping[str, RulesInForce]
    """Those in force for each target, by its name."""
    outlooks: Outlooks
    judges_anew: bool
    """See Context."""
    findings: tuple[Finding, ...]
    """About targets, policies, manifests and clusters."""
    enforced: Enforced | None = None

    @property
    def today(self) -> str:
        """The day, YYYY-MM-DD, in UTC."""
        return self.now[: len("2026-01-31")]

    def aimed(self, request: ScaleRequest) -> TargetedRequest:
        """A request with its target and what the manifests say of its workloads."""
        target = self.targets.of(request) or Target(request.target, ())
        return TargetedRequest(
            request, target, {one.route: self.manifests.of(target, one.ref) for one in request.workloads}
        )


def _named(targets: Targets, names: frozenset[str]) -> set[str]:
    """The clusters of the targets with these names."""
    return {cluster.name for name in names if name in targets.by_name for cluster in targets.by_name[name].clusters}


def read_environment(context: Context, requests: Callable[[], Sequence[ScaleRequest]]) -> Environment:
    """Read them. What clusters can hold depends on all `requests` together: they are asked for only where that matters.

    `requests` are sorted by path, and read as far as they can be.
    """
    targets, of_targets = read_targets(context.targets, schema=context.schemas.target)
    base = _base(context)
    of_policies = (*policy_findings(targets), *unshared(targets, base), *targets.without_manifests(context.manifests))
    targets = targets.without(of_policies)
    manifests, of_manifests = read_manifests(context.manifests)
    rules = {name: RulesInForce(target.policy) for name, target in targets.by_name.items()}
    findings = (*of_targets, *of_policies, *of_manifests)
    environment = Environment(
        context.schemas,
        context.scope,
        context.now,
        targets,
        manifests,
        rules,
        Outlooks(as_of=context.as_of),
        context.judges_anew,
        findings,
    )
    environment = environment._replace(enforced=_enforced(environment, base, context))
    if not context.clusters:
        return environment
    asked = requests()
    clusters, of_clusters = read_clusters(
        context.clusters, {*targets.aimed_at(asked), *_named(targets, context.looks_at)}, schemas=context.schemas
    )
    future = outlooks(clusters, list(map(environment.aimed, asked)), as_of=context.as_of)
    environment = environment._replace(outlooks=future, findings=(*findings, *of_clusters))
    return environment._replace(enforced=_enforced(environment, base, context))


def _base(context: Context) -> Targets:
    """The valid targets of the base; none where there is no base."""
    if context.enforcement is None or context.enforcement.base is None:
        return NO_TARGETS
    targets, _ = read_targets(context.enforcement.base.targets, schema=context.schemas.target)
    return targets.without(policy_findings(targets))


def _enforced(environment: Environment, base: Targets, context: Context) -> Enforced | None:
    if context.enforcement is None:
        return None
    policies = {name: target.policy for name, target in environment.targets.by_name.items()}
    rules = {name: RulesInForce(policy, fails_closed=True) for name, policy in policies.items()}
    outlooks = environment.outlooks
    if context.enforcement.by_clock:
        as_of = context.as_of if context.judges_anew else later(context.as_of, context.now)
        outlooks = outlooks._replace(as_of=as_of, now=context.now)
    if context.enforcement.base is None:
        return Enforced(rules, outlooks)
    return Enforced(rules, outlooks, base, touch_of(context.enforcement.base, base, environment.targets))
