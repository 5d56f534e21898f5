"""The rules in force over one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.evaluation.families import FAMILIES, Family, family_of
from infra_scale.core.ruling.catalogue import Hit, Needed, Rule, RuleContext, Subject
from infra_scale.model.finding import Finding, Severity
from infra_scale.model.manifest import Fault, Faults
from infra_scale.model.names import target_path
from infra_scale.model.policy import Policy, Setting
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.target import Target

if TYPE_CHECKING:
    from infra_scale.core.manifests.workloads import Manifests


class InForce(NamedTuple):
    """A rule with the policy of a target."""

    rule: Rule
    severity: Severity | None
    """The severity in the target's policy; None: the rule's own."""
    unknown: Severity | None = None
    """Severity if it cannot be checked; None: silent."""


class RulesInForce:
    """The rules that a policy enables, with its severities and thresholds; a family is loaded when it is used."""

    def __init__(self, policy: Policy, *, fails_closed: bool = False) -> None:
        """With `fails_closed`, a rule that the policy made strict also fires if it cannot be checked."""
        self._policy, self._fails_closed = policy, fails_closed
        self._by_module: dict[str, tuple[InForce, ...]] = {}
        named = {family for id in policy.settings if fails_closed and (family := family_of(id))}
        self._strict = {family.module for family in named if any(one.unknown for one in self.of(family))}

    @property
    def has_strict(self) -> bool:
        """Whether a rule fires if it cannot be checked."""
        return bool(self._strict)

    def about(self, subject: Subject) -> Iterator[InForce]:
        """The rules that could fire for a workload, in the order of the catalogue."""
        for family in FAMILIES:
            if family.module in self._strict or family.applies(subject):
                yield from self.of(family)

    def of(self, family: Family) -> tuple[InForce, ...]:
        """The rules of one family."""
        if family.module not in self._by_module:
            settings = self._policy.settings
            kept = (one for rule in family.rules if (one := _in_force(rule, settings.get(rule.id))))
            self._by_module[family.module] = tuple(map(self._closed, kept) if self._fails_closed else kept)
        return self._by_module[family.module]

    def _closed(self, one: InForce) -> InForce:
        return one._replace(unknown=_on_unknown(one.rule, self._policy.settings.get(one.rule.id)))


def _on_unknown(rule: Rule, setting: Setting | None) -> Severity | None:
    if rule.needs is None or setting is None:
        return None
    return setting.on_unknown or ("error" if setting.severity == "error" else None)


def judge(
    request: ScaleRequest,
    target: Target,
    rules: RulesInForce,
    context: RuleContext,
) -> tuple[Finding, ...]:
    """Findings of a request: by workload, in the order of the catalogue."""
    manifests = context.manifests
    unread = manifests.unread(target) if manifests else ()
    subjects = (
        Subject(
            workload,
            request,
            target,
            context.bases.get(workload.key),
            forecast=context.forecast,
            absence=manifests.absence(target, workload.ref, workload.cluster) if manifests else None,
            faults=(*_faults(request, target, workload, manifests), *context.builds.get(workload.key, ())),
            unread=unread,
        )
        for workload in request.workloads
    )
    return tuple(finding for subject in subjects for finding in _findings(subject, rules.about(subject)))


def judge_builds(request: ScaleRequest, target: Target, rules: RulesInForce, builds: Faults) -> Iterator[Finding]:
    """Findings about the builds with the rendered Components of a request."""
    families = [family for family in map(family_of, ("MAN-012", "HLM-003")) if family]
    for workload in request.workloads:
        if faults := builds.get(workload.key):
            subject = Subject(workload, request, target, faults=faults)
            for family in families:
                if family.applies(subject):
                    yield from _findings(subject, rules.of(family))


def _faults(
    request: ScaleRequest, target: Target, workload: Workload, manifests: Manifests | None
) -> tuple[Fault, ...]:
    if manifests is None:
        return ()
    is_autoscaled = request.hpa_of(workload) is not None or request.keda_of(workload) is not None
    return manifests.faults(target, workload, is_autoscaled=is_autoscaled)


def _in_force(rule: Rule, setting: Setting | None) -> InForce | None:
    if setting is None:
        return InForce(rule, None) if rule.is_on else None
    if setting.severity == "off":
        return None
    changed = rule._replace(thresholds={**rule.thresholds, **setting.thresholds})
    return InForce(changed, setting.severity)


def _findings(subject: Subject, rules: Iterable[InForce]) -> Iterator[Finding]:
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
            missing = rule.unknown(seen) if rule.unknown else _unseen(seen)
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


def _unseen(subject: Subject) -> Iterator[Hit]:
    from infra_scale.core.ruling.unknown import unseen  # noqa: PLC0415 (only where a policy makes a rule strict)

    return unseen(subject)


def _or_relaxed(help: str, rule: Rule, unknown: Severity, subject: Subject) -> str:
    if unknown != "error":
        return help
    return f"{help}; `onUnknown: warning` for {rule.id} in {target_path(subject.target.name)} makes it a warning"


def _hits(rule: Rule, subject: Subject, is_there: bool) -> Iterator[Hit]:  # noqa: FBT001 (what it needs)
    return rule.check(subject) if is_there else iter(())
