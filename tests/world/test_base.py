"""`compile --check --base REF`: a change is judged by the policies of its base, and only for what it touches."""

import json
from typing import Any

import pytest

from support.repository import REQUEST, Repository

_STRICT = "clusters: [{name: eu}]\npolicy: {rules: {REP-001: error}}\n"
_OFF = _STRICT.replace("REP-001: error", "REP-001: off")


@pytest.fixture
def clone(git_repository: Repository) -> Repository:
    """A repository whose main branch has a strict target, a request with its plan, and a second request."""
    git_repository.write("ops/targets/prod.yaml", _STRICT)
    git_repository.write("requests/web.yaml")
    git_repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    git_repository.run("compile")
    _commit(git_repository)
    git_repository.git("checkout", "--quiet", "-b", "change")
    return git_repository


def _commit(repository: Repository) -> None:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "change")


def _checked(repository: Repository, *, code: int, base: str = "main") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        repository.run("compile", "--check", "--base", base, "--format", "json", code=code)
    )
    return found


def _found(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["rule"], one["severity"], one["path"]) for one in document["findings"]]


def _proposed(repository: Repository, *, code: int, base: str = "main") -> list[tuple[str, str, str]]:
    """Compile and commit the change, and what the check finds in it."""
    repository.run("compile", "--keep-going", code=None)
    _commit(repository)
    return _found(_checked(repository, code=code, base=base))


def test_a_change_that_relaxes_its_own_policy_is_judged_by_that_of_the_base(clone: Repository) -> None:
    clone.write("ops/targets/prod.yaml", _OFF)
    clone.write("requests/web.yaml", REQUEST.replace("6", "600"))

    assert _proposed(clone, code=1) == [("REP-001", "error", "requests/web.yaml")]
    said = clone.run("compile", "--check", "--base", "main", code=1)
    assert "the policy of the base decides (ops/targets/prod.yaml there)" in said
    clone.run("compile", "--check")


@pytest.mark.parametrize("relaxed", ["REP-001: {threshold: 900}", "REP-001: warning", "HPA-001: note"])
def test_a_relaxed_severity_or_threshold_does_not_count_in_the_change_that_relaxes_it(
    clone: Repository, relaxed: str
) -> None:
    clone.write("ops/targets/prod.yaml", _STRICT.replace("REP-001: error", relaxed))
    clone.write("requests/web.yaml", REQUEST.replace("6", "600"))

    assert ("REP-001", "error", "requests/web.yaml") in _proposed(clone, code=1)


def test_a_policy_that_was_relaxed_before_counts(clone: Repository) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", _OFF)
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("requests/web.yaml", REQUEST.replace("6", "600"))

    assert _proposed(clone, code=0) == []


def test_a_change_of_the_policy_alone_is_not_held_up_by_the_policy_that_it_changes(clone: Repository) -> None:
    _break(clone, "requests/api.yaml", REQUEST.replace("web", "api").replace("6", "600"))
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("ops/targets/prod.yaml", _STRICT.replace("error", "{severity: error, threshold: 900}"))
    _commit(clone)

    assert [one for one in _found(_checked(clone, code=1)) if one[1] == "error"] == [], "its plan has to be written"
    assert _checked(clone, code=1)["plans"]["updated"] == ["ops/plans/infra-scale/prod/api/plan.yaml"]


def _break(repository: Repository, path: str, content: str) -> None:
    """Another team's mistake, merged all the same."""
    repository.git("checkout", "--quiet", "main")
    repository.write(path, content)
    _commit(repository)


def test_a_tightened_policy_counts_too(clone: Repository) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", _OFF)
    clone.write("requests/web.yaml", REQUEST.replace("6", "600"))
    clone.run("compile")
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("ops/targets/prod.yaml", _STRICT)

    assert _proposed(clone, code=1) == [("REP-001", "error", "requests/web.yaml")]


@pytest.mark.parametrize("kept", [True, False], ids=["a second target", "the target renamed"])
def test_a_new_target_on_a_cluster_of_the_base_is_judged_by_the_policy_there(clone: Repository, *, kept: bool) -> None:
    shared = "clusters: [{name: eu, shared: true}]\n"
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", _STRICT.replace("{name: eu}", "{name: eu, shared: true}"))
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("ops/targets/mine.yaml", shared + "policy: {rules: {REP-001: off}}\n")
    if not kept:
        (clone.root / "ops/targets/prod.yaml").unlink()
        clone.write("requests/api.yaml", REQUEST.replace("web", "api").replace("prod", "mine"))
    clone.write("requests/web.yaml", REQUEST.replace("6", "600").replace("prod", "mine"))

    assert _proposed(clone, code=1) == [("REP-001", "error", "requests/web.yaml")]


