"""The diff command says no more, and nothing else, than what both sides know."""

import json
from typing import Any

import pytest

from support import shop
from support.repository import Repository

_CHECKOUT = "requests/shop/checkout.yaml"


@pytest.fixture
def opened(git_repository: Repository) -> Repository:
    """The shop as it is committed."""
    return shop.open_shop(git_repository)


def _diff(repository: Repository, *arguments: str) -> str:
    return repository.run("diff", *arguments, "--as-of", shop.AS_OF)


def _json(repository: Repository, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_diff(repository, *arguments, "--format", "json"))
    return found


def _flat(text: str) -> str:
    return " ".join(text.split())


def _more(repository: Repository) -> None:
    repository.write(_CHECKOUT, shop.CHECKOUT_REQUEST.replace("replicas: 3", "replicas: 5"))


def test_a_sum_says_in_which_cluster_a_cost_is_missing(opened: Repository) -> None:
    (opened.root / "ops/clusters/eu-2/prices.yaml").unlink()
    opened.write("ops/targets/prod.yaml", opened.read("ops/targets/prod.yaml") + "budget: {increase: {amount: 1}}\n")
    shop.commit(opened)
    _more(opened)

    said = _flat(_diff(opened))
    left_out = _json(opened)["costs"][0]["monthly"]["without"]
    opened.run("compile", "--as-of", shop.AS_OF)

    assert "prod: 1 workload changes, $49.28 → $82.12 a month" in said
    assert "without Deployment/checkout in eu-2" in said
    assert "cost a month $49.28 $82.12 (+$32.85) without eu-2" in said, "the row has the known part"
    assert [(one["cluster"], one["name"]) for one in left_out] == [("eu-2", "checkout")]
    plan = opened.read("ops/plans/infra-scale/prod/shop/checkout/plan.yaml")
    assert "- {cluster: eu-2, kind: Deployment, name: checkout, namespace: shop, unknown: no prices" in plan
    assert "without CronJob/report in eu-1 and eu-2, Deployment/checkout in eu-2, whose cost is unknown" in plan


def test_a_maximum_that_shrinks_shows_what_it_was(opened: Repository) -> None:
    opened.write(_CHECKOUT, shop.CHECKOUT_REQUEST.replace("max: 6", "max: 3000"))
    shop.commit(opened)
    opened.write(_CHECKOUT, shop.CHECKOUT_REQUEST.replace("max: 6", "max: 3"))

    assert "with autoscaler $65.70 to $98,550.00 $65.70 to $98.55" in _flat(_diff(opened))
    assert "$32.85 to $49,275.00 → $32.85 to $49.28" in _diff(opened, "--format", "markdown")


def test_what_runs_now_is_not_called_what_was_planned(opened: Repository) -> None:
    snapshot = opened.root / "ops/clusters/eu-1/snapshot.yaml"
    held = snapshot.read_text(encoding="utf-8")
    snapshot.unlink()
    (opened.root / "ops/clusters/eu-2/snapshot.yaml").unlink()
    shop.commit(opened)
    snapshot.write_text(held, encoding="utf-8")
    _more(opened)

    said = _flat(_diff(opened))

    assert "Before is what runs now; after is with everything that is planned for the cluster and known." in said
    assert "Before and after are" not in said
