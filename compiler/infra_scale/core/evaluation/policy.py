"""Errors in the policy of a target: unknown names, and invalid custom rules."""

from collections.abc import Iterator

from infra_scale.core.documents.target import Targets
from infra_scale.core.evaluation.families import FAMILIES, rule_of
from infra_scale.core.reading.values import mapping, sequence, text
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.model.finding import Finding
from infra_scale.model.policy import OwnRule, Policy, Setting
from infra_scale.model.position import Route

_OF_A_RUN = frozenset({"OWN-007", "WVR-001"})
"""Checks whose findings are not part of plans, but whose severity a target can set."""


def policy_findings(targets: Targets) -> Iterator[Finding]:
    """POL-… for each fault of a policy, at its position; all of them errors."""
    for name, document in targets.documents.items():
        policy = targets.by_name[name].policy
        found = (*_of_settings(policy), *_of_unwaivable(policy, document), *_of_own(policy))
        for route, finding, on_key in found:
            yield _located(document, finding, route, on_key=on_key)


_Fault = tuple[Route, Finding, bool]
"""Where below the policy, what, and whether it is about the key."""


def _of_settings(policy: Policy) -> Iterator[_Fault]:
    own = {rule.id for rule in policy.own}
    for id, setting in policy.settings.items():
        route: Route = ("rules", id)
        rule = rule_of(id)
        if id in own and id not in _taken():
            yield route, _misplaced(id, setting), True
        elif rule is None and id not in _OF_A_RUN:
            yield route, _unknown(id, "its severity cannot be set", [*_rule_ids(), *_OF_A_RUN]), True
        elif rule and rule.severity == "error" and setting.severity not in (None, "error"):
            message = f"{id} stays an error: Kubernetes would refuse such a request, or the plan would be wrong"
            yield (*route, "severity"), _error("POL-002", message, "delete this line"), False
        else:
            yield from _of_thresholds(id, setting, list(rule.thresholds) if rule else [])
            if setting.on_unknown and not (rule and rule.needs):
                message = f"{id} needs neither a snapshot nor prices: it is never unknown"
                yield (*route, "onUnknown"), _error("POL-003", message, "delete this key"), True


def _of_thresholds(id: str, setting: Setting, known: list[str]) -> Iterator[_Fault]:
    for name in setting.thresholds:
        if name not in known:
            help = _choice(name, known) if known else f"{id} has only a severity"
            yield ("rules", id, name), _error("POL-003", f"{id} has no threshold `{name}`", help), True


def _of_unwaivable(policy: Policy, document: Document) -> Iterator[_Fault]:
    own = {rule.id for rule in policy.own}
    written = sequence(mapping(mapping(document.value).get("policy")).get("unwaivable"))
    for index, id in enumerate(map(text, written)):
        if rule_of(id) is None and id not in own:
            yield ("unwaivable", index), _unknown(id, "it can never be waived", [*_rule_ids(), *own]), False


def _of_own(policy: Policy) -> Iterator[_Fault]:
    seen: set[str] = set()
    for index, own in enumerate(policy.own):
        if own.id in _taken() or own.id in seen:
            yield ("own", index, "id"), _error("POL-004", f"the id {own.id} is taken", "choose another id"), False
        seen.add(own.id)
        yield from _of_expression(own, index)


def _of_expression(own: OwnRule, index: int) -> Iterator[_Fault]:
    try:
        from infra_scale.core.evaluation.custom_rules import fault_of  # noqa: PLC0415 (CEL only where a target has own rules)
    except ModuleNotFoundError:
        message = f"{own.id} cannot be checked: the library for CEL is not installed"
        yield ("own", index), _error("POL-006", message, _INSTALL), False
        return
    if fault := fault_of(own):
        help = "`when` is a CEL expression over the plan, such as actions.exists(a, has(a.to) && a.to > 50)"
        yield ("own", index, "when"), _error("POL-005", f"{own.id} cannot be read: {fault}", help), False


_INSTALL = (
    'install infra-scale again with its extra: "infra-scale[policy] @ ..." with the address that it came from; '
    'in the hook, additional_dependencies: [".[policy]"]'
)


def _rule_ids() -> list[str]:
    return [id for family in FAMILIES for id in family.ids]


def _taken() -> frozenset[str]:
    from infra_scale.core.evaluation.catalogue import CATALOGUE  # noqa: PLC0415 (all families, where it is needed)

    return frozenset(entry.id for entry in CATALOGUE)


def _misplaced(id: str, setting: Setting) -> Finding:
    """POL-001 for a custom rule among the built-in rules."""
    message = f"{id} is a custom rule of this target: set its severity in `own`"
    there = "remove it from `own`" if setting.severity == "off" else f"write `severity: {setting.severity}` there"
    return _error("POL-001", message, f"{there if setting.severity else 'it has no thresholds'}, and delete this line")


def _unknown(id: str, consequence: str, known: list[str]) -> Finding:
    """POL-001 for an unknown id, or that of a check which runs before the rules."""
    if id in _taken():
        message = f"{id} is not a rule about workloads: {consequence}"
        return _error("POL-001", message, "delete it")
    return _error("POL-001", f"unknown rule {id}", _choice(id, known))


def _error(rule: str, message: str, help: str) -> Finding:
    return Finding(rule, "error", message, "", help=help)


def _choice(name: str, known: list[str]) -> str:
    is_short = len(known) <= _FEW
    otherwise = f"known names: {', '.join(sorted(known))}" if is_short else "`infra-scale explain` lists them"
    return did_you_mean(name, known, otherwise)


_FEW = 5


def _located(document: Document, finding: Finding, route: Route, *, on_key: bool) -> Finding:
    placed = finding._replace(path=document.path, route=("policy", *route), on_key=on_key)
    return document.locate(placed)