def test_another_name_for_a_cluster_with_the_same_context_is_no_way_around(clone: Repository) -> None:
    clone.write("ops/targets/mine.yaml", "clusters: [{name: other, context: eu}]\npolicy: {rules: {REP-001: off}}\n")
    clone.write("requests/web.yaml", REQUEST.replace("6", "600").replace("prod", "mine"))

    assert _proposed(clone, code=1) == [("REP-001", "error", "requests/web.yaml")]


def test_a_new_target_on_an_unshared_cluster_is_refused(clone: Repository) -> None:
    clone.write("ops/targets/mine.yaml", "clusters: [{name: eu}]\n")
    clone.write("requests/web.yaml", REQUEST.replace("prod", "mine"))

    found = _proposed(clone, code=1)

    assert found == [
        ("TGT-005", "error", "ops/targets/mine.yaml"),
        ("TGT-005", "error", "ops/targets/prod.yaml"),
    ]


def test_a_renamed_target_on_an_unshared_cluster_is_refused(clone: Repository) -> None:
    clone.git("mv", "ops/targets/prod.yaml", "ops/targets/mine.yaml")
    for name in ("web", "api"):
        clone.write(f"requests/{name}.yaml", REQUEST.replace("web", name).replace("prod", "mine"))

    assert _proposed(clone, code=1) == [("TGT-005", "error", "ops/targets/mine.yaml")]


def test_a_new_target_on_clusters_of_its_own_is_judged_by_the_defaults_and_its_own_policy(clone: Repository) -> None:
    clone.write("ops/targets/mine.yaml", "clusters: [{name: us}]\npolicy: {rules: {REP-001: off}}\n")
    clone.write("requests/web.yaml", REQUEST.replace("6", "600").replace("prod", "mine"))

    assert _proposed(clone, code=0) == [("REP-001", "warning", "requests/web.yaml")]


def test_a_request_that_moves_to_another_target_is_judged_by_the_policy_that_the_base_has_for_it(
    clone: Repository,
) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/live.yaml", "clusters: [{name: us}]\npolicy: {rules: {REP-001: {threshold: 99}}}\n")
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("requests/web.yaml", REQUEST.replace("6", "50").replace("prod", "live"))

    assert _proposed(clone, code=0) == []


def test_own_rules_and_closed_waivers_are_those_of_the_base(clone: Repository) -> None:
    own = 'own: [{id: ACME-001, severity: error, when: "actions.exists(a, has(a.to) && a.to > 50)", message: Many}]'
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", f"clusters: [{{name: eu}}]\npolicy: {{unwaivable: [REP-001], {own}}}\n")
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\n")
    allow = "    allow: [{rule: REP-001, reason: Load test, until: '2026-12-31'}]\n"
    clone.write("requests/web.yaml", REQUEST.replace("6", "600") + allow)
    assert ("WVR-003", "error", "requests/web.yaml") in _proposed(clone, code=1)

    clone.write("requests/web.yaml", REQUEST.replace("6", "600"))
    assert ("ACME-001", "error", "requests/web.yaml") in _proposed(clone, code=1)


def test_a_new_own_rule_and_its_waiver_may_come_together(clone: Repository) -> None:
    own = 'own: [{id: ACME-001, severity: error, when: "true", message: Never}]'
    clone.write("ops/targets/prod.yaml", f"clusters: [{{name: eu}}]\npolicy: {{rules: {{REP-001: error}}, {own}}}\n")
    allow = "    allow: [{rule: ACME-001, reason: Agreed, until: '2026-12-31'}]\n"
    for name in ("web", "api"):
        clone.write(f"requests/{name}.yaml", REQUEST.replace("web", name) + allow)

    assert {one[1] for one in _proposed(clone, code=0)} == {"note"}


