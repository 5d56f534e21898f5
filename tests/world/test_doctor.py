"""`infra-scale doctor`: each check fires where something is wrong, and is silent where nothing is."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from infra_scale.usecases import doctor
from support.github_server import TOKEN, Answer, Call, GitHubServer
from support.openapi import description
from support.repository import Repository

_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: c, user: u}}]
"""
_NO_GITHUB = {"GITHUB_TOKEN": "", "GITHUB_REPOSITORY": "", "GH_OWNER": "", "GH_REPO": "", "GITHUB_API_URL": ""}

_COMMIT = "0123456789abcdef0123456789abcdef01234567"
_CHECK, _PUBLISH = ".github/workflows/infra-scale.yml", ".github/workflows/infra-scale-publish.yml"

Entry = dict[str, str]


def _checks(
    repository: Repository, *arguments: str, code: int | None = None, variables: dict[str, str] | None = None
) -> dict[str, Entry]:
    known = {**_NO_GITHUB, "KUBECONFIG": str(repository.root.parent / "kubeconfig"), **(variables or {})}
    said = repository.run("doctor", "--format", "json", *arguments, code=code, variables=known)
    document: dict[str, Any] = json.loads(said)
    assert (document["version"], document["command"]) == (1, "doctor")
    return {entry["check"]: entry for entry in document["checks"]}


class Case(NamedTuple):
    """Something wrong, and what is said about it."""

    check: str
    spoil: Callable[[Repository], object]
    severity: str
    said: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.check}: {self.said}"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository as `init` and its advice leave it."""
    made = Repository(tmp_path_factory.mktemp("model"))
    made.git("init", "--quiet", "--initial-branch=main")
    made.run(
        "init", "--source", "https://git.example.com/infra.scale", "--commit", _COMMIT, "--codeowners", "@acme/ops"
    )
    made.tool("pre-commit", "install")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--no-verify", "--message", "set up")
    return made


@pytest.fixture
def healthy(model: Repository, tmp_path: Path) -> Repository:
    """A copy of it, on a machine where kubectl knows a cluster."""
    (tmp_path / "kubeconfig").write_text(_KUBECONFIG)
    return Repository(Path(shutil.copytree(model.root, tmp_path / "healthy")))


def test_every_local_check_is_silent_after_init(healthy: Repository) -> None:
    checks = _checks(healthy, "--offline", code=0)

    assert {name for name, entry in checks.items() if entry["answer"] == "ok"} == {
        *doctor.FOLDER,
        *doctor.KUBECTL,
        *doctor.GIT,
        "repository",
    }


def test_a_current_folder_that_is_gone_does_not_matter_where_another_is_named(healthy: Repository) -> None:
    gone = healthy.root.parent / "gone"
    gone.mkdir()

    said = healthy.tool("sh", "-c", f"cd {gone}; rmdir {gone}; infra-scale doctor --offline --root {healthy.root}")

    assert "not checked" in said.stdout


def _remove(path: str) -> Callable[[Repository], object]:
    return lambda repository: (repository.root / path).unlink()


def _write(path: str, content: str) -> Callable[[Repository], object]:
    return lambda repository: repository.write(path, content)


def _git(*arguments: str) -> Callable[[Repository], object]:
    return lambda repository: repository.git(*arguments)


def _without_requests(repository: Repository) -> None:
    (repository.root / "requests").rename(repository.root / "elsewhere")


def _linked_requests(repository: Repository) -> None:
    _without_requests(repository)
    (repository.root / "requests").symlink_to("elsewhere")


def _emptied(repository: Repository) -> None:
    for path in ("requests/example", "ops/plans", "ops/rendered"):
        shutil.rmtree(repository.root / path)


def _placeholder(repository: Repository) -> None:
    """As `init` leaves it where nobody says where infra-scale is from."""
    for path in (".pre-commit-config.yaml", _CHECK, _PUBLISH):
        (repository.root / path).unlink()
    repository.run("init")


def _without_workflows(repository: Repository) -> None:
    shutil.rmtree(repository.root / ".github")


def _commented_out(repository: Repository) -> None:
    _without_workflows(repository)
    repository.write(_CHECK, "# infra-scale compile\n")


def _without_commit(repository: Repository) -> None:
    repository.write(_PUBLISH, repository.read(_PUBLISH).replace(_COMMIT, "0" * 40))


def _in_check(before: str, after: str) -> Callable[[Repository], object]:
    def spoil(repository: Repository) -> None:
        text = repository.read(_CHECK)
        assert before in text
        repository.write(_CHECK, text.replace(before, after))

    return spoil


