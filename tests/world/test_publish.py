"""`infra-scale publish` against a look-alike of GitHub that we did not write."""

from support.github_server import TOKEN, GitHubServer
from support.repository import REQUEST, Repository

BRANCH = "infra/scale-prod"


def _pushed(repository: Repository, server: GitHubServer) -> Repository:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "requests")
    server.push(repository)
    return repository


def _publish(
    clone: Repository, server: GitHubServer, *arguments: str, code: int | None = 0, now: str = "1767225600"
) -> str:
    known = {**server.environment, "SOURCE_DATE_EPOCH": now}
    return clone.run("publish", *arguments, code=code, variables=known)


def _branch_files(server: GitHubServer, branch: str = BRANCH) -> set[str]:
    sha = server.get(f"git/ref/heads/{branch}")["object"]["sha"]
    tree = server.get(f"git/commits/{sha}")["tree"]["sha"]
    return {entry["path"] for entry in server.get(f"git/trees/{tree}?recursive=1")["tree"] if entry["type"] == "blob"}


def _open_pulls(server: GitHubServer) -> list[dict[str, object]]:
    pulls: list[dict[str, object]] = server.get("pulls?state=open")
    return pulls


def test_a_merged_request_becomes_one_labelled_draft_with_one_commit_of_its_plans(
    clone: Repository, server: GitHubServer
) -> None:
    said = _publish(clone, server)

    (pull,) = server.get("pulls?state=open")
    assert said == f"outputs_uri={pull['html_url']}\nawaiting_approval\n"
    assert pull["draft"] is True
    assert pull["title"] == "infra.scale: prod (2026-01-01)"
    assert [label["name"] for label in pull["labels"]] == ["needs-approval"]
    assert "# Infra Scale Plan (prod)" in pull["body"]
    assert "- [ ] Ensure rollback plan is clear" in pull["body"]
    plans = {f"ops/plans/infra-scale/prod/web/{name}" for name in ("plan.yaml", "SUMMARY.md")}
    assert _branch_files(server) - _branch_files(server, "main") == plans
    (commit,) = server.get(f"compare/main...{BRANCH}")["commits"]
    assert "Infra-Scale-Digest: " in commit["commit"]["message"]


def test_a_run_without_changes_writes_nothing_and_asks_little(clone: Repository, server: GitHubServer) -> None:
    first = _publish(clone, server)
    server.calls.clear()

    again = _publish(clone, server, now="1800000000")

    assert again == first
    assert [call for call in server.calls if call.writes] == []
    assert len(server.calls) <= 6


def test_an_unexpected_file_on_the_base_is_reported_and_the_rest_is_published(
    clone: Repository, server: GitHubServer
) -> None:
    stray = "ops/rendered/infra-scale/c1/.hidden/kustomization.yaml"
    clone.write(stray, "kind: Component\n")
    _pushed(clone, server)

    done = clone.completed("publish", variables={**server.environment, "SOURCE_DATE_EPOCH": "1767225600"})

    assert f"{stray}:1:1: PLN-002 warning: unexpected: a file" in done.stderr
    assert done.stdout.endswith("awaiting_approval\n")


def test_a_changed_request_moves_the_branch_forward_and_updates_the_pull_request(
    clone: Repository, server: GitHubServer
) -> None:
    first = _publish(clone, server)
    before = server.get(f"git/ref/heads/{BRANCH}")["object"]["sha"]
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)

    assert _publish(clone, server, now="1767312000") == first

    (pull,) = server.get("pulls?state=open")
    assert "replicas: 9" in pull["body"]
    assert pull["title"] == "infra.scale: prod (2026-01-02)"
    head = server.get(f"git/commits/{server.get(f'git/ref/heads/{BRANCH}')['object']['sha']}")
    assert before in [parent["sha"] for parent in head["parents"]]


