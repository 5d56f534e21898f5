"""A rule that a policy made strict counts as fired where it cannot be checked: missing facts let no change pass."""

from datetime import date, datetime
from typing import Any

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context, Facts
from support import shop
from support.pure import SCHEMAS, compile, source

_CAPTURED = "2026-01-01T03:00:00Z"
_NOW = "2026-01-01T12:00:00.000Z"
_REQUEST = "target: prod\nnamespace: shop\nworkloads: [{kind: Deployment, name: NAME, container: app, replicas: 3}]\n"
_SNAPSHOT = shop.snapshot("eu-1")


def _compiled(
    policy: str,
    *,
    target: str = "clusters: [{name: eu-1}]\n",
    snapshot: str | None = _SNAPSHOT,
    prices: str | None = None,
    name: str = "checkout",
    as_of: str | None = _CAPTURED,
    now: str = _NOW,
) -> Compilation:
    files = {"snapshot": snapshot, "prices": prices}
    clusters = [source(text, f"ops/clusters/eu-1/{name}.yaml") for name, text in files.items() if text]
    context = Context(
        SCHEMAS,
        targets=(source(f"{target}policy: {{rules: {{{policy}}}}}\n", "ops/targets/prod.yaml"),),
    )
    clock = datetime.fromisoformat(now)
    newest = max(clock, datetime.fromisoformat(as_of)) if as_of else clock
    facts = Facts(clock.date(), tuple(clusters), SCHEMAS, newest, clock)
    return compile([source(_REQUEST.replace("NAME", name))], context, facts)


def _found(compilation: Compilation, rule: str = "CAP-001") -> list[tuple[str, str]]:
    return [(one.severity, one.message) for one in compilation.findings if one.rule == rule]


_OLD = "2025-12-30T03:00:00Z"


def _captured(moment: str) -> str:
    return _SNAPSHOT.replace(_CAPTURED, moment)


_UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "no snapshot": ({"snapshot": None}, "no snapshot for cluster eu-1"),
    "too old": ({"snapshot": _captured(_OLD)}, "the snapshot is over 24h old"),
    "maxAge": ({"target": "clusters: [{name: eu-1}]\nmaxAge: 1h\n"}, "the snapshot is over 1h old"),
    "of the future": (
        {"snapshot": _captured("2026-01-01T14:00:00Z")},
        "the snapshot is dated 2026-01-01T14:00:00Z, which is in the future",
    ),
    "another cluster": (
        {"snapshot": shop.snapshot("us-1")},
        "ops/clusters/eu-1/snapshot.yaml is of another cluster, us-1",
    ),
    "workload absent": ({"name": "basket"}, "Deployment/basket is not in the snapshot of eu-1"),
    "no cluster": ({"target": "description: none\n"}, "target prod has no clusters"),
    "not modelled": (
        {"snapshot": _SNAPSHOT.replace("    placement:", "    unmodelled: [podAffinity]\n    placement:")},
        "it has required pod affinity, which is not modelled",
    ),
}


@pytest.mark.parametrize(("given", "reason"), _UNKNOWN.values(), ids=_UNKNOWN)
def test_a_strict_rule_that_cannot_be_checked_is_an_error_that_says_why(given: dict[str, Any], reason: str) -> None:
    compilation = _compiled("CAP-001: error", **given)

    name = given.get("name") or "checkout"
    assert _found(compilation) == [("error", f"Deployment/{name} could not be checked: {reason}")]


@pytest.mark.parametrize(("given", "reason"), _UNKNOWN.values(), ids=_UNKNOWN)
def test_a_policy_can_say_that_unknown_is_a_warning(given: dict[str, Any], reason: str) -> None:
    compilation = _compiled("CAP-001: {severity: error, onUnknown: warning}", **given)

    assert [(severity, message.endswith(reason)) for severity, message in _found(compilation)] == [("warning", True)]
    assert compilation.plans


@pytest.mark.parametrize("policy", ["CAP-001: warning", "CAP-001: off", "RES-002: error"])
@pytest.mark.parametrize("given", [given for given, _ in _UNKNOWN.values()], ids=_UNKNOWN)
def test_unknown_is_silent_where_no_policy_made_the_rule_strict(policy: str, given: dict[str, Any]) -> None:
    compilation = _compiled(policy, **given)

    assert not [one for one in compilation.findings if "could not be checked" in one.message]


def test_a_rule_that_is_an_error_anyway_fires_where_the_policy_names_it() -> None:
    assert _found(_compiled("QUO-001: error", snapshot=None), "QUO-001")
    assert _found(_compiled("QUO-001: {onUnknown: error}", snapshot=None), "QUO-001")
    assert not _found(_compiled("CAP-001: warning", snapshot=None), "QUO-001")