def _filtered(*paths: str) -> Callable[[Repository], object]:
    """The check only starts for these paths, and a target names manifests in apps/."""

    def spoil(repository: Repository) -> None:
        _in_check("    types:", f"    paths: {list(paths)}\n    types:")(repository)
        repository.write("apps/web/kustomization.yaml", "resources: []\n")
        repository.write("ops/targets/prod.yaml", "clusters: [{name: prod}]\nmanifests: [apps/web]\n")

    return spoil


def _skippable(repository: Repository) -> None:
    """As `init` wrote it once: a push to any branch skips the check of the same commit."""
    _in_check("    name: Plans", "    if: github.event_name == 'pull_request'\n    name: Plans")(repository)
    _in_check("  merge_group:", "  push:\n    branches-ignore: [other]\n  merge_group:")(repository)


def _attribute(line: str) -> Callable[[Repository], object]:
    return lambda repository: repository.write(".gitattributes", f"{repository.read('.gitattributes')}{line}\n")


def _shallow(repository: Repository) -> None:
    """As `git clone --depth=1` leaves it."""
    (repository.root / ".git/shallow").write_text(repository.git("rev-parse", "HEAD"))


def _without_git(repository: Repository) -> None:
    (repository.root / ".git").rename(repository.root / "moved")


def _with_an_ended_waiver(repository: Repository) -> None:
    request = repository.read("requests/example/web.yaml").replace("min: 2", "min: 1")
    repository.write("ops/targets/prod.yaml", "clusters: [{name: prod}]\n")
    allowed = '    allow: [{rule: HPA-013, reason: Try, until: "2024-01-31"}]\n'
    repository.write("requests/example/web.yaml", request + allowed)
    repository.run("compile")
    repository.write("ops/targets/prod.yaml", "clusters: [{name: prod}]\npolicy: {rules: {WVR-001: error}}\n")


def _not_executable(repository: Repository) -> None:
    (repository.root / ".git/hooks/pre-commit").chmod(0o644)


_OLD = """\
apiVersion: infra.scale/v1
kind: ClusterSnapshot
metadata: {cluster: eu, capturedAt: "2025-01-15T03:00:00Z", schema: 1}
nodes: [{id: n1, allocatable: {cpu: "4", memory: 8Gi, pods: "20"}, requested: {}, pods: 0}]
"""


def _with_snapshot(text: str, *others: str) -> Callable[[Repository], object]:
    def spoil(repository: Repository) -> None:
        names = ", ".join(f"{{name: {name}}}" for name in ("eu", *others))
        repository.write("ops/targets/prod.yaml", f"clusters: [{names}]\n")
        repository.run("compile")
        repository.write("ops/clusters/eu/snapshot.yaml", text)
        repository.run("compile", code=None)

    return spoil


def _with_prices(since: str) -> Callable[[Repository], object]:
    def spoil(repository: Repository) -> None:
        repository.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\n")
        default = "default: {cpuCoreHour: '0.1', ramGiBHour: '0.01'}"
        metadata = f"metadata: {{cluster: eu, effectiveFrom: {since!r}}}"
        repository.write("ops/clusters/eu/prices.yaml", f"{metadata}\ncurrency: EUR\n{default}\n")
        repository.run("compile")

    return spoil