def test_each_target_has_a_pull_request_of_its_own(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/api.yaml", REQUEST.replace("web", "api").replace("prod", "staging"))
    _pushed(clone, server)

    said = _publish(clone, server)

    assert said.count("outputs_uri=") == 2
    assert {pull["head"]["ref"] for pull in server.get("pulls?state=open")} == {BRANCH, "infra/scale-staging"}


def test_target_restricts_the_run(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/api.yaml", REQUEST.replace("web", "api").replace("prod", "staging"))
    _pushed(clone, server)

    _publish(clone, server, "--target", "staging")

    assert {pull["head"]["ref"] for pull in server.get("pulls?state=open")} == {"infra/scale-staging"}


def test_after_the_merge_nothing_is_left_to_publish(clone: Repository, server: GitHubServer) -> None:
    _publish(clone, server)
    server.merge(BRANCH, clone)

    said = _publish(clone, server)

    assert said == "up_to_date\n"
    assert server.get("pulls?state=open") == []
    assert [ref["ref"] for ref in server.get("git/matching-refs/heads/infra/")] == []
    clone.run("compile", "--check")


def test_a_withdrawn_request_closes_its_pull_request_and_deletes_its_branch(
    clone: Repository, server: GitHubServer
) -> None:
    _publish(clone, server)
    (clone.root / "requests/web.yaml").unlink()
    clone.write("requests/README.md", "none left\n")
    _pushed(clone, server)

    said = _publish(clone, server)

    assert said == "up_to_date\n"
    assert server.get("pulls?state=open") == []
    assert [ref["ref"] for ref in server.get("git/matching-refs/heads/infra/")] == []


def test_a_commit_of_somebody_else_is_never_lost_and_stops_the_bot(clone: Repository, server: GitHubServer) -> None:
    _publish(clone, server)
    foreign = server.commit_by_somebody_else(BRANCH, "ops/plans/infra-scale/prod/web/plan.yaml", "mine\n")
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)

    said = [_publish(clone, server, code=1) for _ in range(2)]

    assert said == ["failed\n"] * 2
    assert server.get(f"git/ref/heads/{BRANCH}")["object"]["sha"] == foreign
    (pull,) = server.get("pulls?state=open")
    comments = server.get(f"issues/{pull['number']}/comments")
    assert len(comments) == 1
    assert "content that infra-scale did not make" in comments[0]["body"]


def test_a_commit_that_arrives_between_reading_and_writing_is_never_lost(
    clone: Repository, server: GitHubServer
) -> None:
    _publish(clone, server)
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)
    foreign: list[str] = []

    def just_before_the_move(number: int, call: object, answer: object) -> object:
        if call.method == "PATCH" and "/git/ref" in call.path and not foreign:  # type: ignore[attr-defined]
            foreign.append(server.commit_by_somebody_else(BRANCH, "mine.txt", "mine\n"))
        return answer()  # type: ignore[operator]

    server.fault = just_before_the_move  # type: ignore[assignment]

    _publish(clone, server, code=1)

    assert server.get(f"git/ref/heads/{BRANCH}")["object"]["sha"] == foreign[0]


def test_what_reviewers_ticked_stays_while_the_plans_stay(clone: Repository, server: GitHubServer) -> None:
    _publish(clone, server)
    (pull,) = server.get("pulls?state=open")
    ticked = pull["body"].replace("- [ ] Ensure rollback", "- [x] Ensure rollback") + "\nLooks good to me.\n"
    server.edit_pull(pull["number"], body=ticked, title="renamed")

    _publish(clone, server)

    (pull,) = server.get("pulls?state=open")
    assert pull["title"] == "infra.scale: prod (2026-01-01)"
    assert "- [x] Ensure rollback" in pull["body"]
    assert pull["body"].endswith("Looks good to me.\n")


def test_a_proposal_that_people_closed_is_not_opened_again_until_it_changes(
    clone: Repository, server: GitHubServer
) -> None:
    _publish(clone, server)
    (pull,) = server.get("pulls?state=open")
    server.edit_pull(pull["number"], state="closed")

    assert _publish(clone, server) == "up_to_date\n"
    assert server.get("pulls?state=open") == []

    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)
    assert "outputs_uri=" in _publish(clone, server)


def test_a_dry_run_writes_nothing(clone: Repository, server: GitHubServer) -> None:
    assert _publish(clone, server, "--dry-run") == "awaiting_approval\n"

    assert [call for call in server.calls if call.writes] == []


def test_a_dry_run_for_a_target_that_is_not_there_is_no_success(clone: Repository, server: GitHubServer) -> None:
    assert _publish(clone, server, "--dry-run", "--target", "prdo", code=1) == "there is no target prdo\nfailed\n"


def test_a_dry_run_knows_a_target_of_which_only_a_branch_is_left(clone: Repository, server: GitHubServer) -> None:
    _publish(clone, server)
    (clone.root / "requests/web.yaml").unlink()
    clone.write("requests/README.md", "")
    _pushed(clone, server)

    assert _publish(clone, server, "--dry-run", "--target", "prod") == "up_to_date\n"


