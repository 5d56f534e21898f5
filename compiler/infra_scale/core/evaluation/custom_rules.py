"""Custom rules over the plan of a request. Imported only if a target has some, because it imports CEL."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from infra_scale.core.evaluation.cel.rule import CompiledOwn, OwnFault, compile_own, fires, names
from infra_scale.model.finding import Finding
from infra_scale.model.policy import OwnRule
from infra_scale.model.request import ScaleRequest

_compiled = lru_cache(maxsize=256)(compile_own)


def fault_of(rule: OwnRule) -> str:
    """Errors of a rule's expression with their positions; empty if valid."""
    compiled = _compiled(rule)
    return _words(compiled) if isinstance(compiled, OwnFault) else ""


def own_findings(
    request: ScaleRequest, rules: Sequence[OwnRule], plan: Mapping[str, object], *, is_pure: bool = False
) -> tuple[Finding, ...]:
    """Findings of custom rules about the plan of a request.

    A rule that cannot be evaluated is reported with its own severity: not checked never counts as passed. With
    `is_pure`, rules that read what snapshots and prices show are left out.
    """
    compiled = ((rule, _compiled(rule)) for rule in rules)
    answers = ((rule, _answer(one, plan)) for rule, one in compiled if not (is_pure and _reads_forecast(one)))
    return tuple(_finding(rule, answer, request) for rule, answer in answers if answer is not False)


def _reads_forecast(compiled: CompiledOwn | OwnFault) -> bool:
    return isinstance(compiled, CompiledOwn) and not names(compiled).isdisjoint(("capacity", "cost"))


def _answer(compiled: CompiledOwn | OwnFault, plan: Mapping[str, object]) -> bool | OwnFault:
    return compiled if isinstance(compiled, OwnFault) else fires(compiled, plan)


def _finding(rule: OwnRule, answer: bool | OwnFault, request: ScaleRequest) -> Finding:  # noqa: FBT001 (what fires() gives)
    message, help = rule.message, rule.fix or rule.why
    if isinstance(answer, OwnFault):
        message = f"not checked: {rule.id} gave no answer for this plan: {_words(answer)}"
        help = f"the custom rule has an error: fix `when` of {rule.id}"
    return Finding(rule.id, rule.severity, message, request.path, route=("workloads",), on_key=True, help=help)


def _words(fault: OwnFault) -> str:
    if fault.line is None:
        return fault.reason
    return f"line {fault.line}, column {fault.column}: {fault.reason}"
