"""The catalogue: an explanation for every id of a finding. Loads every family of rules."""

from infra_scale.core.evaluation.families import FAMILIES
from infra_scale.core.rules.environment import ENVIRONMENT_RULES
from infra_scale.core.rules.input_errors import INPUT_ERRORS
from infra_scale.core.ruling.catalogue import Entry, Rule

RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family.rules)
"""Every rule about workloads, in the order in which findings are listed."""

CATALOGUE: tuple[Entry, ...] = tuple(
    sorted((*INPUT_ERRORS, *ENVIRONMENT_RULES, *(rule.entry for rule in RULES)), key=lambda entry: entry.id)
)
"""In alphabetical order."""
