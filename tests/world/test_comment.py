"""`infra-scale comment` on a pull request, against a look-alike of GitHub that we did not write."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra_scale.cli import comment
from infra_scale.core.proposing.comment import MARKER
from infra_scale.usecases import elsewhere
from support import shop
from support.github_people import Person
from support.github_server import ACTIONS_TOKEN, Answer, Call, GitHubServer
from support.repository import REQUEST, Repository

PLANS = "ops/plans/infra-scale/prod/web"
PROPOSAL = "infra/scale-prod"


@pytest.fixture
def clone(git_repository: Repository, server: GitHubServer) -> Repository:
    """A clone whose main branch has a request with its plan; the branch `change` is checked out."""
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    _commit(git_repository)
    server.push(git_repository)
    git_repository.git("checkout", "--quiet", "-b", "change")
    return git_repository


def _commit(repository: Repository) -> None:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "change")


def _event(clone: Repository, number: int, *, fork: bool = False, branch: str = "change") -> dict[str, str]:
    """The environment that Actions gives to a run on a pull request."""
    base = {"sha": clone.git("rev-parse", "main").strip(), "repo": {"full_name": "admin/r0"}}
    head = {"ref": branch, "repo": {"full_name": "stranger/r0" if fork else "admin/r0"}}
    path = clone.root / ".git/event.json"
    path.write_text(json.dumps({"pull_request": {"number": number, "base": base, "head": head}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_STEP_SUMMARY": str(clone.root / ".git/summary.md"),
    }


def _comment(
    clone: Repository, server: GitHubServer, event: dict[str, str], *arguments: str, code: int = 0
) -> tuple[str, str]:
    """Run it; what it wrote to standard output, and to standard error."""
    done = clone.completed("comment", *arguments, code=code, variables={**server.environment, **event})
    return done.stdout, done.stderr


def _comments(server: GitHubServer, number: int) -> list[str]:
    found: list[dict[str, Any]] = server.get(f"issues/{number}/comments")
    return [comment["body"] for comment in found]


def _labels(server: GitHubServer, number: int) -> list[str]:
    return [label["name"] for label in server.get(f"pulls/{number}")["labels"]]


def _summary(clone: Repository) -> str:
    file = clone.root / ".git/summary.md"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def test_a_pull_request_that_carries_its_plans_gets_one_comment_and_the_label(
    clone: Repository, server: GitHubServer
) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "12"))
    clone.run("compile")
    _commit(clone)
    number = server.open_pull(clone, "change")

    annotations, said = _comment(clone, server, _event(clone, number))

    (body,) = _comments(server, number)
    assert "### infra.scale: plans change for prod" in body
    assert "| `assistant` | `Deployment/web` | replicas | `6` | `12` |" in body
    assert "REP-001" in body
    assert _labels(server, number) == ["needs-approval"]
    assert "::warning file=requests/web.yaml,title=REP-001,line=6,col=" in annotations
    assert said.endswith("comment: created\n")
    assert "| `assistant` | `Deployment/web` | replicas | `6` | `12` |" in _summary(clone)

    server.calls.clear()
    assert _comment(clone, server, _event(clone, number))[1].endswith("comment: unchanged\n")
    assert [call for call in server.calls if call.writes] == []


def test_an_autoscaler_that_is_dropped_is_told_to_reviewers_although_the_plans_come_along(
    clone: Repository, server: GitHubServer
) -> None:
    """The run that wrote the plan has said it to its author; the plan itself cannot."""
    clone.git("checkout", "--quiet", "main")
    clone.write("requests/web.yaml", f"{REQUEST}    hpa: {{min: 2, max: 8}}\n")
    clone.run("compile")
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("requests/web.yaml")
    clone.run("compile")
    _commit(clone)
    number = server.open_pull(clone, "change")

    _comment(clone, server, _event(clone, number))

    (body,) = _comments(server, number)
    assert body.count("OWN-007") == 1
    assert _summary(clone).count("OWN-007") == 1


def test_an_autoscaler_that_is_dropped_against_the_policy_fails_the_check_although_the_plans_come_along(
    clone: Repository, server: GitHubServer
) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", "policy: {rules: {OWN-007: error}}\n")
    clone.write("requests/web.yaml", f"{REQUEST}    hpa: {{min: 2, max: 8}}\n")
    clone.run("compile")
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("requests/web.yaml")
    assert "OWN-007" in clone.run("compile")
    _commit(clone)
    number = server.open_pull(clone, "change")

    annotations, _ = _comment(clone, server, _event(clone, number), code=1)

    (body,) = _comments(server, number)
    assert "### infra.scale: a check fails" in body
    assert body.count("OWN-007") == 1
    assert "::error file=requests/web.yaml,title=OWN-007" in annotations


def test_a_dropped_autoscaler_is_judged_by_the_policy_of_the_base_and_not_of_the_change(
    clone: Repository, server: GitHubServer
) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", "policy: {rules: {OWN-007: error}}\n")
    clone.write("requests/web.yaml", f"{REQUEST}    hpa: {{min: 2, max: 8}}\n")
    clone.run("compile")
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("ops/targets/prod.yaml", "policy: {rules: {OWN-007: off}}\n")
    clone.write("requests/web.yaml")
    clone.run("compile")
    _commit(clone)
    number = server.open_pull(clone, "change")

    annotations, _ = _comment(clone, server, _event(clone, number), code=1)

    assert "::error file=requests/web.yaml,title=OWN-007" in annotations


@pytest.fixture
def shop_body(clone: Repository, server: GitHubServer) -> Callable[[str], str]:
    """The comment on a pull request that gives the checkout of the shop two more pods, by a snapshot of some day."""

    def body(day: str) -> str:
        clone.git("checkout", "--quiet", "main")
        (clone.root / "requests/web.yaml").unlink()
        shop.open_shop(clone)
        clone.write("ops/clusters/eu-1/snapshot.yaml", shop.snapshot("eu-1").replace("2026-01-01T", f"{day}T"))
        clone.write("ops/targets/prod.yaml", "clusters: [{name: eu-1}]\nmaxAge: 99999d\n")
        clone.run("compile")
        _commit(clone)
        server.push(clone)
        clone.git("checkout", "--quiet", "-B", "change")
        clone.write("requests/shop/checkout.yaml", shop.CHECKOUT_REQUEST.replace("replicas: 3", "replicas: 5"))
        clone.run("compile")
        _commit(clone)
        number = server.open_pull(clone, "change")
        _comment(clone, server, _event(clone, number))
        (found,) = _comments(server, number)
        return found

    return body


def test_the_comment_shows_the_change_of_the_cost_since_the_base_and_whether_it_fits(
    shop_body: Callable[[str], str],
) -> None:
    body = shop_body("2025-12-31")

    assert "- `prod`: $49.28 → $82.12 per month, **+$32.85**" in body, "two pods run, three are in the plan of the base"
    assert "- `Deployment/checkout` in `shop`: **fits**" in body
    assert "| quota `shop/compute`, `requests.cpu` |" in body


def test_a_snapshot_of_the_future_counts_as_not_checked_in_every_part_of_the_comment(
    shop_body: Callable[[str], str],
) -> None:
    body = shop_body("2026-01-02")

    assert "the snapshot is dated 2026-01-02T03:00:00Z, which is in the future" in body
    assert "**fits**" not in body


def test_the_comment_is_updated_in_place_when_the_request_changes(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    clone.run("compile")
    _commit(clone)
    number = server.open_pull(clone, "change")
    _comment(clone, server, _event(clone, number))

    clone.write("requests/web.yaml", REQUEST.replace("6", "six"))
    _commit(clone)
    _comment(clone, server, _event(clone, number), code=1)
    assert _labels(server, number) == ["needs-approval"], "of a refused request, nothing is known"
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    _comment(clone, server, _event(clone, number))

    clone.write("requests/web.yaml", REQUEST)
    clone.run("compile")
    _commit(clone)
    server.push(clone, branch="change")
    _, said = _comment(clone, server, _event(clone, number))

    assert said.endswith("comment: updated\n")
    (body,) = _comments(server, number)
    assert "### infra.scale: no plan changes" in body
    assert _labels(server, number) == [], "what the bot put on, it takes off"


_STRICT = "clusters: [{name: eu}]\npolicy: {rules: {REP-001: error}}\n"


@pytest.fixture
def strict(git_repository: Repository, server: GitHubServer) -> Repository:
    """The clone, with a target whose policy makes many replicas an error."""
    git_repository.write("ops/targets/prod.yaml", _STRICT)
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    _commit(git_repository)
    server.push(git_repository)
    git_repository.git("checkout", "--quiet", "-b", "change")
    return git_repository


def test_a_pull_request_that_relaxes_its_own_policy_is_judged_by_the_base_and_says_what_it_relaxes(
    strict: Repository, server: GitHubServer
) -> None:
    strict.write("ops/targets/prod.yaml", _STRICT.replace("REP-001: error", "REP-001: off"))
    strict.write("requests/web.yaml", REQUEST.replace("6", "600"))
    strict.write(".gitattributes", "ops/rendered/** linguist-generated\n")
    strict.run("compile")
    _commit(strict)
    number = server.open_pull(strict, "change")

    annotations, _ = _comment(strict, server, _event(strict, number), code=1)

    assert "::error file=requests/web.yaml,title=REP-001,line=6,col=15::" in annotations
    (body,) = _comments(server, number)
    for text in (body, _summary(strict)):
        assert "## Changes to Policy and Configuration" in text
        assert "- target `ops/targets/prod.yaml` changed: `REP-001` `error` → `off`\n" in text
        assert "- Git attributes `.gitattributes` added\n" in text
        assert "| error | REP-001 | `requests/web.yaml:6` |" in text
        assert "| `assistant` | `Deployment/web` | replicas | `6` | `600` |" in text
        assert "Digest" not in text
    assert _labels(server, number) == []


def test_a_change_of_the_policy_alone_is_told_and_passes(strict: Repository, server: GitHubServer) -> None:
    strict.write("ops/targets/prod.yaml", _STRICT.replace("error", "off"))
    _commit(strict)
    number = server.open_pull(strict, "change")

    _comment(strict, server, _event(strict, number))

    (body,) = _comments(server, number)
    assert "- target `ops/targets/prod.yaml` changed: `REP-001` `error` → `off`\n" in body


def test_another_teams_broken_request_turns_no_pull_request_red(strict: Repository, server: GitHubServer) -> None:
    strict.git("checkout", "--quiet", "main")
    strict.write("requests/api.yaml", REQUEST.replace("web", "api").replace("6", "600"))
    _commit(strict)
    server.push(strict)
    strict.git("checkout", "--quiet", "-B", "change")
    strict.write("requests/web.yaml", REQUEST.replace("6", "7"))
    strict.run("compile", "requests/web.yaml")
    _commit(strict)
    number = server.open_pull(strict, "change")

    annotations, _ = _comment(strict, server, _event(strict, number))

    assert "::notice file=requests/api.yaml,title=REP-001" in annotations
    (body,) = _comments(server, number)
    assert "REP-001" not in body


def test_a_pull_request_without_its_plans_fails_and_the_comment_says_what_to_run(
    clone: Repository, server: GitHubServer
) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    _commit(clone)
    number = server.open_pull(clone, "change")

    annotations, _ = _comment(clone, server, _event(clone, number), code=1)

    assert "::error file=requests/web.yaml,title=PLN-003::" in annotations
    (body,) = _comments(server, number)
    assert "out of date" in body
    assert "Run `infra-scale compile` and commit the result." in body
    assert _labels(server, number) == []


_STRAY = "ops/rendered/infra-scale/c1/pay/.hidden/kustomization.yaml"


@pytest.mark.parametrize("arguments", [(), ("--plans-later",)])
def test_a_file_that_nobody_generated_fails_and_the_comment_names_both_ways_out(
    clone: Repository, server: GitHubServer, arguments: tuple[str, ...]
) -> None:
    clone.write(_STRAY, "kind: Component\n")
    _commit(clone)
    number = server.open_pull(clone, "change")

    annotations, _ = _comment(clone, server, _event(clone, number), *arguments, code=1)

    assert f"::error file={_STRAY},title=PLN-002" in annotations
    (body,) = _comments(server, number)
    assert "### infra.scale: unexpected file in ops/plans or ops/rendered" in body
    assert _STRAY in body
    assert "Move it one level up, or run `infra-scale compile --prune`." in body


def test_an_unexpected_file_that_the_base_has_too_is_not_this_pull_request_s_doing(
    clone: Repository, server: GitHubServer
) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write(_STRAY, "kind: Component\n")
    _commit(clone)
    server.push(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("docs.md", "more")
    _commit(clone)
    number = server.open_pull(clone, "change")

    annotations, _ = _comment(clone, server, _event(clone, number))
    clone.write(_STRAY, "kind: Component\nreplicas: []\n")
    _commit(clone)
    edited, _ = _comment(clone, server, _event(clone, number), code=1)

    assert f"::notice file={_STRAY}" in annotations
    assert f"::error file={_STRAY}" in edited


def test_where_plans_come_later_their_absence_is_no_fault(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    _commit(clone)
    number = server.open_pull(clone, "change")

    _, said = _comment(clone, server, _event(clone, number), "--no-plans")

    assert "warning" not in said
    (body,) = _comments(server, number)
    assert "| `6` | `7` |" in body
    assert "After the merge, infra-scale opens a pull request to approve these plans" in body
    assert _labels(server, number) == []


@pytest.mark.parametrize("path", [f"{PLANS}/plan.yaml", f"{PLANS}/SUMMARY.md"])
def test_where_plans_come_later_a_plan_that_was_edited_by_hand_is_refused(
    clone: Repository, server: GitHubServer, path: str
) -> None:
    """With or without a change of its request: only what the requests compile to may come in a pull request."""
    clone.write(path, clone.read(path).replace("6", "600"))
    _commit(clone)
    number = server.open_pull(clone, "change")

    annotations, _ = _comment(clone, server, _event(clone, number), "--no-plans", code=1)

    assert f"::error file={path},title=PLN-003::{path} was edited" in annotations
    (body,) = _comments(server, number)
    assert "the plans are out of date" in body


def test_where_plans_come_later_the_pull_request_that_brings_them_is_green(
    clone: Repository, server: GitHubServer
) -> None:
    """Although plans of another request are still to come."""
    clone.git("checkout", "--quiet", "main")
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    clone.write("requests/two.yaml", REQUEST.replace("web", "two"))
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.run("compile", "requests/web.yaml")
    _commit(clone)
    number = server.open_pull(clone, "change")

    _comment(clone, server, _event(clone, number), "--no-plans")


def test_where_plans_come_later_an_unknown_base_is_no_pass(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    _commit(clone)
    event = _event(clone, 1)
    gone = event | {"GITHUB_EVENT_PATH": str(clone.root / ".git/gone.json")}
    text = Path(event["GITHUB_EVENT_PATH"]).read_text().replace(clone.git("rev-parse", "main").strip(), "0" * 40)
    Path(gone["GITHUB_EVENT_PATH"]).write_text(text)

    done = clone.completed("comment", "--no-plans", code=1, variables=gone)

    assert "whether plans were edited was not checked: " in done.stderr


def test_in_a_merge_queue_it_compares_with_what_the_group_merges_into(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    clone.run("compile")
    _commit(clone)
    event = _event(clone, 1)
    base = clone.git("rev-parse", "main").strip()
    Path(event["GITHUB_EVENT_PATH"]).write_text(json.dumps({"merge_group": {"base_sha": base}}))

    _, said = _comment(clone, server, event)

    assert "no comment was written: this run has no pull request" in said
    assert "| `assistant` | `Deployment/web` | replicas | `6` | `7` |" in _summary(clone)


def test_an_option_keeps_its_earlier_name_for_one_release_with_a_warning(clone: Repository) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))

    said = clone.completed("comment", "--plans-later").stderr

    assert said.startswith(
        "warning: --plans-later is now --no-plans; the next release no longer accepts the old name\n"
    )
    assert "--plans-later" not in clone.run("comment", "--help")


def test_a_refused_request_is_explained_in_the_comment_without_speaking_to_anybody(
    clone: Repository, server: GitHubServer
) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "'| @org/team fixes #1 <!-- x --> `'"))
    _commit(clone)
    number = server.open_pull(clone, "change")

    _comment(clone, server, _event(clone, number), code=1)

    (body,) = _comments(server, number)
    assert "### infra.scale: a request is refused" in body
    (row,) = [line for line in body.splitlines() if line.startswith("| error")]
    assert "`requests/web.yaml:6`" in row
    assert "Digest" not in body


def test_a_fork_and_a_token_that_may_only_read_fall_back_to_annotations_and_summary(
    clone: Repository, server: GitHubServer
) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "12"))
    clone.run("compile")
    _commit(clone)
    number = server.open_pull(clone, "change")

    annotations, said = _comment(clone, server, _event(clone, number, fork=True))
    assert server.calls == []
    assert "the pull request is from a fork" in said
    assert "::warning" in annotations
    assert "| `6` | `12` |" in _summary(clone)

    server.refuse_writes("Resource not accessible by integration")
    _, said = _comment(clone, server, _event(clone, number))
    assert "no comment was written: GitHub: Resource not accessible by integration" in said
    assert "permissions" in said
    assert _comments(server, number) == []


def _propose(clone: Repository, server: GitHubServer) -> int:
    """Publish a changed request, and check out what its pull request would merge; the number of that."""
    clone.git("checkout", "--quiet", "main")
    clone.write("requests/web.yaml", REQUEST.replace("6", "12"))
    _commit(clone)
    server.push(clone)
    clone.run("publish", variables=server.environment)
    clone.git("checkout", "--quiet", "-B", PROPOSAL)
    for path in (f"{PLANS}/plan.yaml", f"{PLANS}/SUMMARY.md"):
        clone.write(path, server.decoded(PROPOSAL, path))
    _commit(clone)
    (pull,) = server.get("pulls?state=open")
    return int(pull["number"])


def test_a_proposal_of_publish_is_only_checked(clone: Repository, server: GitHubServer) -> None:
    number = _propose(clone, server)

    _, said = _comment(clone, server, _event(clone, number, branch=PROPOSAL))

    assert "the body of a pull request of" in said
    assert _comments(server, number) == []


@pytest.mark.parametrize("path", ["README.md", f"{PLANS}/plan.yaml", "ops/rendered/infra-scale/x/kustomization.yaml"])
def test_a_proposal_with_anything_else_in_it_gets_a_comment(clone: Repository, server: GitHubServer, path: str) -> None:
    number = _propose(clone, server)
    clone.write(path, "mine\n")
    _commit(clone)

    said = clone.completed(
        "comment", code=None, variables={**server.environment, **_event(clone, number, branch=PROPOSAL)}
    )

    assert "comment: created" in said.stderr
    assert len(_comments(server, number)) == 1


def test_what_was_said_about_a_proposal_while_it_had_more_in_it_does_not_stay(
    clone: Repository, server: GitHubServer
) -> None:
    number = _propose(clone, server)
    clone.write("requests/web.yaml", REQUEST.replace("6", "600"))
    _commit(clone)
    _comment(clone, server, _event(clone, number, branch=PROPOSAL), code=1)
    clone.git("reset", "--quiet", "--hard", "HEAD~1")

    _, said = _comment(clone, server, _event(clone, number, branch=PROPOSAL))

    assert said.endswith("comment: updated\n")
    assert "out of date" not in _comments(server, number)[0]


@pytest.mark.parametrize("how", ["another body", "another author", "another branch"])
def test_the_plans_of_a_proposal_in_a_pull_request_of_somebody_else_get_a_comment(
    clone: Repository, server: GitHubServer, how: str
) -> None:
    number = _propose(clone, server)
    body = server.get(f"pulls/{number}")["body"]
    branch = PROPOSAL
    if how == "another body":
        server.edit_pull(number, body="all is well")
    elif how == "another author":
        server.edit_pull(number, state="closed")
        number = Person(server).pull(PROPOSAL, body=body)
    else:
        branch = "infra/scale-evil"

    _, said = _comment(clone, server, _event(clone, number, branch=branch))

    assert said.endswith("comment: created\n")


def test_a_pull_request_of_somebody_from_a_branch_named_like_ours_gets_a_comment_like_any_other(
    clone: Repository, server: GitHubServer
) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "600"))
    clone.run("compile")
    _commit(clone)
    number = server.open_pull(clone, "infra/scale-evil")

    _comment(clone, server, _event(clone, number, branch="infra/scale-evil"))

    (body,) = _comments(server, number)
    assert "| `6` | `600` |" in body
    assert _labels(server, number) == ["needs-approval"]


def test_two_pull_requests_that_scale_one_workload_hear_of_each_other(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    clone.run("compile")
    _commit(clone)
    first = server.open_pull(clone, "change")
    _comment(clone, server, _event(clone, first))
    clone.git("checkout", "--quiet", "-b", "other", "main")
    clone.write("requests/web.yaml", REQUEST.replace("6", "8"))
    clone.run("compile")
    _commit(clone)
    second = server.open_pull(clone, "other")

    _comment(clone, server, _event(clone, second, branch="other"))

    assert f"- `Deployment/web` in `assistant` for `prod`: #{first} scales it too" in _comments(server, second)[0]
    assert f"- `Deployment/web` in `assistant` for `prod`: #{second} scales it too" in _comments(server, first)[0]

    clone.write("requests/web.yaml", REQUEST)
    clone.run("compile")
    _commit(clone)
    server.push(clone, branch="other")
    _comment(clone, server, _event(clone, second, branch="other"))
    assert "scales it too" not in _comments(server, first)[0] + _comments(server, second)[0]


def _edit(clone: Repository, server: GitHubServer, replicas: str = "7") -> int:
    """Open a pull request that edits the request; its number."""
    clone.git("checkout", "--quiet", "-B", "change", "main")
    clone.write("requests/web.yaml", REQUEST.replace("6", replicas))
    clone.run("compile")
    _commit(clone)
    return server.open_pull(clone, "change")


def _reads(server: GitHubServer) -> int:
    return sum("/git/blobs/" in call.path for call in server.calls)


def test_of_another_pull_request_only_requests_are_read_and_a_submodule_is_none(
    clone: Repository, server: GitHubServer
) -> None:
    other = Person(server).pull_from_fork("mine", {"requests/web.yaml": REQUEST.replace("6", "8"), "a.txt": "x"})
    number = _edit(clone, server)
    more = [{"filename": f"requests/{name}", "sha": "1" * 40, "status": "added"} for name in ("a.yaml", "README.md")]

    def with_a_submodule(_: int, call: Call, serve: Callable[[], Answer]) -> Answer:
        said = serve()
        is_list = f"/pulls/{other}/files" in call.path
        return said._replace(body=json.dumps(json.loads(said.body) + more).encode()) if is_list else said

    server.fault = with_a_submodule
    _, said = _comment(clone, server, _event(clone, number))

    assert said.endswith("comment: created\n")
    assert f"#{other} scales it too" in _comments(server, number)[0]
    assert _reads(server) == 2


def test_what_the_clone_has_is_read_without_a_call(clone: Repository, server: GitHubServer) -> None:
    first = _edit(clone, server, "8")
    clone.git("branch", "--quiet", "first")
    clone.git("checkout", "--quiet", "-b", "other", "main")
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    clone.run("compile")
    _commit(clone)
    second = server.open_pull(clone, "other")
    server.calls.clear()

    _comment(clone, server, _event(clone, second, branch="other"))

    assert f"#{first} scales it too" in _comments(server, second)[0]
    assert _reads(server) == 0


def _many(count: int) -> dict[str, str]:
    return {f"requests/many/w{number}.yaml": REQUEST.replace("web", f"w{number}") for number in range(count)}


@pytest.mark.parametrize(("count", "why"), [(190, "changes 190 requests"), (310, "changes too many files")])
def test_a_pull_request_with_many_requests_costs_others_few_calls_and_is_named_as_not_checked(
    clone: Repository, server: GitHubServer, count: int, why: str
) -> None:
    many = Person(server).pull_from_fork("many", _many(count))
    small = Person(server, "changelog[bot]").pull_from_fork("small", {"requests/web.yaml": REQUEST.replace("6", "8")})
    number = _edit(clone, server)

    _comment(clone, server, _event(clone, number))

    (body,) = _comments(server, number)
    assert f"Not checked for the same workloads: #{many} {why}." in body
    assert f"#{small} scales it too" in body
    assert len(server.calls) <= 15


def test_where_the_calls_of_a_run_are_used_up_the_rest_is_named(
    clone: Repository, server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Person(server).pull_from_fork("one", {"requests/web.yaml": REQUEST.replace("6", "8")})
    second = Person(server, "changelog[bot]").pull_from_fork("two", {"requests/web.yaml": REQUEST.replace("6", "9")})
    number = _edit(clone, server)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(elsewhere, "_MOST_CALLS", 2)

    comment.run(["--root", str(clone.root), "--pull", str(number), "--base", clone.git("rev-parse", "main").strip()])

    (body,) = _comments(server, number)
    assert f"#{second} scales it too" in body
    assert f"#{first} was not reached within the calls of one run." in body


def test_a_collision_that_another_run_has_told_of_stays_while_this_one_cannot_look(
    clone: Repository, server: GitHubServer
) -> None:
    mallory = Person(server)
    many = mallory.pull_from_fork("many", {**_many(30), "requests/web.yaml": REQUEST.replace("6", "8")})
    number = _edit(clone, server)
    _comment(clone, server, _event(clone, number))
    told = f"- `Deployment/web` in `assistant` for `prod`: #{many} scales it too"
    assert told not in _comments(server, number)[0]

    clone.git("checkout", "--quiet", "-b", "many", "main")
    clone.write("requests/web.yaml", REQUEST.replace("6", "8"))
    _commit(clone)
    _comment(clone, server, _event(clone, many, branch="many"), "--plans-later")
    assert told in _comments(server, number)[0]

    clone.git("checkout", "--quiet", "change")
    clone.git("branch", "--quiet", "-D", "many")
    _comment(clone, server, _event(clone, number))
    assert told in _comments(server, number)[0]


def test_a_base_that_the_clone_lacks_is_said_not_guessed(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    clone.run("compile")
    _commit(clone)
    number = server.open_pull(clone, "change")

    _comment(clone, server, _event(clone, number), "--base", "0" * 40)

    (body,) = _comments(server, number)
    assert "The previous state is unknown: this clone does not have the commit" in body
    assert "Only the policies of this pull request itself were applied." in body


@pytest.mark.parametrize("base", ["origin/main", "HEAD~9", "HEAD:requests", ":/[", "main@{yesterday"])
def test_a_base_of_no_commit_is_said_with_what_can_be_named(git_repository: Repository, base: str) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    _commit(git_repository)
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "16"))
    git_repository.run("compile")
    summary = git_repository.root / "summary.md"

    git_repository.run("comment", "--base", base, variables={"GITHUB_STEP_SUMMARY": str(summary)})

    said = summary.read_text(encoding="utf-8")
    assert f"this clone does not have the commit {base}; use a commit, branch or tag of this clone" in said


def test_outside_a_pull_request_there_is_nothing_to_comment_on(clone: Repository, server: GitHubServer) -> None:
    event = _event(clone, 1)
    Path(event["GITHUB_EVENT_PATH"]).write_text('{"ref": "refs/heads/main"}')

    _, said = _comment(clone, server, event)
    assert server.calls == []
    assert "this run has no pull request" in said

    Path(event["GITHUB_EVENT_PATH"]).write_text('{"pull_request": {"number": "x"}}')
    _, said = _comment(clone, server, event, code=2)
    assert "is not a pull request event of GitHub" in said


def test_outside_a_repository_the_step_summary_still_tells(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    summary = repository.root / "summary.md"

    done = repository.completed("comment", "--base", "HEAD", variables={"GITHUB_STEP_SUMMARY": str(summary)})

    assert "1 request" in done.stdout
    assert "is not in a git repository" in summary.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("replicas", "outputs"), [("16", "changed=true\ncost-delta=\n"), ("6", "changed=false\ncost-delta=0.00\n")]
)
def test_later_steps_can_read_whether_plans_change(git_repository: Repository, replicas: str, outputs: str) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    _commit(git_repository)
    git_repository.write("requests/web.yaml", REQUEST.replace("6", replicas))
    git_repository.run("compile")
    file = git_repository.root / "outputs"

    git_repository.run("comment", "--base", "HEAD", variables={"GITHUB_OUTPUT": str(file)})

    assert file.read_text(encoding="utf-8") == outputs


@pytest.mark.parametrize("login", ["mallory", "changelog[bot]"])
def test_a_copy_of_our_comment_by_another_account_is_left_alone(
    clone: Repository, server: GitHubServer, login: str
) -> None:
    number = _edit(clone, server)
    forged = f"{MARKER} all is well"
    Person(server, login).comment(number, forged)

    _, said = _comment(clone, server, _event(clone, number))
    _, again = _comment(clone, server, _event(clone, number))

    assert (said.splitlines()[-1], again.splitlines()[-1]) == ("comment: created", "comment: unchanged")
    copied, ours = _comments(server, number)
    assert copied == forged
    assert "plans change for prod" in ours


def test_a_comment_of_an_account_that_is_gone_is_not_ours(clone: Repository, server: GitHubServer) -> None:
    number = _edit(clone, server)
    gone = json.dumps([{"id": 1, "user": None, "body": f"{MARKER} all is well"}]).encode()

    def with_it(_: int, call: Call, serve: Callable[[], Answer]) -> Answer:
        return Answer(200, gone, {}) if call.method == "GET" and "/comments" in call.path else serve()

    server.fault = with_it

    assert _comment(clone, server, _event(clone, number))[1].endswith("comment: created\n")


def test_with_the_token_of_a_workflow_the_comments_of_actions_are_ours(clone: Repository, server: GitHubServer) -> None:
    number = _edit(clone, server)
    event = {**_event(clone, number), "GITHUB_TOKEN": ACTIONS_TOKEN}
    Person(server, "admin").comment(number, f"{MARKER} all is well")

    assert _comment(clone, server, event)[1].endswith("comment: created\n")
    assert _comment(clone, server, event)[1].endswith("comment: unchanged\n")
    found = server.get(f"issues/{number}/comments")
    assert [one["user"]["login"] for one in found] == ["admin", "github-actions[bot]"]
