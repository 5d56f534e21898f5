"""Families of rules are skipped only where none of their rules could find anything."""

from pathlib import Path

import pytest

from infra_scale.core.evaluation import families, rules
from infra_scale.core.evaluation.families import FAMILIES
from infra_scale.core.ruling.catalogue import Rule
from support import cluster_pairs, ownership_pairs
from support.clusters import compile_in
from support.pure import compile_with_base

_MODULES = sorted(path.stem for path in (Path(families.__file__).parents[1] / "rules").glob("[!_]*.py"))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.module)
def test_a_family_lists_the_rules_that_its_module_declares(family: families.Family) -> None:
    assert sorted(family.ids) == sorted(rule.id for rule in family.rules)


def test_every_module_that_declares_rules_is_a_family() -> None:
    declaring = {name for name in _MODULES if families.Family(name, (), bool).rules}

    assert declaring == {family.module for family in FAMILIES}


def _without_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "FAMILIES", [one._replace(applies=lambda _: True) for one in FAMILIES])


@pytest.mark.parametrize("pair", cluster_pairs.PAIRS, ids=lambda pair: f"{pair.rule} {pair.firing}")
def test_nothing_is_lost_beside_a_snapshot(pair: cluster_pairs.Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    found = compile_in(pair.firing, base=pair.base, eu_1=pair.seen).findings
    _without_conditions(monkeypatch)

    assert found == compile_in(pair.firing, base=pair.base, eu_1=pair.seen).findings


_SCALERS = (
    "hpa: {min: 0, max: 12}",
    "keda: {min: 0, max: 12, triggers: [{type: cpu, metadata: {}}]}",
    "vpa: {mode: Auto}",
)
_SIZES = ("replicas: 0", "replicas: 12", "parallelism: 2", "suspend: true", "requests: {cpu: 100}", "limits: {mem: 1}")
_ALONE = [*_SCALERS, *_SIZES]
_HANDED = [f"{one}, handover: {{from: {owner}}}" for one in _ALONE for owner in ("hpa", "keda", "vpa", "replicas")]
_PAIRED = [f"{scaler}, {size}" for scaler in _SCALERS for size in _SIZES]
_OWNED = [text for pair in ownership_pairs.PAIRS for text in pair[1:3]]


@pytest.mark.parametrize("base", [None, 3], ids=["no manifest", "manifest"])
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "CronJob"])
def test_nothing_is_lost_without_a_snapshot(kind: str, base: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    written = [f"kind: {kind}, {text}" for text in (*_ALONE, *_PAIRED, *_HANDED, *_OWNED) if "kind:" not in text]
    found = [compile_with_base(workload, base=base).findings for workload in written]
    _without_conditions(monkeypatch)

    assert found == [compile_with_base(workload, base=base).findings for workload in written]


def test_a_rule_is_found_by_its_id() -> None:
    found = [families.rule_of(id) for family in FAMILIES for id in family.ids]

    assert all(isinstance(rule, Rule) for rule in found)
    assert families.rule_of("SCH-001") is None