WRONG = [
    Case("layout", _without_requests, "error", "no folder requests/", "infra-scale init"),
    Case("layout", _linked_requests, "error", "requests is a symbolic link", "replace it with a folder"),
    Case("layout", _emptied, "note", "no request yet", "infra-scale new"),
    Case("python-files", _write("requests/__init__.py", ""), "warning", "requests/__init__.py", "remove Python files"),
    Case(
        "plans", _write("requests/bad.yaml", "target: prod\n"), "error", "requests/bad.yaml: ", "infra-scale validate"
    ),
    Case("plans", _with_an_ended_waiver, "error", "the waiver of HPA-013", "infra-scale validate"),
    Case(
        "plans",
        _write("ops/rendered/infra-scale/c1/.x", "mine"),
        "error",
        "ops/rendered/infra-scale/c1/.x: unexpected: a file",
        "move it one level up, to ops/rendered/, if it is yours, or let `infra-scale compile --prune` delete it",
    ),
    Case(
        "plans",
        _remove("ops/plans/infra-scale/prod/example/web/plan.yaml"),
        "error",
        "the first of 1: prod/example/web",
        "run `infra-scale compile`",
    ),
    Case(
        "snapshots", _with_snapshot("no: snapshot"), "error", "ops/clusters/eu/snapshot.yaml: ", "infra-scale validate"
    ),
    Case("snapshots", _with_snapshot(_OLD), "warning", "eu: the snapshot is over 24h old", "infra-scale snapshot eu"),
    Case("snapshots", _with_snapshot(_OLD, "us"), "warning", "us has no snapshot", "infra-scale snapshot us"),
    Case(
        "snapshots",
        _with_snapshot(_OLD.replace("2025-01", "2999-01")),
        "warning",
        "the capture time of the snapshot, 2999-01-15T03:00:00Z, is in the future",
        "infra-scale snapshot eu",
    ),
    Case(
        "snapshots", _with_prices("2999-01-01"), "warning", "eu: its prices are effective from 2999-01-01", "edit ops/"
    ),
    Case("kubectl", _write("../kubeconfig", ""), "note", "current-context is not set", "only needed to apply"),
    Case("repository", _without_git, "error", "this is not a git repository", "git init"),
    Case("history", _shallow, "warning", "shallow", "git fetch --unshallow"),
    Case("branch", _git("checkout", "--quiet", "--detach"), "note", "no branch is checked out", "git switch"),
    Case("line-ends", _write(".gitattributes", ""), "warning", "line ends", "ops/plans/** text eol=lf"),
    Case("line-ends", _write(".gitattributes", "ops/** -text\n"), "warning", "line ends", "does: requests/** text"),
    Case("ignored", _write(".gitignore", "*.log\nops/\n"), "error", ".gitignore:2 ", "remove that line"),
    Case("ignored", _write(".gitignore", "requests/**/*.yaml\n"), "error", ".gitignore:1 ", "remove that line"),
    Case(
        "hook", _remove(".pre-commit-config.yaml"), "warning", "there is no .pre-commit-config.yaml", "infra-scale init"
    ),
    Case("hook", _write(".pre-commit-config.yaml", "# infra-scale-compile\nrepos: []\n"), "warning", "lacks", "shows"),
    Case("hook", _placeholder, "error", ".pre-commit-config.yaml installs infra-scale from", "your fork"),
    Case("workflow", _placeholder, "error", "which is a placeholder", "your fork"),
    Case(
        "workflow",
        _without_commit,
        "error",
        "publish.yml installs infra-scale from 000",
        "full SHA of one of its commits",
    ),
    Case(
        "attributes",
        _attribute("ops/** linguist-generated"),
        "warning",
        "lets GitHub fold, in reviews, ops/",
        "from it in .gitattributes",
    ),
    Case("attributes", _attribute("requests/** linguist-generated=true"), "warning", "fold, in reviews, requests/", ""),
    Case("attributes", _attribute("*.yaml -diff"), "warning", "-diff, hides changes of", ".gitattributes"),
    Case("attributes", _attribute("ops/rendered/** binary"), "warning", "-diff, hides changes of ops/rendered/", ""),
    Case("attributes", _attribute("ops/targets/* filter=evil"), "warning", "filter=evil, changes on checkout ops/", ""),
    Case("attributes", _attribute("requests/example/web.yaml ident"), "warning", "changes on checkout requests/ex", ""),
    Case("attributes", _attribute("ops/** merge=ours"), "warning", "merge=ours, decides how git merges", ""),
    Case(
        "attributes",
        _write("ops/rendered/.gitattributes", "* linguist-generated\n"),
        "warning",
        "fold, in reviews, ops/rendered/",
        "",
    ),
    Case("triggers", _filtered("requests/**", "ops/**", ".git*/**"), "error", "every change of apps/web/", "`paths`"),
    Case("triggers", _filtered("**", "!apps/**"), "error", "every change of apps/web/", "`paths`"),
    Case(
        "triggers",
        _in_check("    types:", "    paths: ['**']\n    types:"),
        "warning",
        "stays pending if no path matches",
        "`paths`",
    ),
    Case(
        "triggers",
        _in_check("      - edited", "      - labeled"),
        "warning",
        "another base",
        "ready_for_review, edited]",
    ),
    Case("triggers", _in_check("      - synchronize\n", ""), "error", "is synchronize", "add `synchronize`"),
    Case("triggers", _skippable, "warning", "skips Plans are up to date", "a workflow of its own"),
    Case("code-owners", _remove(".github/CODEOWNERS"), "warning", "there is no CODEOWNERS", "init --codeowners"),
    Case(
        "code-owners", _write(".github/CODEOWNERS", "/ops/\n* @a\n/ops/\n"), "warning", "no owner of /ops/", "/ops/ @"
    ),
    Case("hook-installed", _remove(".git/hooks/pre-commit"), "warning", "no hook", "pre-commit install"),
    Case(
        "hook-installed", _git("config", "core.hooksPath", "other"), "warning", "no hook", "--unset-all core.hooksPath"
    ),
    Case("hook-installed", _not_executable, "warning", "not executable", "pre-commit install"),
    Case("workflow", _without_workflows, "warning", "no workflow", "infra-scale init"),
    Case("workflow", _commented_out, "warning", "no workflow", ""),
]


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_a_local_check_fires_and_names_the_fix(healthy: Repository, case: Case) -> None:
    case.spoil(healthy)

    found = _checks(healthy, "--offline", "--root", ".", code=1 if case.severity == "error" else 0)[case.check]

    assert (found["answer"], found["severity"]) == ("problem", case.severity)
    assert case.said in found["message"]
    assert case.mend in found["help"]