def test_an_invalid_request_on_the_base_publishes_nothing(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/bad.yaml", "target: [\n")
    _pushed(clone, server)

    said = _publish(clone, server, code=1)

    assert said.endswith("\nfailed\n")
    assert [call for call in server.calls if call.writes] == []


def test_the_commit_on_github_is_compiled_not_what_lies_around(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "66"))

    _publish(clone, server)

    (pull,) = server.get("pulls?state=open")
    assert "replicas: 6 " in pull["body"]


def test_a_clone_without_the_commit_says_how_to_fetch_it(clone: Repository, server: GitHubServer) -> None:
    server.commit_by_somebody_else("main", "file", "content\n")

    said = _publish(clone, server, code=1)

    assert "this clone does not have the commit" in said
    assert said.endswith("\nfailed\n")


def test_without_credentials_it_says_what_to_set(clone: Repository) -> None:
    known = dict.fromkeys(("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GH_OWNER", "GH_REPO"), "")

    assert clone.run("publish", code=1, variables=known) == "no credentials for GitHub\nfailed\n"


def test_the_body_tells_what_changes_what_was_found_and_who_asked(clone: Repository, server: GitHubServer) -> None:
    _publish(clone, server)
    server.merge(BRANCH, clone)
    clone.write("requests/web.yaml", REQUEST.replace("6", "12") + "    requests: {cpu: 500m}\n")
    _pushed(clone, server)
    sha = clone.git("rev-parse", "HEAD").strip()

    _publish(clone, server, "--rules-page", "https://example.com/rules")

    (pull,) = server.get("pulls?state=open")
    lines = pull["body"].splitlines()
    assert "| `assistant` | `Deployment/web` | replicas | `6` | `12` |" in lines
    assert "| `assistant` | `Deployment/web` | cpu request | — | `500m` |" in lines
    assert any(
        "[REP-001](https://example.com/rules#rep-001)" in line and "`requests/web.yaml:6`" in line for line in lines
    )
    assert f"| `requests/web.yaml` | `test` | [`{sha[:7]}`]({pull['base']['repo']['html_url']}/commit/{sha}) |" in lines


def test_a_ready_pull_request_whose_plans_change_is_a_draft_again_and_says_why(
    clone: Repository, server: GitHubServer
) -> None:
    _publish(clone, server)
    (pull,) = server.get("pulls?state=open")
    ticked = pull["body"].replace("- [ ] Ensure", "- [x] Ensure") + "\nLooks good to me.\n"
    server.edit_pull(pull["number"], body=ticked, draft=False)
    assert _publish(clone, server) == f"outputs_uri={pull['html_url']}\nawaiting_approval\n"
    assert server.get("pulls?state=open")[0]["draft"] is False

    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)
    _publish(clone, server)
    _publish(clone, server)

    (pull,) = server.get("pulls?state=open")
    assert pull["draft"] is True
    assert "- [ ] Ensure rollback plan is clear" in pull["body"]
    assert pull["body"].endswith("Looks good to me.\n")
    (comment,) = server.get(f"issues/{pull['number']}/comments")
    assert "The plans have changed since this was ready: digest `" in comment["body"]


def test_a_label_that_a_person_took_off_stays_off_until_the_plans_change(
    clone: Repository, server: GitHubServer
) -> None:
    _publish(clone, server)
    (pull,) = server.get("pulls?state=open")
    server.take_label_off(pull["number"], "needs-approval")

    _publish(clone, server)
    assert server.get("pulls?state=open")[0]["labels"] == []

    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)
    _publish(clone, server)
    assert [label["name"] for label in server.get("pulls?state=open")[0]["labels"]] == ["needs-approval"]


def test_no_more_pull_requests_are_open_than_allowed(clone: Repository, server: GitHubServer) -> None:
    for target in ("blue", "green", "red"):
        clone.write(f"requests/{target}.yaml", REQUEST.replace("web", target).replace("prod", target))
    _pushed(clone, server)

    first = _publish(clone, server, "--max-open", "2")
    assert first.count("outputs_uri=") == 2
    assert first.endswith("awaiting_approval\n")
    assert _publish(clone, server, "--max-open", "2") == first
    assert len(server.get("pulls?state=open")) == 2


def test_apply_opens_a_pull_request_of_its_own_with_the_plan_in_the_targets_folder(
    clone: Repository, server: GitHubServer
) -> None:
    owner, _, name = server.slug.partition("/")
    known = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": server.api, "GH_OWNER": owner, "GH_REPO": name}
    flags = ("--apply", "--namespace=assistant", "--workload=Deployment:web:10")

    said = clone.run("plan", *flags, variables={**known, "SOURCE_DATE_EPOCH": "1736933400"})

    (pull,) = server.get("pulls?state=open")
    assert said == f"outputs_uri={pull['html_url']}\nawaiting_approval\n"
    assert pull["draft"] is True
    assert pull["head"]["ref"] == "infra/scale-2025-01-15-09-30-00-000Z"
    assert pull["title"] == "infra.scale: prod (2025-01-15)"
    assert [label["name"] for label in pull["labels"]] == ["needs-approval"]
    assert "**Target**: prod\n**Namespace**: assistant\n**Autoscaling**: hpa\n" in pull["body"]
    assert pull["body"].endswith("- [ ] Ensure rollback plan is clear\n")
    plans = {f"ops/plans/infra-scale/prod/{name}" for name in ("plan.yaml", "SUMMARY.md")}
    assert _branch_files(server, pull["head"]["ref"]) - _branch_files(server, "main") == plans

    again = clone.run("plan", *flags, "--branch=scale/friday", variables=known)
    assert again != said
    assert {pull["head"]["ref"] for pull in server.get("pulls?state=open")} >= {"scale/friday"}
    assert clone.run("plan", *flags, "--branch=scale/friday", variables=known) == again

    assert _publish(clone, server).count("outputs_uri=") == 1
    assert len(server.get("pulls?state=open")) == 3


