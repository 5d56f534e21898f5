"""All rules over one request."""

from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.core.rules import (
    availability,
    clusters,
    competing_autoscalers,
    containers,
    cost,
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
    vpa,
)
from infra_scale.core.rules.environment import ENVIRONMENT_RULES
from infra_scale.core.rules.input_errors import INPUT_ERRORS
from infra_scale.core.ruling.catalogue import Entry, Hit, Needed, Rule, Subject
from infra_scale.core.ruling.context import RuleContext
from infra_scale.core.ruling.unknown import unseen
from infra_scale.model.finding import Finding, Severity
from infra_scale.model.names import target_path
from infra_scale.model.policy import Policy, Setting
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target

_MODULES = (
    replicas,
    jobs,
    live,
    hpa,
    competing_autoscalers,
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
    cost,
)


RULES: tuple[Rule, ...] = tuple(rule for module in _MODULES for rule in vars(module).values() if isinstance(rule, Rule))
"""The catalogue: every rule that a module of this folder declares, in the order of declaration."""


CATALOGUE: tuple[Entry, ...] = tuple(
    sorted((*INPUT_ERRORS, *ENVIRONMENT_RULES, *(rule.entry for rule in RULES)), key=lambda entry: entry.id)
)
"""Every id that a finding can carry, explained, in alphabetical order."""

WAIVABLE = frozenset(rule.id for rule in RULES if rule.severity != "error")
"""The waivable rules: not errors, because Kubernetes would refuse these, or the plan would be wrong."""


class InForce(NamedTuple):
    """A rule with the policy of a target."""

    rule: Rule
    severity: Severity | None
    """The severity in the target's policy; None: the rule's own."""
    unknown: Severity | None = None
    """Severity if it cannot be checked; None: silent."""


def rules_in_force(policy: Policy, *, fails_closed: bool = False) -> tuple[InForce, ...]:
    """The rules that a policy leaves on, in the order of the catalogue, with its severities and thresholds.

    With `fails_closed`, a rule that the policy made strict also fires where it cannot be checked.
    """
    kept = (one for rule in RULES if (one := _in_force(rule, policy.settings.get(rule.id))))
    if not fails_closed:
        return tuple(kept)
    return tuple(one._replace(unknown=_on_unknown(one.rule, policy.settings.get(one.rule.id))) for one in kept)


def _on_unknown(rule: Rule, setting: Setting | None) -> Severity | None:
    if rule.needs is None or setting is None:
        return None
    return setting.on_unknown or ("error" if setting.severity == "error" else None)


def judge(
    request: ScaleRequest,
    target: Target,
    rules: tuple[InForce, ...],
    known: RuleContext,
) -> tuple[Finding, ...]:
    """Findings of a request: by workload, in the order of the catalogue."""
    unread = known.manifests.declared.unread(target)
    subjects = (
        Subject(
            workload,
            request,
            target,
            known.bases.get(workload.route),
            forecast=known.forecast,
            overrulings=known.manifests.overrulings(target, workload.ref),
            absence=known.manifests.declared.absence(target, workload.ref),
            unread=unread,
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
    for rule, severity, unknown in rules:
        seen = subject._replace(thresholds=rule.thresholds) if rule.thresholds else subject
        found = [(hit, severity or hit.severity or rule.severity) for hit in _hits(rule, seen, is_there[rule.needs])]
        if unknown:
            missing = (rule.unknown or unseen)(seen)
            found += [(hit._replace(help=_or_relaxed(hit.help, rule, unknown, seen)), unknown) for hit in missing]
        for hit, severe in found:
            yield Finding(
                rule.id,
                severe,
                hit.message,
                subject.request.path,
                route=(*workload.route, *hit.route),
                help=hit.help or rule.fix,
                workload=workload.ref,
            )


def _or_relaxed(help: str, rule: Rule, unknown: Severity, subject: Subject) -> str:
    if unknown != "error":
        return help
    return f"{help}; `onUnknown: warning` for {rule.id} in {target_path(subject.target.name)} makes it a warning"


def _hits(rule: Rule, subject: Subject, is_there: bool) -> Iterator[Hit]:  # noqa: FBT001 (what it needs)
    return rule.check(subject) if is_there else iter(())