_PASTED = [
    pytest.param(check, spoil, id=f"{check}-{number}")
    for number, (check, spoil) in enumerate(
        [
            ("hook-installed", _remove(".git/hooks/pre-commit")),
            ("hook-installed", _git("config", "core.hooksPath", "other")),
            ("hook-installed", _not_executable),
            ("code-owners", _remove(".github/CODEOWNERS")),
            ("plans", _remove("ops/plans/infra-scale/prod/example/web/plan.yaml")),
        ]
    )
]


@pytest.mark.parametrize(("check", "spoil"), _PASTED)
def test_the_command_of_a_fix_is_pasted_and_fixes(
    healthy: Repository, check: str, spoil: Callable[[Repository], object]
) -> None:
    spoil(healthy)
    fix = _checks(healthy, "--offline", "--root", ".")[check]["help"]

    healthy.paste(fix.split("`")[1] if "`" in fix else fix)

    assert _checks(healthy, "--offline")[check]["answer"] == "ok"


def test_every_local_check_is_seen_to_fire() -> None:
    assert {case.check for case in WRONG} == {*doctor.FOLDER, *doctor.KUBECTL, *doctor.GIT, "repository"}


_MAKE = "on: {push: {branches: [main]}}\njobs: {a: {if: x, steps: [{run: infra-scale compile --check}]}}\n"


@pytest.mark.parametrize(
    ("check", "spare"),
    [
        ("line-ends", _write(".gitattributes", "* -text\n")),
        ("ignored", _write(".gitignore", "ops/\n!ops/\n")),
        ("hook", _write(".pre-commit-config.yaml", "repos: [{hooks: [{entry: .venv/bin/infra-scale compile}]}]\n")),
        ("hook-installed", _write(".git/hooks/pre-commit", "#!/bin/sh\ninfra-scale compile --staged\n")),
        ("workflow", _write(".github/workflows/other.yaml", _MAKE)),
        ("attributes", _write(".gitattributes", "ops/plans/** linguist-generated\nops/** -filter merge diff=yaml\n")),
        ("triggers", _write(".github/workflows/other.yaml", _MAKE)),
        ("code-owners", _write("CODEOWNERS", "nothing\n")),
    ],
)
def test_another_way_to_have_it_right_is_right(
    healthy: Repository, check: str, spare: Callable[[Repository], object]
) -> None:
    spare(healthy)

    assert _checks(healthy, "--offline")[check]["answer"] == "ok"


def test_hooks_in_another_folder_count(healthy: Repository) -> None:
    healthy.git("config", "core.hooksPath", "shared")
    (healthy.root / "shared").mkdir()
    (healthy.root / ".git/hooks/pre-commit").rename(healthy.root / "shared/pre-commit")

    assert _checks(healthy, "--offline")["hook-installed"]["answer"] == "ok"


def test_a_linked_work_tree_is_looked_at_like_any_other(healthy: Repository) -> None:
    healthy.git("worktree", "add", "--quiet", "../linked")

    checks = _checks(Repository(healthy.root / "../linked"), "--offline", code=0)

    assert {checks[name]["answer"] for name in doctor.GIT} == {"ok"}