def test_what_can_be_checked_is_not_called_unknown() -> None:
    assert _found(_compiled("CAP-001: error, QUO-001: error, CAP-003: error, RES-010: error")) == []


def test_a_strict_cap_006_says_a_missing_snapshot_once() -> None:
    for given in ({"snapshot": None}, {"snapshot": _captured(_OLD)}):
        (found,) = _found(_compiled("CAP-006: error", **given), "CAP-006")
        assert found[0] == "error"


def test_the_finding_says_what_to_do_and_how_to_relax_it() -> None:
    (finding,) = [one for one in _compiled("CAP-001: error", snapshot=None).findings if one.rule == "CAP-001"]

    assert finding.help == (
        "capture the cluster: `infra-scale snapshot CLUSTER`; "
        "`onUnknown: warning` for CAP-001 in ops/targets/prod.yaml makes it a warning"
    )
    assert finding.position
    assert finding.position.line == 3


def test_of_several_clusters_those_that_are_unknown_are_named() -> None:
    (found,) = _found(_compiled("CAP-001: error", target="clusters: [{name: eu-1}, {name: eu-2}]\n"))

    assert found == ("error", "Deployment/checkout could not be checked: no snapshot for cluster eu-2")


@pytest.mark.parametrize("as_of", ["1970-01-01T00:00:00Z", "2026-01-01T03:00:00Z", None, "2090-01-01T00:00:00Z"])
def test_no_date_of_a_commit_makes_an_old_snapshot_pass(as_of: str | None) -> None:
    (found,) = _found(_compiled("CAP-001: error", snapshot=_captured(_OLD), as_of=as_of))

    assert found[1].endswith("the snapshot is over 24h old")


def test_a_commit_of_the_future_makes_a_snapshot_too_old_and_no_snapshot_young_enough() -> None:
    aged = _compiled("CAP-001: error", as_of="2090-01-01T00:00:00Z")
    matching = _compiled("CAP-001: error", snapshot=_captured("2090-01-01T00:00:00Z"), as_of="2090-01-01T00:00:00Z")

    assert [message[-12:] for _, message in _found(aged)] == ["over 24h old"]
    assert [message[-13:] for _, message in _found(matching)] == ["in the future"]


def test_what_is_judged_by_the_clock_changes_no_byte_of_a_plan() -> None:
    policy = "CAP-001: {severity: error, onUnknown: warning}"
    young, old = _compiled(policy), _compiled(policy, now="2026-01-05T00:00:00.000Z")

    assert _found(young) == []
    assert _found(old)
    assert old.files == young.files


def test_an_error_of_the_world_refuses_no_plan() -> None:
    for given, _ in _UNKNOWN.values():
        compilation = _compiled("CAP-001: error", **given)
        assert [severity for severity, _ in _found(compilation)] == ["error"]
        assert compilation.is_valid
        assert compilation.plans


_BUDGET = "clusters: [{name: eu-1}]\nbudget: {increase: {amount: 1000}}\n"
_PRICES = shop.prices("eu-1")


@pytest.mark.parametrize(
    ("snapshot", "prices", "reason"),
    [
        (_SNAPSHOT, None, "no prices"),
        (_SNAPSHOT, _PRICES.replace("2025-07-01", "2026-07-01"), "the prices of cluster eu-1 are effective only from"),
        (None, _PRICES, "no snapshot for cluster eu-1"),
        (_captured(_OLD), _PRICES, "the snapshot is over 24h old"),
    ],
    ids=["no prices", "prices of the future", "no snapshot", "too old"],
)
def test_a_strict_budget_whose_cost_is_unknown_refuses_the_request(
    snapshot: str | None, prices: str | None, reason: str
) -> None:
    (found,) = _found(_compiled("COST-001: error", target=_BUDGET, snapshot=snapshot, prices=prices), "COST-001")

    assert found[0] == "error"
    assert found[1].startswith(f"whether the request stays within the budget could not be checked: {reason}")


def test_a_strict_budget_is_silent_where_the_cost_is_known_or_there_is_no_budget() -> None:
    assert not _found(_compiled("COST-001: error", target=_BUDGET, prices=_PRICES), "COST-001")
    assert not _found(_compiled("COST-001: error"), "COST-001")


def test_a_waiver_allows_that_a_rule_cannot_be_checked() -> None:
    request = _REQUEST.replace("replicas: 3", "replicas: 3, allow: [{rule: CAP-001, reason: new, until: '2026-01-31'}]")
    target = source("clusters: [{name: eu-1}]\npolicy: {rules: {CAP-001: error}}\n", "ops/targets/prod.yaml")

    compilation = compile(
        [source(request.replace("NAME", "web"))], Context(SCHEMAS, targets=(target,)), Facts(date(2026, 1, 1))
    )

    assert [severity for severity, _ in _found(compilation)] == ["note"]
    assert compilation.plans
