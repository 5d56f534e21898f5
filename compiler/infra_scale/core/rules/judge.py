"""All rules over one request."""

from infra_scale.core.rules import autoscaling, jobs, replicas, resources
from infra_scale.core.rules.catalogue import Entry, Rule
from infra_scale.core.rules.forms import FORMS
from infra_scale.model.finding import Finding
from infra_scale.model.request import ScaleRequest

RULES: tuple[Rule, ...] = tuple(
    rule
    for module in (replicas, jobs, autoscaling, resources)
    for rule in vars(module).values()
    if isinstance(rule, Rule)
)
"""The catalogue: every rule that a module of this folder declares, in the order of declaration."""


CATALOGUE: tuple[Entry, ...] = tuple(sorted((*FORMS, *(rule.entry for rule in RULES))))
"""Every id that a finding can carry, explained, in alphabetical order."""


def judge(request: ScaleRequest) -> tuple[Finding, ...]:
    """What the rules say about a request: workload by workload, in the order of the catalogue."""
    return tuple(
        Finding(
            rule.id,
            rule.severity,
            hit.message,
            request.path,
            route=(*workload.route, *hit.route),
            help=rule.fix,
            workload=workload.ref,
        )
        for workload in request.workloads
        for rule in RULES
        for hit in rule.check(workload, request)
    )