def test_what_the_change_does_not_touch_is_a_note(clone: Repository) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("requests/api.yaml", REQUEST.replace("web", "api").replace("6", "600"))
    clone.write("requests/old.yaml", REQUEST.replace("web", "old"))
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))

    clone.run("compile", "requests/web.yaml")
    _commit(clone)
    document = _checked(clone, code=0)
    said = clone.run("compile", "--check", "--base", "main")

    assert _found(document) == [
        ("REP-001", "note", "requests/api.yaml"),
        ("PLN-003", "note", "requests/old.yaml"),
    ]
    assert document["plans"]["created"] == []
    assert "REP-001 note: High replica count for Deployment/api" in said
    assert "(this change does not touch it)" in said
    clone.run("compile", "--check", code=1)


def test_another_teams_broken_target_is_a_note_and_that_of_a_changed_request_an_error(clone: Repository) -> None:
    _break(clone, "ops/targets/live.yaml", "clusters: nothing\n")
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    assert [one[1:] for one in _proposed(clone, code=0)] == [("note", "ops/targets/live.yaml")]

    clone.write("requests/new.yaml", REQUEST.replace("web", "new").replace("prod", "live"))
    assert [one[1:] for one in _proposed(clone, code=1)] == [("error", "ops/targets/live.yaml")]


@pytest.mark.parametrize(
    "path",
    [
        "ops/plans/infra-scale/prod/web/plan.yaml",
        "ops/plans/infra-scale/prod/web/SUMMARY.md",
        "ops/rendered/infra-scale/eu/assistant/kustomization.yaml",
        "ops/rendered/infra-scale/eu/assistant/deployment-web/kustomization.yaml",
    ],
)
@pytest.mark.parametrize("how", ["edited", "removed"])
def test_a_change_of_generated_files_alone_is_compared(clone: Repository, path: str, how: str) -> None:
    if how == "edited":
        clone.write(path, clone.read(path).replace("6", "600") + "# more\n")
    else:
        (clone.root / path).unlink()
    _commit(clone)

    assert _checked(clone, code=1)["status"] == "stale"


_MARK = "# Generated by infra-scale from requests/api.yaml. Do not edit: x\n# Target: prod\n"
_SHARED = "# Generated by infra-scale. Do not edit: change the requests and run `infra-scale compile`.\n"
_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nreplicas: [{name: api, count: 99}]\n"


@pytest.mark.parametrize(
    ("broken", "content"),
    [
        ("requests/api.yaml", "nonsense: [\n"),
        ("requests/api.yaml", REQUEST.replace("web", "api").replace("6", "600")),
        ("requests/api.yml", REQUEST.replace("web", "api")),
    ],
)
def test_what_bears_the_mark_of_a_refused_request_of_the_base_is_an_error_where_the_change_touches_it(
    clone: Repository, broken: str, content: str
) -> None:
    _break(clone, broken, content)
    rendered, plans = "ops/rendered/infra-scale/eu", "ops/plans/infra-scale"
    edited = f"{rendered}/assistant/deployment-api/patch.yaml"
    gone = f"{rendered}/assistant/deployment-api/kustomization.yaml"
    assert (clone.root / gone).is_file()
    touched = {
        f"{rendered}/assistant/deployment-evil/patch.yaml": _MARK + _COMPONENT,
        f"{rendered}/pay/kustomization.yaml": _SHARED + _COMPONENT,
        f"{plans}/other/api/plan.yaml": _MARK + _COMPONENT,
        edited: _MARK + _COMPONENT,
    }
    clone.git("checkout", "--quiet", "-B", "change")
    assert {severity for _, severity, _ in _found(_checked(clone, code=0))} == {"note"}
    for path, text in touched.items():
        clone.write(path, text)
    (clone.root / gone).unlink()
    _commit(clone)

    found = _found(_checked(clone, code=1))

    assert {path for rule, severity, path in found if (rule, severity) == ("PLN-003", "error")} == {*touched, gone}


def test_of_a_request_that_the_change_itself_breaks_only_the_mistake_is_reported(clone: Repository) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "60"))
    clone.run("compile", "--keep-going", code=None)
    path = "ops/rendered/infra-scale/eu/assistant/deployment-web/kustomization.yaml"
    clone.write(path, clone.read(path) + "\n")
    _commit(clone)

    assert _found(_checked(clone, code=1)) == [("REP-001", "error", "requests/web.yaml")]