def test_apply_leaves_a_branch_alone_that_has_other_content_than_this_plan(
    clone: Repository, server: GitHubServer
) -> None:
    owner, _, name = server.slug.partition("/")
    known = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": server.api, "GH_OWNER": owner, "GH_REPO": name}
    clone.run("plan", "--apply", "--workload=Deployment:web:10", "--branch=scale/friday", variables=known)
    before = server.get("git/ref/heads/scale/friday")["object"]["sha"]

    again = ("plan", "--apply", "--workload=Deployment:web:600", "--branch=scale/friday")
    done = clone.completed(*again, code=1, variables=known)

    assert done.stdout == "the branch scale/friday has other content than this plan\nfailed\n"
    assert "select another branch with --branch" in done.stderr
    assert server.get("git/ref/heads/scale/friday")["object"]["sha"] == before


def test_apply_does_not_say_that_a_plan_waits_whose_pull_request_people_have_closed(
    clone: Repository, server: GitHubServer
) -> None:
    owner, _, name = server.slug.partition("/")
    known = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": server.api, "GH_OWNER": owner, "GH_REPO": name}
    again = ("plan", "--apply", "--workload=Deployment:web:10", "--branch=scale/friday")
    clone.run(*again, variables=known)
    (pull,) = server.get("pulls?state=open")
    server.edit_pull(pull["number"], state="closed")

    done = clone.completed(*again, code=1, variables=known)

    assert done.stdout == f"a reviewer closed the pull request of this exact plan: {pull['html_url']}\nfailed\n"
    assert "select another branch with --branch" in done.stderr


def test_a_root_below_the_top_of_the_repository_publishes_to_its_own_folder(
    git_repository: Repository, server: GitHubServer
) -> None:
    git_repository.write("platform/requests/web.yaml")
    clone = _pushed(git_repository, server)

    _publish(clone, server, "--root", "platform")

    added = _branch_files(server) - _branch_files(server, "main")
    assert added == {f"platform/ops/plans/infra-scale/prod/web/{name}" for name in ("plan.yaml", "SUMMARY.md")}

    server.calls.clear()
    _publish(clone, server, "--root", "platform", now="1800000000")
    assert [call for call in server.calls if call.writes] == []


def test_a_nightly_task_publishes_and_reports_its_contract_lines(clone: Repository, server: GitHubServer) -> None:
    clone.write("ops/nightly.yaml", "tasks: [{name: all, publish: all}, {name: one, publish: prod}]\n")
    said = clone.run("nightly", variables=server.environment)

    (pull,) = server.get("pulls?state=open")
    assert f"== all\noutputs_uri={pull['html_url']}\nawaiting_approval\n" in said
    assert f"== one\noutputs_uri={pull['html_url']}\nawaiting_approval\n" in said


def test_a_target_that_nobody_knows_is_an_error_and_not_up_to_date(clone: Repository, server: GitHubServer) -> None:
    said = _publish(clone, server, "--target", "prdo", code=1)

    assert said == "there is no target prdo\nfailed\n"
    assert [call for call in server.calls if call.writes] == []


def test_keep_going_publishes_the_valid_ones_and_fails(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/bad.yaml", "target: [\n")
    _pushed(clone, server)

    said = _publish(clone, server, "--keep-going", code=1)

    (pull,) = server.get("pulls?state=open")
    assert said.startswith(f"outputs_uri={pull['html_url']}\n1 error in the requests of main")
    assert said.endswith("\nfailed\n")


def test_later_steps_can_read_which_pull_requests_are_open(clone: Repository, server: GitHubServer) -> None:
    file = clone.root / ".git/outputs"
    variables = {**server.environment, "GITHUB_OUTPUT": str(file)}

    clone.run("publish", variables=variables)
    clone.run("publish", variables=variables)

    (pull,) = _open_pulls(server)
    assert file.read_text(encoding="utf-8").splitlines() == [
        "changed=true",
        f"pull-request={pull['html_url']}",
        "changed=false",
        f"pull-request={pull['html_url']}",
    ]
