"""The diff command says no more, and nothing else, than what both sides know."""

import json
import re
from pathlib import Path
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
    compiled = json.loads(opened.run("compile", "--as-of", shop.AS_OF, "--format", "json"))
    forecast = next(one for one in compiled["forecasts"] if one["request"].endswith("shop/checkout.yaml"))

    assert "prod: 1 to change, $49.28 → $82.12 a month" in said
    assert "without Deployment/checkout in eu-2" in said
    assert "cost a month $49.28 $82.12 (+$32.85) without eu-2" in said, "the row has the known part"
    assert [(one["cluster"], one["name"]) for one in left_out] == [("eu-2", "checkout")]
    unknown = [one for one in forecast["cost"]["workloads"] if "unknown" in one]
    assert [(one["cluster"], one["name"]) for one in unknown] == [
        ("eu-1", "report"),
        ("eu-2", "checkout"),
        ("eu-2", "report"),
    ]


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

    assert "Before is the running state; after includes all known plans for the cluster." in said
    assert "Before and after include" not in said


def test_a_cluster_that_nobody_asks_anything_of_any_more_is_still_looked_at(opened: Repository) -> None:
    for path in (_CHECKOUT, "requests/shop/cart.yaml"):
        (opened.root / path).unlink()

    found = _json(opened)

    assert "no snapshot" not in _diff(opened)
    assert [(one["cluster"], one["text"]) for one in found["capacity"]] == [
        ("eu-1", "nothing is planned for it"),
        ("eu-2", "nothing is planned for it"),
    ]


def test_a_cost_that_stays_is_not_called_unchecked(opened: Repository) -> None:
    opened.write(_CHECKOUT, shop.CHECKOUT_REQUEST.partition("  - kind: CronJob")[0])
    shop.commit(opened)
    smaller = shop.snapshot("eu-1", most=2).replace("requested: {cpu: 1500m", "requested: {cpu: 3500m")
    opened.write("ops/clusters/eu-1/snapshot.yaml", smaller)

    assert ": same cost; fits, but does not fit at HPA max" in _flat(_diff(opened))


def test_without_a_moment_no_snapshot_is_too_old_and_one_line_says_which_are(opened: Repository) -> None:
    younger = shop.snapshot("eu-1").replace("2026-01-01T03:00", "2035-01-02T03:00")
    opened.write("ops/clusters/eu-1/snapshot.yaml", younger)
    unchanged = opened.run("diff")
    _more(opened)
    said = _flat(opened.run("diff"))
    document = json.loads(opened.run("diff", "--format", "json"))

    assert "nothing changes for the clusters" in unchanged
    assert "eu-1 as it was at 2035-01-02T03:00Z (before: at 2026-01-01T03:00Z):" in said
    assert "eu-2's snapshot is over 24h old at the newest commit." in said
    assert "eu-1's snapshot" not in said
    assert "cost a month $98.55 $164.25" in said
    assert document["asOf"] is None
    assert [one["age"] for one in document["capacity"]] == [None, "is over 24h old"]
    assert "`eu-2`'s snapshot is over 24h old" in opened.run("diff", "--format", "markdown")
    assert "'s snapshot is" not in _diff(opened), "whoever names a moment has it judged"


def test_another_target_for_the_same_cluster_is_told(opened: Repository) -> None:
    shared = re.sub(r"(name: eu-\d)", r"\1, shared: true", opened.read("ops/targets/prod.yaml"))
    for target in ("prod", "staging"):
        opened.write(f"ops/targets/{target}.yaml", shared)
    opened.write(_CHECKOUT, shop.CHECKOUT_REQUEST.replace("prod", "staging"))
    only_target = _diff(opened)
    _more(opened)
    opened.write(_CHECKOUT, opened.read(_CHECKOUT).replace("prod", "staging"))

    assert f"Other target: {_CHECKOUT}, prod → staging\n" in only_target
    assert f"({_CHECKOUT}, for prod before)" in _flat(_diff(opened))
    assert _json(opened)["requests"]["retargeted"] == [{"request": _CHECKOUT, "from": "prod", "to": "staging"}]


def test_a_cluster_that_is_new_in_a_target_is_named(opened: Repository) -> None:
    opened.write("ops/targets/prod.yaml", opened.read("ops/targets/prod.yaml") + "  - {name: eu-3}\n")

    assert "New in target prod: cluster eu-3\n" in _diff(opened)
    assert _json(opened)["clusters"] == {"new": [{"target": "prod", "cluster": "eu-3"}], "gone": []}
    assert "New in target `prod`: cluster `eu-3`" in _diff(opened, "--format", "markdown")