def test_a_request_without_its_plan_and_a_plan_without_its_request_are_stale(clone: Repository) -> None:
    (clone.root / "requests/api.yaml").unlink()
    _commit(clone)
    assert _checked(clone, code=1)["plans"]["deleted"] == ["ops/plans/infra-scale/prod/api/plan.yaml"]

    clone.git("reset", "--quiet", "--hard", "main")
    clone.write("requests/new.yaml", REQUEST.replace("web", "new"))
    assert _checked(clone, code=1)["plans"]["created"] == ["ops/plans/infra-scale/prod/new/plan.yaml"], "also untracked"


def test_a_change_of_what_a_target_names_touches_its_requests(clone: Repository) -> None:
    clone.write("ops/targets/prod.yaml", _STRICT.replace("eu", "us"))
    assert _checked(clone, code=1)["status"] == "stale"

    clone.write("ops/targets/prod.yaml", f"manifests: [apps]\n{_STRICT}")
    assert _found(_checked(clone, code=1)) == [("MAN-004", "error", "ops/targets/prod.yaml")]


def test_the_base_may_have_gone_on_and_its_newest_policy_counts(clone: Repository) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    clone.run("compile")
    _commit(clone)
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", _STRICT.replace("error", "{severity: error, threshold: 8}"))
    clone.write("requests/api.yaml", REQUEST.replace("web", "api").replace("6", "5"))
    clone.run("compile")
    _commit(clone)
    clone.git("checkout", "--quiet", "change")

    assert _found(_checked(clone, code=1)) == [("REP-001", "error", "requests/web.yaml")]


def test_facts_that_are_too_old_by_the_clock_fail_what_the_change_touches(clone: Repository) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\npolicy: {rules: {CAP-001: error}}\n")
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\npolicy: {rules: {CAP-001: off}}\n")
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))

    assert _proposed(clone, code=0) == [], "the check reads no snapshot"
    judged = _validated(clone, code=1)

    assert ("CAP-001", "error", "requests/web.yaml") in judged
    assert ("CAP-001", "note", "requests/api.yaml") not in judged, "the change touches its target"


def test_an_error_of_the_world_about_what_a_change_leaves_alone_is_a_note(clone: Repository) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\npolicy: {rules: {CAP-001: error}}\n")
    clone.run("compile")
    _commit(clone)
    clone.git("checkout", "--quiet", "-B", "change")
    clone.write("requests/web.yaml", REQUEST.replace("6", "7"))
    clone.run("compile")
    _commit(clone)

    assert sorted(_validated(clone, code=1)) == [
        ("CAP-001", "error", "requests/web.yaml"),
        ("CAP-001", "note", "requests/api.yaml"),
    ]
    clone.git("checkout", "--quiet", "-B", "other", "main")
    clone.write("docs/notes.md", "nothing about requests\n")
    _commit(clone)
    assert {severity for _, severity, _ in _validated(clone, code=0)} == {"note"}


def _validated(repository: Repository, *, code: int) -> list[tuple[str, str, str]]:
    """What `validate --base` finds."""
    found = repository.run("validate", "--base", "main", "--format", "json", code=code)
    return _found(json.loads(found))


def test_requests_in_a_folder_of_the_repository_are_found(git_repository: Repository) -> None:
    for path, text in (("deploy/ops/targets/prod.yaml", _STRICT), ("deploy/requests/web.yaml", REQUEST)):
        git_repository.write(path, text)
    git_repository.run("compile", cwd="deploy")
    _commit(git_repository)
    git_repository.git("checkout", "--quiet", "-b", "change")
    git_repository.write("deploy/ops/targets/prod.yaml", _OFF)
    git_repository.write("deploy/requests/web.yaml", REQUEST.replace("6", "600"))
    git_repository.run("compile", cwd="deploy")

    said = git_repository.run("compile", "--check", "--base", "main", cwd="deploy", code=1)

    assert "REP-001 error: High replica count" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base", "main"], "--base needs --check"),
        (["--check", "--base", "main", "--staged"], "--base cannot be combined with --staged"),
        (["--check", "--base", "main", "requests/web.yaml"], "--base cannot be combined with PATH"),
        (["--check", "--base", ""], "the name of the base is empty"),
    ],
)
def test_a_base_without_a_whole_check_is_wrong_usage(clone: Repository, arguments: list[str], said: str) -> None:
    assert said in clone.completed("compile", *arguments, code=2).stderr


def test_a_base_that_is_not_here_is_an_error_with_the_command_that_fetches_it(clone: Repository) -> None:
    assert (
        "this clone does not have the commit missing"
        in clone.completed("compile", "--check", "--base", "missing", code=1).stderr
    )