_CALL = "jobs: {{a: {{uses: 'acme/infra.scale/.github/workflows/{}@0123'}}}}\n"
_STEP = "jobs: {a: {steps: [{uses: acme/infra-scale@0123, with: {command: publish}}]}}\n"


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        (_CALL.format("approval.yml"), "ours.yml runs comment and publish"),
        (_CALL.format("matrix.yml"), "ours.yml runs compile"),
        (_STEP, "ours.yml runs publish"),
        (_STEP.replace("publish", "'${{ inputs.what }}'"), "ours.yml runs the infra-scale action"),
    ],
)
def test_a_workflow_that_uses_our_action_or_calls_ours_runs_it(healthy: Repository, workflow: str, said: str) -> None:
    _without_workflows(healthy)
    healthy.write(".github/workflows/ours.yml", workflow)

    found = _checks(healthy, "--offline")["workflow"]

    assert (found["answer"], found["message"]) == ("ok", said)


def test_where_plans_come_later_their_absence_is_known_and_the_hook_that_validates_is_right(
    git_repository: Repository,
) -> None:
    git_repository.run("init", "--no-plans", "--source", "https://git.example.com/infra.scale", "--commit", _COMMIT)

    checks = _checks(git_repository, "--offline", code=0)

    assert (checks["plans"]["severity"], checks["hook"]["answer"]) == ("note", "ok")
    assert "`publish` proposes them" in checks["plans"]["help"]


def test_a_workflow_of_which_nothing_is_known_is_unknown_and_not_right(healthy: Repository) -> None:
    _without_workflows(healthy)

    assert _checks(healthy, "--offline", code=0)["triggers"]["answer"] == "unknown"


def test_a_hook_of_ones_own_is_unknown_and_not_right(healthy: Repository) -> None:
    healthy.write(".git/hooks/pre-commit", "#!/bin/sh\nmake check\n")

    found = _checks(healthy, "--offline", code=0)["hook-installed"]

    assert found["answer"] == "unknown"
    assert "custom script" in found["message"]


def test_a_repository_of_somebody_else_is_a_problem_with_the_command_that_trusts_it(healthy: Repository) -> None:
    checks = _checks(healthy, "--offline", code=1, variables={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})

    assert checks["repository"]["severity"] == "error"
    assert f"git config --global --add safe.directory {healthy.root}" in checks["repository"]["help"]
    assert {checks[name]["answer"] for name in doctor.GIT} == {"unknown"}
    assert checks["plans"]["answer"] == "ok"


