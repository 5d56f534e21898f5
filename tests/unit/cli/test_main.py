"""What a command brings into memory before it does anything: an import that slips in costs every start."""

import subprocess
import sys

import pytest

from infra_scale.core.evaluation.families import FAMILIES
from support.repository import Repository
from support.snapshots import snapshot

_LOADED = """
import sys
before = set(sys.modules)
if len(sys.argv) > 1:
    from infra_scale.cli.main import main
    main(sys.argv[1:])
print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""

_SLOW = {"asyncio", "attr", "attrs", "concurrent", "dataclasses", "difflib", "email", "http", "importlib.metadata"}
_SLOW |= {"inspect", "jsonschema", "logging", "multiprocessing", "random", "referencing", "rpds", "socket"}
_SLOW |= {"pickle", "signal", "subprocess", "tempfile"}
_ONE_REPLICA_COUNT = "target: prod\nnamespace: shop\nworkloads: [{kind: Deployment, name: web, replicas: 2}]\n"
_FAMILIES = {family.module for family in FAMILIES}
_OF_EXTRAS = {"cel_expr_python", "git", "github", "requests", "rich"}


def _loaded(*arguments: str) -> set[str]:
    """The modules that a command loads beyond those that Python itself has loaded."""
    done = subprocess.run([sys.executable, "-c", _LOADED, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("question", ["--help", "-h", "help", "--version", "-V"])
def test_help_and_version_load_only_what_answers(question: str) -> None:
    ours = {"gc", "infra_scale", "infra_scale.cli", "infra_scale.cli.exit_codes", "infra_scale.cli.main"}

    assert _loaded(question) - {"__future__", "infra_scale.cli.program"} == ours


def test_a_compile_that_changes_nothing_loads_nothing_slow(repository: Repository) -> None:
    repository.write("requests/assistant/web.yaml")
    repository.run("compile")

    loaded = _loaded("compile", "--root", str(repository.root))

    assert loaded & (_SLOW | _OF_EXTRAS) == set()


def test_a_compile_whose_targets_name_no_manifests_loads_nothing_that_reads_them(repository: Repository) -> None:
    repository.write("ops/targets/prod.yaml", "clusters:\n  - name: prod-eu-1\n")
    repository.write("requests/assistant/web.yaml")

    loaded = _loaded("compile", "--root", str(repository.root))

    readers = ("core.manifests", "core.manifests.workloads", "core.syntax.stream")
    assert loaded.isdisjoint(f"infra_scale.{reader}" for reader in readers)


def test_a_compile_of_one_new_file_loads_nothing_slow(repository: Repository) -> None:
    repository.write("ops/targets/prod.yaml", "clusters:\n  - name: prod-eu-1\n")
    request = repository.write("requests/assistant/web.yaml")

    loaded = _loaded("compile", "--root", str(repository.root), str(request))

    assert loaded & (_SLOW | _OF_EXTRAS) == set()
    assert repository.tree() != {}


def test_only_what_is_wrong_needs_jsonschema(repository: Repository) -> None:
    repository.write("requests/assistant/web.yaml", "target: 1\n")

    assert "jsonschema" in _loaded("compile", "--root", str(repository.root))


@pytest.mark.parametrize("shape", ["json", "markdown"])
def test_a_diff_for_programs_loads_nothing_that_draws_and_no_library_for_git(
    git_repository: Repository, shape: str
) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "request")

    loaded = _loaded("diff", "HEAD", "--format", shape, "--root", str(git_repository.root))

    assert loaded & {"git", "github", "rich"} == set()


def test_a_compile_loads_only_the_rules_that_could_find_something(repository: Repository) -> None:
    repository.write("ops/targets/prod.yaml", "clusters:\n  - name: prod-eu-1\npolicy: {rules: {REP-001: error}}\n")
    repository.write("requests/assistant/web.yaml", _ONE_REPLICA_COUNT)

    loaded = _loaded("compile", "--root", str(repository.root))

    families = {name for name in _FAMILIES if f"infra_scale.core.rules.{name}" in loaded}
    assert families == {"replicas"}


_OF_THE_WORLD = (
    "core.capacity",
    "core.cost",
    "core.forecast",
    "core.documents.clusters",
    "core.documents.forecast",
    "core.documents.prices",
    "core.documents.snapshot",
    "core.reporting.forecast",
)


def _of_the_world(loaded: set[str]) -> set[str]:
    return {name for name in loaded if name.removeprefix("infra_scale.").startswith(_OF_THE_WORLD)}


@pytest.mark.parametrize("arguments", [["compile"], ["compile", "--check"], ["validate"]], ids=" ".join)
def test_without_snapshots_and_prices_nothing_that_computes_with_them_is_loaded(
    repository: Repository, arguments: list[str]
) -> None:
    repository.write("ops/targets/prod.yaml", "clusters:\n  - name: prod-eu-1\n")
    repository.write("requests/assistant/web.yaml")
    if "--check" in arguments:
        repository.run("compile")

    assert _of_the_world(_loaded(*arguments, "--root", str(repository.root))) == set()


@pytest.mark.parametrize("option", ["--check", "--staged"])
def test_beside_a_snapshot_neither_check_nor_hook_loads_what_reads_it(git_repository: Repository, option: str) -> None:
    git_repository.write("ops/targets/prod.yaml", "clusters:\n  - name: prod-eu-1\n")
    git_repository.write("ops/clusters/prod-eu-1/snapshot.yaml", snapshot())
    git_repository.write("requests/assistant/web.yaml")
    git_repository.run("compile")
    git_repository.git("add", "--all")

    assert _of_the_world(_loaded("compile", option, "--root", str(git_repository.root))) == set()
