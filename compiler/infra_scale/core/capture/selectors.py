"""Label selectors of budgets, spread constraints and anti-affinity."""

from collections.abc import Mapping
from typing import get_args

from infra_scale.core.reading.values import mapping, sequence, text
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Operator, Requirement

_OPERATORS: tuple[Operator, ...] = get_args(Operator)


def selects(selector: Value, labels: Mapping[str, Value]) -> bool:
    """Whether a LabelSelector is met by the labels: an empty one always is, an absent one never."""
    if selector is None:
        return False
    written = mapping(selector)
    exact = all(labels.get(key) == value for key, value in mapping(written.get("matchLabels")).items())
    return exact and all(_meets(read_requirement(one), labels) for one in sequence(written.get("matchExpressions")))


def read_requirement(value: Value) -> Requirement:
    """A condition of matchExpressions. Raises TypeError and ValueError."""
    written = mapping(value)
    wanted = written.get("operator")
    operator = next((known for known in _OPERATORS if known == wanted), None)
    if operator is None:
        message = f"unknown operator {wanted!r}"
        raise ValueError(message)
    return Requirement(
        text(written.get("key")), operator, tuple(sorted(text(one) for one in sequence(written.get("values"))))
    )


def _meets(requirement: Requirement, labels: Mapping[str, Value]) -> bool:
    match requirement.operator:
        case "In":
            return labels.get(requirement.key) in requirement.values
        case "NotIn":
            return labels.get(requirement.key) not in requirement.values
        case "Exists":
            return requirement.key in labels
        case "DoesNotExist":
            return requirement.key not in labels
        case "Gt" | "Lt":
            message = f"{requirement.operator} is not for labels of pods"
            raise ValueError(message)
