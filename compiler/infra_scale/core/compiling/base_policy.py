"""The policies of the base that apply to a target when a change is compared with its base."""

from collections.abc import Iterable, Iterator

from infra_scale.core.documents.target import Targets
from infra_scale.model.finding import Finding
from infra_scale.model.names import target_path
from infra_scale.model.policy import Policy
from infra_scale.model.position import Position
from infra_scale.model.target import Target

_GRAVITY = ("error", "warning", "note")
_STRICTNESS = ("off", "note", "warning", "error")
_Key = tuple[str, str, Position | None, str]


def judges(target: Target, base: Targets) -> tuple[Target, ...]:
    """The targets of the base whose policies apply to a target; the strictest finding decides.

    The same target in the base, and other targets with clusters that the change adds to it. Without any, the defaults
    of all rules apply.
    """
    own = base.by_name.get(target.name)
    places = _places(target) - (_places(own) if own else set())
    others = [one for one in base.by_name.values() if one.name != target.name and places & _places(one)]
    return tuple([own, *others] if own else others) or (Target(target.name, ()),)


def judged_by(target: Target, judge: Target) -> Target:
    """A target with the policy, budget, maxAge and prices of `judge`, and its own clusters.

    Custom rules that only the target has are kept: a waiver may name one of them.
    """
    known = {rule.id for rule in judge.policy.own}
    own = (*judge.policy.own, *(rule for rule in target.policy.own if rule.id not in known))
    return target._replace(
        policy=judge.policy._replace(own=own),
        budget=judge.budget,
        max_age=judge.max_age,
        prices=judge.prices,
    )


def strictest_setting(rule: str, target: Target, base: Targets, *, default: str) -> Policy:
    """The policy of a target, with the strictest setting of one rule among its judges."""

    def strictness(policy: Policy) -> int:
        setting = policy.settings.get(rule)
        return _STRICTNESS.index((setting and setting.severity) or default)

    strict = max((target.policy, *(judge.policy for judge in judges(target, base))), key=strictness)
    settings = {id: setting for id, setting in target.policy.settings.items() if id != rule}
    if rule in strict.settings:
        settings[rule] = strict.settings[rule]
    return target.policy._replace(settings=settings)


def _places(target: Target) -> set[tuple[str, str]]:
    return set(_names(target))


def _names(target: Target) -> Iterator[tuple[str, str]]:
    """The identifiers of clusters: a second name with the same context is the same cluster."""
    for cluster in target.clusters:
        yield "name", cluster.name
        yield "context", cluster.context


def of_base(findings: Iterable[Finding], judge: Target) -> Iterator[Finding]:
    """Findings by a policy of the base, with a help text that names it; unused waivers there are not reported."""
    where = f"the policy of the base decides ({target_path(judge.name)} there)"
    for finding in findings:
        if finding.rule != "WVR-002":
            yield finding._replace(help=f"{finding.help}; {where}" if finding.help else where)


def strictest(findings: Iterable[Finding]) -> frozenset[Finding]:
    """Each finding once, with its strictest severity."""
    kept: dict[_Key, Finding] = {}
    for finding in sorted(findings, key=_leniency):
        kept.setdefault((finding.rule, finding.path, finding.position, finding.message), finding)
    return frozenset(kept.values())


def _leniency(finding: Finding) -> tuple[int, bool]:
    return _GRAVITY.index(finding.severity), finding.waiver is not None
