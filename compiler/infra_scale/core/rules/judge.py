"""All rules over one request."""

from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.core.rules import (
    availability,
    clusters,
    containers,
    hpa,
    jobs,
    keda,
    live,
    manifests,
    metrics,
    ownership,
    placement,
    pod_resources,
    qos,
    quotas,
    replicas,
    resources,
    rivals,
    spending,
    vpa,
)
from infra_scale.core.rules.catalogue import Entry, Needed, Rule, Subject
from infra_scale.core.rules.forms import FORMS
from infra_scale.core.rules.known import Known
from infra_scale.core.rules.surroundings import SURROUNDINGS
from infra_scale.model.finding import Finding, Severity
from infra_scale.model.policy import Policy, Setting
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target

_MODULES = (
    replicas,
    jobs,
    live,
    hpa,
    rivals,
    metrics,
    keda,
    vpa,
    manifests,
    ownership,
    resources,
    pod_resources,
    containers,
    qos,
    availability,
    placement,
    clusters,
    quotas,
    spending,
)


RULES: tuple[Rule, ...] = tuple(rule for module in _MODULES for rule in vars(module).values() if isinstance(rule, Rule))
"""The catalogue: every rule that a module of this folder declares, in the order of declaration."""


CATALOGUE: tuple[Entry, ...] = tuple(
    sorted((*FORMS, *SURROUNDINGS, *(rule.entry for rule in RULES)), key=lambda entry: entry.id)
)
"""Every id that a finding can carry, explained, in alphabetical order."""

WAIVABLE = frozenset(rule.id for rule in RULES if rule.severity != "error")
"""What a request may allow itself: an error is what Kubernetes would refuse, or what would make the plan wrong."""


class InForce(NamedTuple):
    """A rule as a target has it."""

    rule: Rule
    severity: Severity | None
    """What the target's policy makes of it; None: what the rule says."""


def rules_in_force(policy: Policy) -> tuple[InForce, ...]:
    """The rules that a policy leaves on, in the order of the catalogue, with its severities and thresholds."""
    return tuple(kept for rule in RULES if (kept := _in_force(rule, policy.settings.get(rule.id))))


def judge(
    request: ScaleRequest,
    target: Target,
    rules: tuple[InForce, ...],
    known: Known,
) -> tuple[Finding, ...]:
    """What rules say about a request: workload by workload, in the order of the catalogue."""
    subjects = (
        Subject(
            workload,
            request,
            target,
            known.bases.get(workload.route),
            around=known.forecast,
            overrulings=known.manifests.overrulings(target, workload.ref),
            absence=known.manifests.declared.absence(target, workload.ref),
        )
        for workload in request.workloads
    )
    return tuple(finding for subject in subjects for finding in _findings(subject, rules))


def _in_force(rule: Rule, setting: Setting | None) -> InForce | None:
    if setting is None:
        return InForce(rule, None) if rule.is_on else None
    if setting.severity == "off":
        return None
    changed = rule._replace(thresholds={**rule.thresholds, **setting.thresholds})
    return InForce(changed, setting.severity)


def _findings(subject: Subject, rules: tuple[InForce, ...]) -> Iterator[Finding]:
    workload = subject.workload
    is_there: dict[Needed | None, bool] = {
        None: True,
        "snapshot": bool(subject.sites),
        "prices": subject.cost is not None,
    }
    for rule, severity in rules:
        if not is_there[rule.needs]:
            continue
        seen = subject._replace(thresholds=rule.thresholds) if rule.thresholds else subject
        for hit in rule.check(seen):
            yield Finding(
                rule.id,
                severity or hit.severity or rule.severity,
                hit.message,
                subject.request.path,
                route=(*workload.route, *hit.route),
                help=hit.help or rule.fix,
                workload=workload.ref,
            )
