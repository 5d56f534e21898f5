"""Every kind of command that infra-scale prints is executed by a test, or is one of ours and parsed here.

Kinds are a program and its subcommand. A new one needs a test that runs it as printed.
"""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from infra_scale.adapters.kubernetes.kubectl import Kubectl, _hint
from infra_scale.cli.main import COMMANDS
from infra_scale.cli.options import CommandParser
from infra_scale.core.reporting.summary import summary
from support.cluster_server import serving
from support.kube_objects import cluster
from support.pure import compile_one
from support.repository import CHECKOUT, Repository

_PACKAGE = CHECKOUT / "compiler/infra_scale"
_COMMAND = re.compile(
    r"(?:^|[`\n]|: |; |&& |, )((?:ENABLE_INFRA_SCALE=1 )?"
    r"(?:kubectl|infra-scale|git|gh|pip|pre-commit|curl|docker) [a-z-][^`\n]*)"
)
_BY_STEPS = "tests/world/test_rollback_commands.py::test_hints_that_are_pasted_at_once_put_back_what_was_saved"
_BY_HANDOVERS = "tests/world/test_handover_commands.py::test_every_command_runs_and_the_count_stays"

EXECUTED = {
    "git add": "tests/world/test_pre_commit.py::test_t7_an_unstaged_edit_of_a_plan_is_kept_and_the_way_out_is_named",
    "git cat-file": "tests/world/test_index.py::test_nothing_is_fetched_into_a_partial_clone_and_the_error_tells_how",
    "git commit": "tests/world/test_init.py::test_the_first_commit_passes_the_real_hook",
    "git config": "tests/world/test_staged.py::test_foreign_ownership_is_explained_with_gits_own_remedy",
    "git fetch": "tests/contract/test_diff_command.py::test_a_shallow_clone_says_which_fetch_is_missing",
    "git fsck": "tests/contract/test_printed_commands.py::test_commands_about_a_repository_run",
    "git init": "tests/contract/test_printed_commands.py::test_commands_about_a_repository_run",
    "git restore": "tests/world/test_pre_commit.py::test_t7_",
    "git rev-parse": "tests/contract/test_printed_commands.py::test_commands_about_a_repository_run",
    "git sparse-checkout": "tests/world/test_sparse.py::test_a_sparse_partial_clone_says_which_folder_to_check_out",
    "git switch": "tests/contract/test_printed_commands.py::test_commands_about_a_repository_run",
    "git update-index": "tests/world/test_sparse.py::test_a_request_that_is_missing_on_disk_and_assumed_unchanged",
    "kubectl apply": _BY_HANDOVERS,
    "kubectl config": "tests/contract/test_printed_commands.py::test_commands_about_a_cluster_run",
    "kubectl delete": "tests/world/test_rollback_commands.py::test_the_command_in_the_help_of_an_orphaned_autoscaler",
    "kubectl get": "tests/docs/test_pages.py::test_everything_that_a_page_shows_is_real",
    "pip install": "tests/world/test_installation.py::test_an_extra_comes_from_where_the_rest_came_from",
    "pre-commit install": "tests/world/test_doctor.py::test_the_command_of_a_fix_is_pasted_and_fixes",
}
UNTESTED = {
    "git check-ref-format": "opens a manual page",
    "git lfs": "an extension of git that is not installed here",
}


def _printed(path: Path) -> Iterator[str]:
    """The texts of a module that can be shown; a value in a text is the word VALUE."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            hidden.update(map(id, node.values))
            yield "".join(part.value if isinstance(part, ast.Constant) else "VALUE" for part in node.values)  # type: ignore[misc]  # text
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in hidden:
            yield node.value


def _commands() -> Iterator[str]:
    for path in sorted(_PACKAGE.rglob("*.py")):
        for text in _printed(path):
            yield from (found.strip() for found in _COMMAND.findall(text))


_VERBS = {
    "git": "add cat-file check-ref-format checkout clean clone commit config fetch fsck init lfs merge pull push rebase"
    " reset restore rev-parse rm show sparse-checkout stash status switch tag update-index",
    "kubectl": "annotate apply auth config create delete describe edit get label logs patch replace rollout scale wait",
    "pip": "install download",
    "pre-commit": "install run autoupdate",
    "gh": "api auth pr repo secret variable workflow",
}


def _kind(command: str) -> str | None:
    """The program and subcommand of a command; None for prose that begins like one, and for ours."""
    program, verb = command.split()[:2]
    verb = verb.removesuffix("VALUE").removesuffix(",")
    return f"{program} {verb}" if verb in _VERBS.get(program, "").split() else None


def test_every_kind_of_printed_command_is_executed_by_a_test() -> None:
    kinds = {kind for command in _commands() if (kind := _kind(command))}

    assert kinds == {*EXECUTED, *UNTESTED}


@pytest.mark.parametrize("kind", EXECUTED)
def test_the_test_that_executes_it_exists(kind: str) -> None:
    path, _, name = EXECUTED[kind].partition("::")

    assert f"def {name}" in (CHECKOUT / path).read_text(encoding="utf-8")


_OURS = sorted(
    {
        re.split(r" [|>] ", command.removeprefix("ENABLE_INFRA_SCALE=1 "))[0]
        for command in _commands()
        if re.match(rf"(?:ENABLE_INFRA_SCALE=1 )?infra-scale (?:{'|'.join(COMMANDS)})\b", command)
    }
)


@pytest.mark.parametrize("command", _OURS)
def test_a_printed_command_of_ours_is_one_that_we_accept(command: str) -> None:
    name, *arguments = command.split()[1:]
    parser: CommandParser = import_module(COMMANDS[name]).parser()

    given = [re.sub("^VALUE$", "scale-request" if name == "schema" else "value", one) for one in arguments]
    parser.parse_args([one for one in given if one != "--help"] or (["eu"] if name == "snapshot" else []))


def test_commands_about_a_repository_run(repository: Repository) -> None:
    (tag,) = {command for command in _commands() if command.startswith("git rev-parse")}

    repository.paste("git init")
    repository.paste("git commit --quiet --allow-empty --message start && git tag v1.2.3 && git branch BRANCH")

    assert repository.paste(tag) == repository.git("rev-parse", "HEAD")
    repository.paste("git switch BRANCH")
    repository.paste("git fsck")
    assert repository.git("branch", "--show-current") == "BRANCH\n"


def test_commands_about_a_cluster_run(repository: Repository) -> None:
    with serving(cluster()) as server:
        server.by_hand = True
        config = server.kubeconfig(repository.root / "my config", "NAME")
        variables = {"KUBECONFIG": str(config), "HOME": str(repository.root)}
        (reached,) = re.findall("`(.*)`", _hint(Kubectl("NAME", str(config), 5), "refused"))

        assert "NAME" in repository.paste("kubectl config get-contexts", variables=variables)
        repository.paste("kubectl config use-context NAME", variables=variables)
        repository.paste(reached)


def test_a_summary_has_each_command_of_the_plan_as_it_is() -> None:
    workload = (
        "replicas: 3, container: app, requests: {cpu: 500m}, hpa: {min: 3, max: 9}, handover: {from: keda, replicas: 3}"
    )
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n"
    (plan,) = compile_one(request, prod="clusters: [{name: eu, context: admin@eu}]").plans
    steps = [step.command for step in plan.transfers[0].steps if step.command]

    spans = re.findall(r"(?<!`)(`+) ?(.+?) ?\1(?!`)", summary(plan))

    commands = {*plan.rollback_hints, *plan.preparations, *steps}
    assert commands - {text for _, text in spans} == set()
    assert len(commands) > 10