def test_a_machine_without_git_is_told_so(healthy: Repository, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    checks = _checks(healthy, "--offline", code=1, variables={"PATH": str(tmp_path / "empty")})

    assert checks["repository"]["message"] == "git is not installed"
    assert checks["kubectl"]["message"] == "kubectl is not installed"


def test_it_starts_anywhere_and_an_empty_folder_is_a_finding(repository: Repository, healthy: Repository) -> None:
    (healthy.root / "requests/deep").mkdir()
    below = healthy.completed("doctor", "--offline", cwd="requests/deep", variables=_NO_GITHUB)
    assert "ok       plans: every plan is up to date\n" in below.stdout


def test_text_shows_the_fix_below_its_finding_and_counts(healthy: Repository) -> None:
    _without_requests(healthy)

    said = healthy.run("doctor", "--root", ".", code=1, variables=_NO_GITHUB)

    assert "error    layout: there is no folder requests/\n    help: infra-scale init\n" in said
    names = ", ".join(doctor.GITHUB)
    assert f"unknown  github, {names}: not checked: GITHUB_TOKEN is not set\n    help: set it" in said
    assert said.splitlines()[-1].startswith("27 checks: ")


def test_nothing_is_changed(healthy: Repository) -> None:
    (healthy.root / "ops/plans/infra-scale/prod/example/web/plan.yaml").unlink()
    before = healthy.tree(".")

    _checks(healthy, "--offline", code=1)

    assert healthy.tree(".") == before


# GitHub: the look-alike answers for what it knows, `_known` for settings and rules that it lacks.


def _rules(name: str = "Plans are up to date", **changed: object) -> list[dict[str, object]]:
    """Those of a ruleset as it should be, but for what is `changed`."""
    reviews = {
        "required_approving_review_count": 1,
        "require_code_owner_review": True,
        "dismiss_stale_reviews_on_push": True,
        "require_last_push_approval": True,
        "required_review_thread_resolution": False,
    }
    checks = {"required_status_checks": [{"context": name}], "strict_required_status_checks_policy": False}
    return [
        {"type": "pull_request", "parameters": {**reviews, **changed}},
        {"type": "required_status_checks", "parameters": checks},
    ]


def _classic(*contexts: str, **changed: object) -> dict[str, object]:
    """What rules can ask, asked by the classic protection of a branch alone."""
    reviews = {
        "required_approving_review_count": 2,
        "require_code_owner_reviews": True,
        "dismiss_stale_reviews": True,
        "require_last_push_approval": True,
    }
    checks = {"required_status_checks": {"contexts": list(contexts), "checks": []}}
    return {
        "rules/branches/main": [],
        "branches/main": {"protected": True, "protection": {"enabled": True, **checks}},
        "branches/main/protection": {**checks, "required_pull_request_reviews": {**reviews, **changed}},
    }


_OPEN: dict[str, object] = {"rules/branches/main": []}
_RIGHT: dict[str, object] = {
    "actions/permissions/workflow": {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": True},
    "rules/branches/infra%2Fscale-prod": [{"type": "non_fast_forward"}],
    "rules/branches/main": _rules(),
    "labels/needs-approval": {"name": "needs-approval", "color": "d93f0b"},
}


def _serve(server: GitHubServer, changed: dict[str, object]) -> None:
    """Answer with `changed` before what is right, and with that before what the look-alike says.

    A number is a status, and a text the message of a 404. The path "" is the repository itself:
    of it, as of branches/main, only what is given changes.
    """
    known = {**_RIGHT, **changed}

    def answer(_: int, call: Call, serve: Callable[[], Answer]) -> Answer:
        path = call.path.split("?")[0].removeprefix(f"/repos/{server.slug}").removeprefix("/")
        if path not in known:
            return serve()
        said = known[path]
        if isinstance(said, int | str):
            status, message = (said, "Not Found") if isinstance(said, int) else (404, said)
            return Answer(status, json.dumps({"message": message}).encode(), {})
        if path in ("", "branches/main") and isinstance(said, dict):
            said = {**json.loads(serve().body), **said}
        elif path.startswith(("rules/", "branches/")):
            assert not description().answer_violations(call.path, said)
        return Answer(200, json.dumps(said).encode(), {})

    server.fault = answer
    server.calls.clear()


def _online(
    repository: Repository, server: GitHubServer, *, code: int | None = 0, **variables: str
) -> dict[str, Entry]:
    known = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": server.slug, "GITHUB_API_URL": server.api}
    return _checks(repository, code=code, variables={**known, **variables})


def test_every_check_of_github_is_silent_where_all_is_right(healthy: Repository, server: GitHubServer) -> None:
    _serve(server, {})

    checks = _online(healthy, server, code=0)

    assert {name: checks[name]["answer"] for name in ("github", *doctor.GITHUB)} == dict.fromkeys(
        ("github", *doctor.GITHUB), "ok"
    )
    assert not [call for call in server.calls if call.writes]


class Online(NamedTuple):
    """Something wrong on GitHub, and what is said about it."""

    check: str
    served: dict[str, object]
    severity: str
    said: str
    mend: str

    def __str__(self) -> str:
        return f"{self.check}: {self.said}"


_MAY_NOT = {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": False}
WRONG_ONLINE = [
    Online("github", {"": 401}, "error", "does not accept the token", "GITHUB_TOKEN is wrong"),
    Online("github", {"": 404}, "error", "GitHub does not show ", "cannot read it"),
    Online("archived", {"": {"archived": True}}, "error", "archived", "unarchive"),
    Online("push", {"": {"permissions": {"push": False, "pull": True}}}, "error", "may not push", "Write"),
    Online(
        "actions",
        {"actions/permissions/workflow": _MAY_NOT},
        "error",
        "may not open pull requests",
        "Settings, Actions",
    ),
    Online(
        "label", {"labels/needs-approval": 404}, "note", "label needs-approval does not exist", "`publish` creates it"
    ),
    Online("label", {"labels/needs-approval": {"color": "ededed"}}, "note", "the colour ededed", "d93f0b"),
    Online(
        "rulesets",
        {"rules/branches/infra%2Fscale-prod": [{"type": "creation"}, {"type": "required_signatures"}]},
        "warning",
        "infra/scale-prod: creation",
        "bypass",
    ),
    Online("review", _OPEN, "warning", "main accepts plans without an approval", "require a pull request"),
    Online(
        "review",
        _classic(required_approving_review_count=0),
        "warning",
        "without an approval",
        "require a pull request",
    ),
    Online("code-owner-review", _OPEN, "warning", "without a code owner's approval", "review from code owners"),
    Online(
        "code-owner-review",
        {"rules/branches/main": _rules(require_code_owner_review=False)},
        "warning",
        "without a code owner's approval",
        "review from code owners",
    ),
    Online(
        "code-owner-review",
        _classic(require_code_owner_reviews=False),
        "warning",
        "without a code owner's approval",
        "review from code owners",
    ),
    Online(
        "stale-approvals",
        {"rules/branches/main": _rules(dismiss_stale_reviews_on_push=False)},
        "warning",
        "an approval stays after another push",
        "dismiss stale",
    ),
    Online("stale-approvals", _classic(dismiss_stale_reviews=False), "warning", "an approval stays", "dismiss stale"),
    Online(
        "last-push",
        {"rules/branches/main": _rules(require_last_push_approval=False)},
        "warning",
        "the last pusher may approve",
        "most recent reviewable push",
    ),
    Online(
        "required-check",
        _OPEN,
        "warning",
        "whose check 'Plans are up to date' has failed",
        "add 'Plans are up to date'",
    ),
    Online(
        "required-check",
        {"rules/branches/main": _rules("Propose plans")},
        "warning",
        "whose check 'Plans are up to date' has failed",
        "require status checks to pass",
    ),
    Online("required-check", _classic("lint"), "warning", "'Plans are up to date' has failed", "require status checks"),
]


@pytest.mark.parametrize("case", WRONG_ONLINE, ids=str)
def test_a_check_of_github_fires_and_names_the_fix(healthy: Repository, server: GitHubServer, case: Online) -> None:
    _serve(server, case.served)

    found = _online(healthy, server, code=1 if case.severity == "error" else 0)[case.check]

    assert (found["answer"], found["severity"]) == ("problem", case.severity)
    assert case.said in found["message"]
    assert case.mend in found["help"]


def test_every_check_of_github_is_seen_to_fire() -> None:
    assert {case.check for case in WRONG_ONLINE} == {*doctor.GITHUB, "github"}


_OF_REVIEWS = ("review", "code-owner-review", "stale-approvals", "last-push")
_OF_MAIN = (*_OF_REVIEWS, "required-check")
_UNTOLD: dict[str, object] = {
    **_OPEN,
    "branches/main": {"protected": True, "protection": {}},
    "branches/main/protection": 404,
}
_REQUIRED_WORKFLOWS = [{"type": "workflows", "parameters": {"workflows": [{"path": "a.yml", "repository_id": 1}]}}]


@pytest.mark.parametrize(
    ("check", "changed", "said"),
    [
        ("github", {"": 451}, "GitHub answered 451"),
        ("push", {"": {"permissions": None}}, "does not show"),
        ("actions", {"actions/permissions/workflow": 403}, "only an administrator's token"),
        ("actions", {"actions/permissions/workflow": 404}, "only an administrator's token"),
        ("label", {"labels/needs-approval": 403}, "GitHub answered 403"),
        ("rulesets", {"rules/branches/infra%2Fscale-prod": 404}, "GitHub does not show"),
        *((check, {"rules/branches/main": 403}, "GitHub answered 403") for check in _OF_MAIN),
        *(
            (check, {**_classic(), "branches/main/protection": 404}, "only an administrator's token")
            for check in _OF_REVIEWS
        ),
        *((check, {**_OPEN, "branches/main": 403}, "403") for check in _OF_MAIN),
        ("required-check", _UNTOLD, "the required checks of main could not be read (GitHub"),
        ("required-check", {"rules/branches/main": _REQUIRED_WORKFLOWS}, "a ruleset requires workflows"),
    ],
)
def test_what_the_token_may_not_see_is_unknown_and_breaks_nothing(
    healthy: Repository, server: GitHubServer, check: str, changed: dict[str, object], said: str
) -> None:
    _serve(server, changed)

    found = _online(healthy, server, code=0)[check]

    assert found["answer"] == "unknown"
    assert said in found["message"]


def test_classic_protection_that_asks_for_the_same_is_right(healthy: Repository, server: GitHubServer) -> None:
    _serve(server, _classic("Plans are up to date"))

    checks = _online(healthy, server)

    assert {checks[name]["answer"] for name in _OF_MAIN} == {"ok"}
    assert checks["review"]["message"] == "main requires 2 approvals"


def test_checks_of_classic_protection_need_no_administrator(healthy: Repository, server: GitHubServer) -> None:
    _serve(server, {**_classic("Plans are up to date"), "branches/main/protection": 403})

    assert _online(healthy, server)["required-check"]["answer"] == "ok"


def test_a_branch_that_rulesets_alone_protect_has_no_classic_protection(
    healthy: Repository, server: GitHubServer
) -> None:
    """GitHub calls it protected all the same, and answers 404; that is known, and not hidden."""
    _serve(server, {**_classic(), "branches/main/protection": "Branch not protected"})

    assert _online(healthy, server)["review"]["answer"] == "problem"


def test_the_protection_of_the_branch_is_asked_for_once(healthy: Repository, server: GitHubServer) -> None:
    _serve(server, _classic("Plans are up to date"))

    _online(healthy, server)

    asked = [call.path.split("?")[0].removeprefix(f"/repos/{server.slug}/") for call in server.calls]
    assert sorted(path for path in asked if "branches/main" in path) == sorted(_classic())


def test_a_workflow_that_calls_ours_is_required_by_the_name_of_both_jobs(
    healthy: Repository, server: GitHubServer
) -> None:
    _without_workflows(healthy)
    healthy.write(_CHECK, f"on: pull_request\n{_CALL.format('approval.yml')}")
    _serve(server, {"rules/branches/main": _rules("a / Plans are up to date")})

    assert _online(healthy, server)["required-check"]["message"] == "main requires the check a / Plans are up to date"


def test_without_a_workflow_it_is_not_known_which_check_to_require(healthy: Repository, server: GitHubServer) -> None:
    _without_workflows(healthy)
    _serve(server, {})

    assert _online(healthy, server)["required-check"]["answer"] == "unknown"


@pytest.mark.parametrize("folder", ["ops/targets", ".github"])
def test_a_folder_that_cannot_be_read_keeps_no_check_of_github_from_running(
    healthy: Repository, server: GitHubServer, folder: str
) -> None:
    (healthy.root / folder).rename(healthy.root / "elsewhere")
    (healthy.root / folder).symlink_to(healthy.root / "elsewhere")
    _serve(server, {})

    checks = _online(healthy, server, code=None)

    unknown = {"required-check"} if folder == ".github" else set()
    assert {name for name in doctor.GITHUB if checks[name]["answer"] != "ok"} == unknown


@pytest.mark.parametrize("token", ["", ", secrets: {token: app}"])
def test_who_calls_our_workflow_publishes_as_actions_unless_a_token_is_given(
    healthy: Repository, server: GitHubServer, token: str
) -> None:
    call = _CALL.format("approval.yml").replace("@0123'", f"@0123'{token}")
    _without_workflows(healthy)
    healthy.write(_CHECK, call)
    _serve(server, {"actions/permissions/workflow": _MAY_NOT})

    found = _online(healthy, server, code=None)["actions"]

    assert found["severity"] == ("note" if token else "error")


def test_actions_that_may_not_propose_break_nothing_where_an_app_publishes(
    healthy: Repository, server: GitHubServer
) -> None:
    healthy.write(_PUBLISH, healthy.read(_PUBLISH).replace("github.token", "steps.app.outputs.token"))
    _serve(server, {"actions/permissions/workflow": _MAY_NOT})

    assert _online(healthy, server, code=0)["actions"]["severity"] == "note"


def test_without_an_answer_everything_about_github_is_unknown(healthy: Repository, server: GitHubServer) -> None:
    _serve(server, {"": 401})

    checks = _online(healthy, server, code=1)

    assert {checks[name]["answer"] for name in doctor.GITHUB} == {"unknown"}
    assert {checks[name]["message"] for name in doctor.GITHUB} == {"GitHub does not accept the token"}


@pytest.mark.parametrize("origin", ["git@github.com:{}.git", "https://github.com/{}", "ssh://git@github.com/{}.git"])
def test_the_repository_is_known_from_where_the_clone_comes_from(
    healthy: Repository, server: GitHubServer, origin: str
) -> None:
    healthy.git("remote", "add", "origin", origin.format(server.slug))
    _serve(server, {})

    found = _online(healthy, server, GITHUB_REPOSITORY="")["github"]

    assert found["answer"] == "ok"


def test_a_clone_from_elsewhere_names_no_repository_on_github(healthy: Repository, server: GitHubServer) -> None:
    healthy.git("remote", "add", "origin", f"https://gitlab.com/{server.slug}")

    assert _online(healthy, server, GITHUB_REPOSITORY="")["github"]["answer"] == "unknown"
    assert server.calls == []


def test_offline_asks_nobody(healthy: Repository, server: GitHubServer) -> None:
    known = {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": server.slug, "GITHUB_API_URL": server.api}

    checks = _checks(healthy, "--offline", code=0, variables=known)

    assert server.calls == []
    assert {checks[name]["message"] for name in ("github", *doctor.GITHUB)} == {"--offline"}
