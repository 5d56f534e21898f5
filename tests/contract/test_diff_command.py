"""The diff command between commits of real repositories and the work tree."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from support import shop
from support.repository import CHECKOUT, REQUEST, Repository
from support.screen import shown

_GOLDEN = CHECKOUT / "tests/data/diff"
_WIDTHS = (40, 80, 120, 200)
_COLOUR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture
def opened(git_repository: Repository) -> Repository:
    """The shop as it is committed."""
    return shop.open_shop(git_repository)


@pytest.fixture
def changed(opened: Repository) -> Repository:
    """The same with a work tree in which everything is different."""
    shop.change_everything(opened)
    return opened


def _diff(repository: Repository, *arguments: str) -> str:
    return repository.run("diff", *arguments, "--as-of", shop.AS_OF)


def _json(repository: Repository, *arguments: str, code: int = 0) -> dict[str, Any]:
    options = ("--as-of", shop.AS_OF, "--format", "json")
    found: dict[str, Any] = json.loads(repository.run("diff", *arguments, *options, code=code))
    return found


def _settings(found: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """Before and after of what changes, by what it is and where."""
    return {
        f"{change['cluster']} {one['object']} {one['setting']}": (one["before"], one["after"])
        for change in found["changes"]
        for one in change["settings"]
    }


def _without_sha(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{7,40}\b", lambda sha: "0" * len(sha[0]), text)


def _compare(name: str, text: str, *, refresh: bool) -> None:
    file = _GOLDEN / name
    if refresh:
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text, "run `make golden` and review the difference"


@pytest.mark.parametrize("shape", ["text", "json", "markdown"])
def test_what_it_shows_is_what_was_reviewed(changed: Repository, shape: str, refresh: bool) -> None:
    said = _without_sha(_diff(changed, "--format", shape))

    _compare({"text": "text.txt", "json": "document.json", "markdown": "body.md"}[shape], said, refresh=refresh)


@pytest.mark.parametrize("width", _WIDTHS)
def test_it_fits_terminals_of_every_width(changed: Repository, width: int, refresh: bool) -> None:
    drawn = shown(changed.root, "diff", "--as-of", shop.AS_OF, columns=width, variables={"NO_COLOR": "1"})

    assert max(map(len, drawn.splitlines())) <= width
    assert "\x1b" not in drawn
    _compare(f"terminal-{width}.txt", _without_sha(drawn), refresh=refresh)


def test_colours_add_nothing_that_the_words_do_not_say(changed: Repository) -> None:
    coloured = shown(changed.root, "diff", "--as-of", shop.AS_OF, columns=100)

    assert "\x1b[" in coloured
    assert [line.rstrip() for line in _COLOUR.sub("", coloured).splitlines()] == _diff(changed).splitlines()


def test_nothing_found_nothing_changed_and_not_checked_are_three_answers(git_repository: Repository) -> None:
    git_repository.write("requests/README.md", "nothing yet\n")
    shop.commit(git_repository)

    nothing_found = _diff(git_repository, "HEAD"), _json(git_repository, "HEAD")["status"]
    git_repository.write("requests/web.yaml")
    not_checked = _diff(git_repository, "HEAD"), _json(git_repository, "HEAD")["status"]
    shop.commit(git_repository)
    nothing_changed = _diff(git_repository, "HEAD"), _json(git_repository, "HEAD")["status"]

    assert nothing_found[0].endswith("\n\nnothing to compare: there are no requests on either side\n")
    assert nothing_found[1] == "empty"
    assert "Cost: not checked for prod: no prices are configured." in not_checked[0]
    assert "Capacity: not checked for prod: the target has no clusters." in not_checked[0]
    assert not_checked[0].endswith("\n1 to add: cost not checked; capacity not checked\n")
    assert not_checked[1] == "changed"
    assert nothing_changed[0].endswith("\n\nnothing changes for the clusters: 1 request without changes\n")
    assert nothing_changed[1] == "unchanged"


def test_it_compares_requests_and_not_the_plans_that_somebody_forgot(opened: Repository) -> None:
    opened.run("compile", "--as-of", shop.AS_OF)
    stale = opened.read("ops/plans/infra-scale/prod/shop/cart/plan.yaml").replace("to: 2", "to: 9")
    opened.write("ops/plans/infra-scale/prod/shop/cart/plan.yaml", stale)

    assert _json(opened)["status"] == "unchanged"


def test_it_touches_neither_the_work_tree_nor_the_index(changed: Repository) -> None:
    def everything() -> tuple[str, dict[str, bytes], bytes]:
        index = (changed.root / ".git/index").read_bytes()
        return changed.git("--no-optional-locks", "status", "--porcelain"), changed.tree("."), index

    changed.git("add", "requests/shop")
    changed.write("requests/shop/checkout.yaml", shop.CHECKOUT_REQUEST.replace("replicas: 3", "replicas: 4"))
    before = everything()

    found = _settings(_json(changed))

    assert found["eu-1 Deployment/checkout replicas"] == ("3", "4"), "the work tree counts, not what is staged"
    assert everything() == before


def test_without_a_base_it_takes_where_the_branch_left_the_remotes_default_branch(
    opened: Repository, tmp_path: Path
) -> None:
    Repository(tmp_path).git("clone", "--quiet", str(opened.root), "clone")
    clone = Repository(tmp_path / "clone")
    left_at = clone.git("rev-parse", "HEAD").strip()
    clone.git("checkout", "--quiet", "-b", "feature")
    clone.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("replicas: 2", "replicas: 3"))
    shop.commit(clone)
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("replicas: 2", "replicas: 7"))
    shop.commit(opened)
    clone.git("fetch", "--quiet")

    found = _json(clone)

    assert found["base"] == {"chosen": "merge base", "name": "origin/main", "commit": left_at}
    assert _settings(found) == {"eu-1 Deployment/cart replicas": ("2", "3")}
    assert _diff(clone).startswith(f"from the merge base with origin/main ({left_at[:7]}) to the work tree\n")
    assert _settings(_json(clone, "origin/main")) == {"eu-1 Deployment/cart replicas": ("7", "3")}


def test_without_a_remote_it_takes_the_newest_commit_and_says_so(opened: Repository) -> None:
    assert _json(opened)["base"]["chosen"] == "HEAD"
    assert "; the remote's default branch is unknown\n" in _diff(opened)


def test_a_shallow_clone_says_which_fetch_is_missing(opened: Repository, tmp_path: Path) -> None:
    opened.git("checkout", "--quiet", "-b", "feature")
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("replicas: 2", "replicas: 3"))
    shop.commit(opened)
    opened.git("checkout", "--quiet", "main")
    clone = ("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{opened.root}", "clone")
    Repository(tmp_path).git(*clone)
    shallow = Repository(tmp_path / "clone")
    shallow.git("checkout", "--quiet", "feature")

    without_base = shallow.completed("diff", code=1)
    named = shallow.completed("diff", "feature~1", code=1)
    lacking = shallow.completed("diff", "v1", code=1)

    assert without_base.stderr == (
        "infra-scale: this clone lacks the merge base of HEAD and origin/main\n"
        "    help: fetch the rest: `git fetch --unshallow` (in Actions: fetch-depth: 0)\n"
    )
    assert "does not have the commit feature~1\n    help: fetch the rest: `git fetch --unshallow`" in named.stderr
    assert (
        "does not have the commit v1\n    help: fetch it: `git fetch --depth=1 --no-tags origin tag v1`"
        in lacking.stderr
    )

    shallow.paste(without_base.stderr.split("`")[1])
    assert _settings(_json(shallow)) == {"eu-1 Deployment/cart replicas": ("2", "3")}


def test_a_commit_that_nobody_has_is_one_error(opened: Repository) -> None:
    done = opened.completed("diff", "no-such-branch", code=1)

    assert done.stdout == ""
    assert done.stderr == (
        "infra-scale: this clone does not have the commit no-such-branch\n"
        "    help: name a commit, branch or tag of this clone\n"
    )


def test_a_repository_without_a_commit_and_a_folder_that_is_none_are_told_apart(
    repository: Repository, tmp_path: Path
) -> None:
    repository.write("requests/web.yaml")
    outside = repository.completed("diff", code=1)
    repository.git("init", "--quiet")
    without_commit = repository.completed("diff", code=1)

    assert "not in a git repository" in outside.stderr
    assert "there is no commit to compare with" in without_commit.stderr


def test_an_invalid_work_tree_is_one_error_with_its_place(opened: Repository) -> None:
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("2", "two"))

    done = opened.completed("diff", code=1)
    found = _json(opened, code=1)

    assert done.stdout == ""
    assert done.stderr.startswith("infra-scale: the work tree cannot be compared: it is invalid\n")
    assert "requests/shop/cart.yaml:8:15: SCH-003 error: replicas: expected a whole number" in done.stderr
    assert (found["status"], found["side"]) == ("invalid", "work tree")
    assert [one["rule"] for one in found["findings"]] == ["SCH-003"]


def test_an_invalid_base_is_one_error_unless_it_is_outside_the_scope(opened: Repository) -> None:
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("2", "two"))
    sha = shop.commit(opened)
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST)

    done = opened.completed("diff", "HEAD", code=1)

    assert done.stderr.startswith(f"infra-scale: HEAD ({sha[:7]}) cannot be compared: it is invalid\n")
    assert _json(opened, "HEAD", code=1)["side"] == "base"
    assert _json(opened, "HEAD", "--target", "ci")["status"] == "unchanged"
    assert _json(opened, "HEAD", "requests/ci")["status"] == "unchanged"


def test_a_new_request_is_compared_with_what_the_snapshot_shows(opened: Repository) -> None:
    (opened.root / "requests/shop/checkout.yaml").unlink()
    shop.commit(opened)
    opened.write("requests/shop/checkout.yaml", shop.CHECKOUT_REQUEST)

    found = _json(opened)
    said = _diff(opened)

    change = found["changes"][0]
    assert (change["change"], change["requestBefore"]) == ("new", None)
    assert _settings(found)["eu-1 Deployment/checkout replicas"] == ("2", "3")
    assert {one["setting"] for one in change["settings"] if one["live"]} == {"replicas", "max replicas"}
    assert (change["cost"]["before"], change["cost"]["live"]) == ("32.85", True)
    assert re.search(r"replicas +2 now +3$", said, re.MULTILINE)
    assert re.search(r"cost a month +\$65\.70 now +\$98\.55 \(\+\$32\.85\)$", said, re.MULTILINE)


def test_a_request_that_is_gone_costs_an_amount_that_nobody_knows(opened: Repository) -> None:
    (opened.root / "requests/shop/checkout.yaml").unlink()

    found = _json(opened)

    change = found["changes"][0]
    assert change["change"] == "gone"
    assert change["cost"]["before"] == "49.28"
    assert (change["cost"]["after"], change["cost"]["delta"]) == ("n/a", "n/a")
    assert change["cost"]["unknown"] == "no request scales it any more"
    assert _settings(found)["eu-1 Deployment/checkout replicas"] == ("3", None)
    assert found["requests"]["gone"] == ["requests/shop/checkout.yaml"]
    assert "n/a" in _diff(opened)


def test_a_request_that_only_moves_changes_nothing_for_the_clusters(opened: Repository) -> None:
    opened.git("mv", "requests/shop/cart.yaml", "requests/basket.yaml")

    found = _json(opened)

    assert (found["status"], found["changes"]) == ("unchanged", [])
    assert found["requests"]["moved"] == [{"from": "requests/shop/cart.yaml", "to": "requests/basket.yaml"}]
    assert "Moved: requests/shop/cart.yaml → requests/basket.yaml" in _diff(opened)
    assert _json(opened, "requests/basket.yaml")["requests"]["moved"], "its old place is looked for outside the scope"


def test_a_request_for_another_target_leaves_one_and_comes_to_the_other(opened: Repository) -> None:
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("prod", "ci").replace("    cluster: eu-1\n", ""))

    found = _json(opened)

    told = [(one["change"], one["target"], one["cluster"]) for one in found["changes"]]
    assert told == [("new", "ci", None), ("gone", "prod", "eu-1")]
    assert [one["target"] for one in _json(opened, "--target", "ci")["changes"]] == ["ci"]


def test_a_target_that_gets_clusters_takes_its_workloads_along(opened: Repository) -> None:
    opened.write("ops/targets/ci.yaml", "clusters: [{name: ci-1}, {name: ci-2}]\n")

    found = _json(opened)

    told = [(one["change"], one["cluster"]) for one in found["changes"] if one["target"] == "ci"]
    assert told == [("new", "ci-2")], "the first cluster is the one that was meant all along"
    assert found["capacity"][0]["text"] == "no snapshot for cluster ci-2"


def test_other_prices_alone_change_what_it_costs(opened: Repository) -> None:
    opened.write("ops/clusters/eu-2/prices.yaml", shop.prices("eu-2").replace('"0.04"', '"0.08"'))

    found = _json(opened)
    said = _diff(opened)

    assert [(one["cluster"], one["settings"]) for one in found["changes"]] == [("eu-2", [])]
    assert found["costs"][0]["monthly"]["delta"] == "43.80"
    assert found["prices"][0]["cluster"] == "eu-2"
    assert "Other prices: eu-2, from 2025-07-01, with other amounts" in said


def test_prices_in_another_currency_are_not_subtracted(opened: Repository) -> None:
    opened.write("ops/clusters/eu-2/prices.yaml", shop.prices("eu-2").replace("USD", "EUR"))

    (change, *_) = [one for one in _json(opened)["changes"] if one["cost"]["after"] != "n/a"]

    assert (change["cost"]["before"], change["cost"]["delta"]) == ("n/a", "n/a")
    assert change["cost"]["unknown"] == "the price was in USD"
    assert change["cost"]["currency"] if "currency" in change["cost"] else change["cost"]["prices"]["currency"] == "EUR"


def test_a_smaller_cluster_alone_changes_what_fits(opened: Repository) -> None:
    smaller = shop.snapshot("eu-1", most=2).replace("requested: {cpu: 1500m", "requested: {cpu: 3500m")
    opened.write("ops/clusters/eu-1/snapshot.yaml", smaller)

    found = _json(opened)

    (checkout,) = [one for one in found["changes"] if one["workload"]["name"] == "checkout"]
    assert (checkout["settings"], checkout["cluster"]) == ([], "eu-1")
    assert checkout["capacityBefore"]["scenarios"]["hpaMax"]["status"] == "fits"
    assert checkout["capacity"]["scenarios"]["hpaMax"]["status"] == "does_not_fit"
    assert "fits, but does not fit at HPA max" in _diff(opened)


def test_a_manifest_that_names_the_container_changes_what_is_set(opened: Repository) -> None:
    opened.write("ops/targets/ci.yaml", "manifests: [apps]\n")
    opened.write("requests/ci/api.yaml", shop.CI_REQUEST.replace("replicas: 3", "requests: {cpu: 100m}"))
    opened.write("apps/api.yaml", "kind: ConfigMap\nmetadata: {name: other}\n")
    shop.commit(opened)
    template = "template: {spec: {containers: [{name: main}]}}"
    opened.write("apps/api.yaml", f"kind: Deployment\nmetadata: {{name: api}}\nspec: {{{template}}}\n")

    found = _settings(_json(opened))

    assert found == {
        "None Deployment/api cpu request of main": (None, "100m"),
        "None Deployment/api cpu request": ("100m", None),
    }


def test_a_snapshot_that_is_too_old_for_one_side_is_too_old_for_both(changed: Repository) -> None:
    options = ("--as-of", "2026-01-03T12:00:00Z")

    said = changed.run("diff", *options)

    assert "Capacity: not checked: the snapshot is over 24h old." in said
    assert "unknown: the snapshot is over 24h old" in said
    assert "nodes cpu" not in said


def test_findings_that_come_and_go_are_told(opened: Repository) -> None:
    opened.write("requests/ci/api.yaml", shop.CI_REQUEST.replace("replicas: 3", "replicas: 12"))
    shop.commit(opened)
    opened.write("requests/ci/api.yaml", f"# a line above\n{shop.CI_REQUEST.replace('replicas: 3', 'replicas: 1')}")

    found = _json(opened)["findings"]

    assert ([one["rule"] for one in found["new"]], [one["rule"] for one in found["gone"]]) == (
        ["REP-002"],
        ["REP-001"],
    )
    assert "new: requests/ci/api.yaml:4:" in _diff(opened)


def test_a_repository_may_lie_in_a_folder_of_another(git_repository: Repository) -> None:
    inner = Repository(git_repository.root / "platform")
    inner.root.mkdir()
    git_repository.write("platform/requests/web.yaml")
    git_repository.write("requests/other.yaml", REQUEST.replace("web", "other"))
    shop.commit(git_repository)
    inner.write("requests/web.yaml", REQUEST.replace("6", "7"))

    found = _json(inner, "--root", ".")

    assert found["requests"]["before"] == 1
    assert _settings(found) == {"None Deployment/web replicas": ("6", "7")}


def test_odd_names_of_files_and_branches_do_not_disturb_it(opened: Repository) -> None:
    opened.write("requests/notes for [us]\t`x`.md", "x\n")
    opened.write("requests/.hidden.yaml", "x: [\n")
    opened.git("checkout", "--quiet", "-b", "feature/]bold`@team")
    shop.commit(opened)

    assert "from feature/]bold`@team (" in _diff(opened, "feature/]bold`@team")
    assert "from ``feature/]bold`@team``" in _diff(opened, "feature/]bold`@team", "--format", "markdown")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["requests/none.yaml"], "there is no request at requests/none.yaml"),
        (["HEAD", "requests/none.yaml"], "there is no request at requests/none.yaml"),
        (["--target", "prd"], "there is no target prd"),
        ([""], "the name of the base is empty"),
        (["HEAD", "ops"], "ops is not below requests/"),
        (["--as-of", "yesterday"], "--as-of must be a time with its time zone, got 'yesterday'"),
        (["--format", "yaml"], "invalid choice: 'yaml'"),
    ],
)
def test_wrong_usage_is_told_from_failure(opened: Repository, arguments: list[str], message: str) -> None:
    done = opened.completed("diff", *arguments, code=2)

    assert message in done.stderr
    assert done.stdout == ""


def test_paths_and_options_may_stand_in_any_order(changed: Repository) -> None:
    one = _json(changed, "HEAD", "--target", "prod", "requests/shop")
    other = _json(changed, "--target", "prod", "HEAD", "requests/shop")
    without_base = _json(changed, "requests/shop", "--target", "prod")

    assert one == other
    assert one["changes"] == without_base["changes"]


def _replicas(repository: Repository, *arguments: str) -> dict[str, tuple[str | None, str | None]]:
    found = json.loads(repository.run("diff", *arguments, "--format", "json"))
    return {one["setting"]: (one["before"], one["after"]) for change in found["changes"] for one in change["settings"]}


@pytest.fixture
def branched(git_repository: Repository) -> Repository:
    """The branch main has 6, then 7 replicas; feature left it at 6 and has 8; the work tree has 9."""
    for branch, replicas in (("main", 6), ("feature", 8), ("main", 7)):
        git_repository.git("checkout", "-q", "-B" if replicas != 7 else "-q", branch)
        git_repository.write("requests/web.yaml", REQUEST.replace("6", str(replicas)))
        shop.commit(git_repository)
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "9"))
    return git_repository


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("main", "7", "9"),
        ("main..feature", "7", "8"),
        ("feature..main", "8", "7"),
        ("main...feature", "6", "8"),
        ("..feature", "7", "8"),
        ("feature..", "8", "7"),
        ("feature...", "6", "7"),
    ],
)
def test_a_range_means_what_git_means_by_it(branched: Repository, name: str, before: str, after: str) -> None:
    assert _replicas(branched, name) == {"replicas": (before, after)}


def test_a_range_is_named_in_every_format(branched: Repository) -> None:
    main, feature = (branched.git("rev-parse", name).strip() for name in ("main", "feature"))

    assert branched.run("diff", "main..feature").startswith(f"from main ({main[:7]}) to feature ({feature[:7]})\n")
    markdown = branched.run("diff", "main..feature", "--format", "markdown")
    assert markdown.startswith(f"### infra.scale: from `main` (`{main[:7]}`) to `feature` (`{feature[:7]}`)\n")
    found = json.loads(branched.run("diff", "main..feature", "--format", "json"))
    assert found["base"] == {"chosen": "named", "name": "main", "commit": main}
    assert found["head"] == {"chosen": "named", "name": "feature", "commit": feature}


def test_a_range_with_an_unknown_end_names_that_end(branched: Repository) -> None:
    assert "does not have the commit nonsense" in branched.completed("diff", "main..nonsense", code=1).stderr


def test_a_range_whose_end_is_invalid_is_refused(branched: Repository) -> None:
    branched.git("checkout", "-q", "-f", "-b", "broken", "main")
    branched.write("requests/web.yaml", "target: [\n")
    shop.commit(branched)

    done = branched.completed("diff", "main..broken", code=1)

    assert "broken (" in done.stderr.splitlines()[0]
    assert json.loads(branched.run("diff", "main..broken", "--format", "json", code=1))["side"] == "head"


def test_a_path_with_two_dots_is_no_range(branched: Repository) -> None:
    done = json.loads(branched.run("diff", "../requests/web.yaml", "--format", "json", cwd="requests"))

    assert done["base"]["name"] == "HEAD"


def test_exit_code_3_means_that_something_changes(branched: Repository) -> None:
    assert branched.run("diff", "main", "--exit-code", code=3) == branched.run("diff", "main")
    assert branched.run("diff", "main..main", "--exit-code") == branched.run("diff", "main..main")
    assert branched.run("diff", "main", "--exit-code", "--quiet", code=3) == ""
    assert branched.run("diff", "main", "--quiet") == ""
    branched.write("requests/web.yaml", "target: [\n")
    branched.run("diff", "main", "--exit-code", code=1)


@pytest.fixture
def affected(opened: Repository) -> Repository:
    """An edit of cart that fills eu-1, and other prices in eu-2: checkout is affected without an edit."""
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("replicas: 2", "replicas: 90"))
    opened.write("ops/clusters/eu-2/prices.yaml", shop.prices("eu-2").replace('"0.04"', '"0.05"'))
    return opened


def test_edits_come_first_and_what_they_affect_is_listed_below_without_a_sign(affected: Repository) -> None:
    lines = _diff(affected, "HEAD").splitlines()

    edit, heading, other = (
        next(number for number, line in enumerate(lines) if part in line)
        for part in (" ~ Deployment/cart", " Affected, without an edit:", "   Deployment/checkout in shop")
    )
    assert edit < heading < other
    assert any(line.startswith("1 to change, 1 affected: cost +") for line in lines)


def test_every_total_is_about_the_edits_alone(affected: Repository) -> None:
    found = _json(affected, "HEAD")

    edits = [change["cost"] for change in found["changes"] if change["settings"]]
    (total,) = found["costs"]
    assert {change["workload"]["name"] for change in found["changes"]} == {"cart", "checkout"}
    assert [request["request"] for request in total["requests"]] == ["requests/shop/cart.yaml"]
    assert [cost["delta"] for cost in edits] == [total["monthly"]["delta"]]
    shown_total = f"+${total['monthly']['delta']}"
    assert f"1 to change, 1 affected: cost {shown_total}/month" in _diff(affected, "HEAD")
    assert f"**{shown_total}**" in _diff(affected, "HEAD", "--format", "markdown")


def test_without_an_edit_the_totals_are_about_everything_that_is_affected(affected: Repository) -> None:
    affected.git("checkout", "--quiet", "requests")

    assert [request["request"] for request in _json(affected, "HEAD")["costs"][0]["requests"]] == [
        "requests/shop/checkout.yaml"
    ]
    assert "\n1 affected: cost +" in _diff(affected, "HEAD")


def test_markdown_folds_what_is_only_affected(affected: Repository) -> None:
    said = _diff(affected, "HEAD", "--format", "markdown")

    folded = re.findall(
        r"<details><summary>Workloads without an edit</summary>\n\n(.*?)\n\n</details>", said, re.DOTALL
    )
    assert len(folded) >= 2
    assert all("checkout" in block and "cart" not in block for block in folded)
    assert "Deployment/checkout" not in re.sub(
        r"<details>.*?</details>", "", said.partition("## New Findings")[0], flags=re.DOTALL
    )


def test_a_comment_about_two_requests_has_at_most_60_lines_unfolded(opened: Repository) -> None:
    time = {"SOURCE_DATE_EPOCH": str(int(datetime.fromisoformat(shop.AS_OF).timestamp()))}
    dates = dict.fromkeys(("GIT_COMMITTER_DATE", "GIT_AUTHOR_DATE"), shop.AS_OF)
    opened.run("compile")
    opened.tool("git", "add", "--all")
    opened.tool("git", "commit", "--quiet", "--amend", "--no-edit", "--date", shop.AS_OF, variables=dates)
    shop.change_everything(opened)
    opened.git("checkout", "--quiet", "HEAD", "--", "requests/ci", "ops/clusters")
    (opened.root / "requests/ci/web.yaml").unlink()
    opened.git("mv", "requests/shop/basket.yaml", "requests/shop/cart.yaml")
    opened.write("requests/shop/cart.yaml", shop.CART_REQUEST.replace("replicas: 2", "replicas: 4"))
    opened.run("compile")
    file = opened.root / ".git/summary.md"

    opened.run("comment", "--base", "HEAD", code=None, variables={**time, "GITHUB_STEP_SUMMARY": str(file)})

    said = file.read_text(encoding="utf-8")
    assert {"## What Changes", "## Cost", "## Capacity", "## Consequences", "## Findings"} <= set(said.splitlines())
    assert "per month, **+$" in said
    assert "Use of nodes and quotas" in said
    unfolded = re.sub(r"<details><summary>(.*?)</summary>.*?</details>", r"\1", said, flags=re.DOTALL)
    assert said.count("<details>") == said.count("</details>")
    assert len([line for line in unfolded.splitlines() if not line.startswith("<!--")]) <= 60, unfolded
