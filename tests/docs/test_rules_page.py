"""The catalogue of rules is whole, and its page is generated from it."""

import json
import re

import pytest

from infra_scale.core.evaluation.catalogue import CATALOGUE
from infra_scale.core.reporting.rules_text import page
from support.repository import CHECKOUT, Repository

_PAGE = CHECKOUT / "docs/rules.md"
_EXPLAINED = ("forms.py", "surroundings.py")
_ID = re.compile(r"\"([A-Z]{3,4}-[0-9]{3})\"")


def test_every_id_in_the_code_is_explained_and_every_explained_id_is_in_the_code() -> None:
    sources = [file for file in (CHECKOUT / "compiler/infra_scale").rglob("*.py") if file.name not in _EXPLAINED]
    used = {found for file in sources for found in _ID.findall(file.read_text(encoding="utf-8"))}

    assert used == {entry.id for entry in CATALOGUE}
    assert len(CATALOGUE) == len({entry.id for entry in CATALOGUE})


def test_the_page_is_that_of_the_catalogue(refresh: bool) -> None:
    fresh = page(CATALOGUE)

    if refresh:
        _PAGE.write_text(fresh, encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == fresh, "run `make golden`"


def test_explain_lists_all_and_tells_all_about_one(repository: Repository) -> None:
    assert repository.run("explain").count("\n") == len(CATALOGUE)
    assert json.loads(repository.run("explain", "--format", "json"))[0]["id"] == CATALOGUE[0].id
    assert repository.run("explain", "rep-001") == (
        "REP-001  warning\n"
        "  when    More than 10 replicas.\n"
        "  why     Large replica counts can exhaust node capacity or the namespace's quotas.\n"
        "  fix     check that the nodes and the quota of the namespace allow that many pods\n"
        "  bound   threshold: 10; a target's policy can set another\n"
        "  source  the original infra.scale, Risk Detection\n"
    )


def test_explain_lists_those_that_begin_alike(repository: Repository) -> None:
    said = repository.run("explain", "cost")

    assert [line.split()[0] for line in said.splitlines()] == [
        rule.id for rule in CATALOGUE if rule.id.startswith("COST-")
    ]


def test_a_rule_that_does_not_exist_is_wrong_usage_and_names_the_nearest(repository: Repository) -> None:
    done = repository.completed("explain", "REP-01", code=2)

    assert "unknown rule REP-01" in done.stderr
    assert "did you mean REP-001?" in done.stderr


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
def test_an_entry_says_everything_in_whole_sentences(entry: object) -> None:
    assert all(str(part) for name, part in entry._asdict().items() if name != "fix")  # type: ignore[attr-defined]
    assert entry.trigger.endswith(".")  # type: ignore[attr-defined]
