"""The inputs of a plan besides its request, read once for all requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.compiling.base_policy import judged_by, judges
from infra_scale.core.compiling.context import Context
from infra_scale.core.compiling.touched import Touch, touch_of
from infra_scale.core.documents.target import NO_TARGETS, Targets, read_targets
from infra_scale.core.evaluation.policy import policy_findings
from infra_scale.core.evaluation.rules import RulesInForce
from infra_scale.core.evaluation.shared_clusters import unshared
from infra_scale.core.schema.catalogue import Schemas
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import NO_BASES, Base
from infra_scale.model.position import Route
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.scope import Scope
from infra_scale.model.target import Target, TargetedRequest

if TYPE_CHECKING:
    from infra_scale.core.manifests.workloads import Manifests


class Environment(NamedTuple):
    """The inputs that all requests share."""

    schemas: Schemas
    scope: Scope
    targets: Targets
    manifests: Manifests | None
    """None if no target names any."""
    rules: Mapping[str, RulesInForce]
    """The rules in force for each target, by its name."""
    findings: tuple[Finding, ...]
    """Findings about targets, policies and manifests."""
    base: Targets | None = None
    """The targets of the base, whose policies also apply; None without a base."""
    touch: Touch | None = None
    """The requests and targets that the change since the base touches."""

    def aimed(self, request: ScaleRequest) -> TargetedRequest:
        """A request with its target and its workloads in the manifests."""
        target = self.targets.of(request) or Target(request.target, ())
        if self.manifests is None:
            return TargetedRequest(request, target, NO_BASES)
        bases: dict[Route, Base | None] = {}
        workloads: list[Workload] = []
        unknown: set[Route] = set()
        for workload in request.workloads:
            for variant, base in _variants(workload, target, self.manifests):
                workloads.append(variant)
                bases[variant.key] = _handed_over(variant, base)
                absence = None if base else self.manifests.absence(target, variant.ref, variant.cluster)
                if absence and absence.unknown:
                    unknown.add(variant.key)
        return TargetedRequest(request._replace(workloads=tuple(workloads)), target, bases, frozenset(unknown))

    def judgements(self, request: ScaleRequest, target: Target) -> Iterator[tuple[Target, Target]]:
        """The target with each other policy of the base that applies to a request, and the source of that policy."""
        if self.base is None or self.touch is None or not self.touch.beyond_policy(request.path, target.name):
            return
        for judge in judges(target, self.base):
            judged = judged_by(target, judge)
            if judged != target:
                yield judged, judge


def _variants(workload: Workload, target: Target, manifests: Manifests) -> Iterator[tuple[Workload, Base | None]]:
    """A workload as the manifests of its clusters have it: once, or for each cluster where they differ."""
    clusters = [cluster.name for cluster in target.clusters_of(workload.cluster)]
    found = {cluster: manifests.of(target, workload.ref, cluster) for cluster in clusters}
    if len(set(found.values())) > 1:
        yield from ((workload._replace(cluster=name, is_variant=True), base) for name, base in found.items())
    else:
        yield workload, next(iter(found.values())) if found else manifests.of(target, workload.ref)


def _handed_over(workload: Workload, base: Base | None) -> Base | None:
    """The autoscaler of a chart goes with its values, if a hand-over names it; others stay in the manifests."""
    if base and base.chart and workload.handover and workload.handover.before == "hpa":
        return base._replace(hpas=())
    return base


def environment_of(targets: Targets) -> Environment:
    """The environment of some targets, without manifests."""
    rules = {name: RulesInForce(target.policy) for name, target in targets.by_name.items()}
    return Environment(Schemas("", ""), Scope(), targets, None, rules, ())


def read_environment(context: Context) -> Environment:
    """Read the targets and the manifests."""
    targets, of_targets = read_targets(context.targets, schema=context.schemas.target)
    base = _base(context)
    refuses = context.base is not None and context.base.refuses
    of_manifests = (*targets.without_manifests(context.manifests), *_unmatched(context, targets))
    of_policies = (*policy_findings(targets), *unshared(targets, base if refuses else NO_TARGETS), *of_manifests)
    targets = targets.without(of_policies)
    manifests, of_files = _manifests(context, targets)
    environment = environment_of(targets)._replace(
        schemas=context.schemas,
        scope=context.scope,
        manifests=manifests,
        findings=(*of_targets, *of_policies, *of_files),
    )
    if context.base is None:
        return environment
    return environment._replace(base=base, touch=touch_of(context.base, base, targets) if refuses else None)


def _manifests(context: Context, targets: Targets) -> tuple[Manifests | None, tuple[Finding, ...]]:
    if not (context.manifests or any(target.manifests for target in targets.by_name.values())):
        return None, ()
    from infra_scale.core.manifests.workloads import read_manifests  # noqa: PLC0415 (only where a target names some)

    return read_manifests(context.manifests, targets.by_name.values(), context.known or {})


def _unmatched(context: Context, targets: Targets) -> Iterator[Finding]:
    if any(cluster.overlays for target in targets.by_name.values() for cluster in target.clusters):
        from infra_scale.core.documents.overlay_patterns import unmatched_overlays  # noqa: PLC0415 (only where used)

        yield from unmatched_overlays(targets, context.manifests)


def _base(context: Context) -> Targets:
    """The valid targets of the base; none without a base."""
    if context.base is None:
        return NO_TARGETS
    targets, _ = read_targets(context.base.targets, schema=context.schemas.target)
    return targets.without(policy_findings(targets))
