"""The policy of a target: reader and writer of the block."""

from infra_scale.core.documents.blocks import present
from infra_scale.core.reading.values import mapping, optional_text, sequence, text, whole_number
from infra_scale.core.syntax.emitter import Node
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.finding import Severity
from infra_scale.model.policy import OwnRule, Policy, Setting, Strictness

_SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warning", "note": "note"}


def read_policy(value: Value) -> Policy:
    """A `policy` block; without one, the policy changes nothing."""
    written = mapping(value)
    return Policy(
        settings={rule: _read_setting(setting) for rule, setting in mapping(written.get("rules")).items()},
        own=tuple(_read_own(mapping(own)) for own in sequence(written.get("own"))),
        unwaivable=frozenset(text(rule) for rule in sequence(written.get("unwaivable"))),
    )


def _read_setting(value: Value) -> Setting:
    if not isinstance(value, dict):
        return Setting(_strictness(value), {})
    severity = _strictness(value["severity"]) if "severity" in value else None
    on_unknown = _SEVERITIES[text(value["onUnknown"])] if "onUnknown" in value else None
    thresholds = {name: whole_number(bound) for name, bound in value.items() if name not in ("severity", "onUnknown")}
    return Setting(severity, thresholds, on_unknown)


def _strictness(value: Value) -> Strictness:
    return "off" if value in (False, "off") else _SEVERITIES[text(value)]


def _read_own(written: dict[str, Value]) -> OwnRule:
    return OwnRule(
        id=text(written["id"]),
        severity=_SEVERITIES[optional_text(written.get("severity")) or "warning"],
        when=text(written["when"]),
        message=text(written["message"]),
        why=optional_text(written.get("why")) or "",
        fix=optional_text(written.get("fix")) or "",
    )


def policy_node(policy: Policy) -> dict[str, Node]:
    """A `policy` block."""
    return present(
        {
            "rules": {rule: _setting_node(setting) for rule, setting in policy.settings.items()},
            "own": [_own_node(rule) for rule in policy.own],
            "unwaivable": [*sorted(policy.unwaivable)],
        }
    )


def _setting_node(setting: Setting) -> Node:
    if not setting.thresholds and setting.on_unknown is None:
        return setting.severity
    return {**present({"severity": setting.severity, "onUnknown": setting.on_unknown}), **setting.thresholds}


def _own_node(rule: OwnRule) -> Node:
    return present(rule._asdict())