def test_a_request_that_stays_while_its_clusters_go_is_not_called_gone(opened: Repository) -> None:
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("    cluster: eu-1\n", ""))
    shop.commit(opened)
    opened.write("ops/targets/prod.yaml", "clusters: [{name: eu-1}]\n")
    fewer = _flat(_diff(opened))
    opened.write("ops/targets/prod.yaml", "clusters: []\n")
    none = _flat(_diff(opened))
    for name in ("prod", "ci"):
        (opened.root / f"ops/targets/{name}.yaml").unlink()
    untold = _flat(_diff(opened))

    assert "Gone in target prod: cluster eu-2" in fewer
    assert "no request scales it there any more" in fewer
    assert "no request scales it any more" not in fewer + none + untold
    assert "its target no longer has clusters" in none
    assert "its target no longer has clusters" in untold


def test_another_sheet_is_not_a_new_date_of_the_same_one(opened: Repository) -> None:
    opened.write("ops/targets/prod.yaml", opened.read("ops/targets/prod.yaml") + "prices: opencost-2024-10\n")
    (opened.root / "ops/clusters/eu-1/prices.yaml").unlink()
    shop.commit(opened)
    opened.write("ops/clusters/eu-1/prices.yaml", shop.prices("eu-1"))

    assert "Other prices: eu-1, opencost-2024-10 from 2024-10-01 → own sheet from 2025-07-01\n" in _diff(opened)


def test_a_quota_that_is_more_than_full_is_told_beside_what_fits(opened: Repository) -> None:
    (opened.root / "requests/shop/cart.yaml").unlink()
    running = shop.CHECKOUT_REQUEST.replace("replicas: 3", "replicas: 2").replace("max: 6", "max: 2")
    opened.write(_CHECKOUT, running)
    full = shop.snapshot("eu-1").replace("used: {requests.cpu: 1500m", "used: {requests.cpu: 9500m")
    opened.write("ops/clusters/eu-1/snapshot.yaml", full)
    shop.commit(opened)
    opened.write(_CHECKOUT, running.replace("cpu: 500m", "cpu: 400m"))

    assert "; over quota shop/compute" in _flat(_diff(opened)).rpartition("1 to change: ")[2]


@pytest.mark.parametrize("depth", [(), ("--depth=1",)])
@pytest.mark.parametrize(("base", "known"), [("v1", "v1"), ("feat", "origin/feat"), ("origin/feat", "origin/feat")])
def test_the_command_that_brings_a_missing_base_does_bring_it(
    opened: Repository, tmp_path: Path, depth: tuple[str, ...], base: str, known: str
) -> None:
    opened.git("checkout", "--quiet", "-b", "feat")
    _more(opened)
    shop.commit(opened)
    opened.git("tag", "v1")
    opened.git("checkout", "--quiet", "main")
    place = f"file://{opened.root}"
    Repository(tmp_path).git("clone", "--quiet", *depth, "--single-branch", "--no-tags", place, "clone")
    clone = Repository(tmp_path / "clone")

    missing = clone.completed("diff", base, code=1).stderr
    command = re.search("help: fetch it: `(.*?)`", missing)
    assert command, missing
    clone.paste(command[1])

    assert _diff(clone, base).startswith(f"from {known} (")


def test_an_invalid_newest_commit_is_not_answered_with_a_later_one(opened: Repository) -> None:
    opened.write(_CHECKOUT, shop.CHECKOUT_REQUEST.replace("replicas: 3", "replicas: three"))
    shop.commit(opened)
    opened.write(_CHECKOUT, shop.CHECKOUT_REQUEST)

    said = opened.completed("diff", "HEAD", code=1).stderr

    assert "help: commit a fix, or name an earlier base\n" in said
    assert "the name of the base is empty" in opened.completed("diff", " ", code=2).stderr


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("10", 40), ("many", 100), ("0", 100)])
def test_a_pipe_is_as_wide_as_somebody_says(opened: Repository, columns: str, width: int) -> None:
    _more(opened)

    said = opened.run("diff", variables={"COLUMNS": columns})

    assert width - 20 < max(map(len, said.splitlines())) <= width
