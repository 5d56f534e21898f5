"""Nothing has changed: the output of an earlier run is printed again, and no change that could matter is missed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra_scale.adapters import cache, stamp
from infra_scale.cli.main import main
from infra_scale.core.documents.request import Reading, read_request
from infra_scale.model.names import GENERATED
from infra_scale.model.source import Source
from infra_scale.usecases.streaming import batch
from support.repository import MOMENT, REQUEST, Repository

PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"
_SNAPSHOT = Path(__file__).parents[1] / "data/cluster-snapshot.yaml"

# Fails where a command parses anything: then it was no look that it took.
_LOOKING = """
import sys
from infra_scale.cli.main import main
code = main(sys.argv[1:])
print("parsed" if "yaml" in sys.modules else "looked", *sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""
_LOADED = {"infra_scale", "infra_scale.adapters", "infra_scale.adapters.cache", "infra_scale.adapters.stamp"}
_LOADED |= {"infra_scale.adapters.git_command"}
_LOADED |= {"infra_scale.cli", "infra_scale.cli.exit_codes", "infra_scale.cli.main", "infra_scale.cli.replay"}


def _run(repository: Repository, *arguments: str, cwd: str = ".") -> tuple[str, set[str]]:
    """What a command says, and what it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", _LOOKING, *arguments],
        cwd=repository.root / cwd,
        env={**os.environ, "SOURCE_DATE_EPOCH": MOMENT},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, set(done.stderr.splitlines()[-1].split())


def _has_looked(repository: Repository, *arguments: str, cwd: str = ".") -> bool:
    return "looked" in _run(repository, *(arguments or ("compile",)), cwd=cwd)[1]


def _settle(repository: Repository, target: str) -> Repository:
    """Compile, and run once more: the output of that is recorded."""
    repository.write("ops/targets/prod.yaml", target)
    repository.write("requests/web.yaml", REQUEST.replace("6", "12"))
    _run(repository, "compile")
    _run(repository, "compile")
    return repository


@pytest.fixture
def settled(git_repository: Repository) -> Repository:
    """With a cluster, which may have snapshots."""
    return _settle(git_repository, "clusters:\n  - name: prod-eu-1\n")


@pytest.fixture
def without_clusters(git_repository: Repository) -> Repository:
    """With no cluster."""
    return _settle(git_repository, "{}\n")


def test_the_third_run_says_the_same_after_a_mere_look(settled: Repository) -> None:
    expected, _ = _run(settled, "compile", "--no-cache")

    said, loaded = _run(settled, "compile")

    assert said == expected == "1 request: all plans are up to date; 1 warning (-v shows it)\n"
    assert "looked" in loaded
    assert {name for name in loaded if name.startswith("infra_scale")} == _LOADED
    assert loaded & {"typing", "re", "pathlib", "collections", "argparse", "enum", "json", "contextlib"} == set()


@pytest.mark.parametrize(
    "arguments",
    [("compile", "--check"), ("validate",), ("compile", "--format", "json"), ("compile", "-v"), ("compile", "--diff")],
)
def test_each_way_to_ask_is_answered_as_without_a_cache(
    without_clusters: Repository, arguments: tuple[str, ...]
) -> None:
    expected, _ = _run(without_clusters, *arguments, "--no-cache")

    assert _run(without_clusters, *arguments)[0] == expected
    said, loaded = _run(without_clusters, *arguments)

    assert said == expected
    assert "looked" in loaded


def test_a_path_means_something_else_in_another_folder(settled: Repository) -> None:
    settled.write("requests/team/web.yaml", REQUEST.replace("web", "other"))
    for _ in range(3):
        _run(settled, "compile")

    assert "2 requests" in _run(settled, "compile")[0]
    for _ in range(2):
        assert "1 request:" in _run(settled, "compile", "web.yaml", cwd="requests")[0]
        assert "1 request:" in _run(settled, "compile", "web.yaml", cwd="requests/team")[0]


def _edit(path: str) -> Callable[[Repository], None]:
    def edit(repository: Repository) -> None:
        """As many bytes, in a file that claims to be as old."""
        file = repository.root / path
        before = file.stat()
        file.write_bytes(file.read_bytes().replace(b"12", b"13"))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    return edit


@pytest.mark.parametrize(
    "change",
    [
        _edit("requests/web.yaml"),
        _edit(PLAN),
        lambda repository: (repository.root / PLAN).unlink(),
        lambda repository: repository.write("requests/api.yaml", REQUEST.replace("web", "api")),
        lambda repository: repository.write("ops/plans/infra-scale/prod/web/notes.txt", "mine"),
        lambda repository: repository.write("ops/plans/infra-scale/prod/web/.x.9.infra-scale-tmp", ""),
        lambda repository: repository.write("ops/plans/infra-scale/.hidden/plan.yaml", ""),
        lambda repository: repository.write("ops/rendered/infra-scale/prod-eu-1/.hidden", ""),
        lambda repository: repository.write("ops/targets/staging.yaml", "{}"),
        lambda repository: (repository.root / "ops/rendered").rename(repository.root / "ops/away"),
        lambda repository: shutil.rmtree(repository.root / ".artifacts"),
    ],
)
def test_any_change_that_could_matter_is_looked_into(settled: Repository, change: Callable[[Repository], None]) -> None:
    assert _has_looked(settled)

    change(settled)

    assert not _has_looked(settled)


def test_the_folders_in_which_hidden_files_count_are_those_of_generated_files() -> None:
    assert stamp.GENERATED == GENERATED


def test_a_file_that_nobody_reads_does_not_matter(settled: Repository) -> None:
    settled.write("requests/.draft.yaml", "target: [\n")
    settled.write("README.md", "hello\n")

    assert _has_looked(settled)


def test_manifests_of_a_target_are_looked_at(settled: Repository) -> None:
    settled.write("ops/targets/prod.yaml", "manifests: [apps]\nclusters:\n  - name: prod-eu-1\n")
    base = "kind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: app}]}}}\n"
    settled.write("apps/web.yaml", base)
    for _ in range(2):
        _run(settled, "compile")
    assert _has_looked(settled)

    settled.write("apps/web.yaml", base.replace("app}", "web}"))

    assert not _has_looked(settled)


def test_neither_a_snapshot_nor_a_newer_commit_matters_to_plans(settled: Repository) -> None:
    settled.write("ops/clusters/prod-eu-1/snapshot.yaml", _SNAPSHOT.read_text(encoding="utf-8"))
    settled.git("add", "--all")
    moment = {"GIT_COMMITTER_DATE": "2030-01-01T00:00:00Z"}
    settled.tool("git", "commit", "--quiet", "--message", "snapshot", variables=moment)

    assert _has_looked(settled)


def test_what_snapshots_show_is_computed_each_time(settled: Repository) -> None:
    for _ in range(3):
        assert not _has_looked(settled, "validate")


@pytest.mark.parametrize("command", ["compile", "validate"])
def test_another_day_matters(without_clusters: Repository, command: str) -> None:
    for epoch in (MOMENT, ""):
        without_clusters.run(command, variables={"SOURCE_DATE_EPOCH": epoch})
    stored = cache.load(str(without_clusters.root), "output")
    assert isinstance(stored, tuple)

    days = {entry[2] for (arguments, *_), entry in stored[1].items() if arguments == (command,)}

    assert len(days) == 2


def test_what_was_copied_from_elsewhere_is_not_believed(settled: Repository, tmp_path: Path) -> None:
    place = settled.root / ".artifacts/cache/output"
    place.rename(tmp_path / "original")
    shutil.copy2(tmp_path / "original", place)

    assert not _has_looked(settled)


def test_a_repository_that_takes_no_cache_is_compiled_all_the_same(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.write(".artifacts", "a file\n")

    for _ in range(3):
        assert "1 request" in git_repository.run("compile")


def test_nothing_is_kept_behind_a_link(git_repository: Repository, tmp_path: Path) -> None:
    git_repository.write("requests/web.yaml")
    (tmp_path / "elsewhere").mkdir()
    (git_repository.root / ".artifacts").symlink_to(tmp_path / "elsewhere")

    for _ in range(3):
        git_repository.run("compile")

    assert not list((tmp_path / "elsewhere").rglob("output"))


def test_git_does_not_see_the_cache(settled: Repository) -> None:
    settled.git("add", "--all")

    assert ".artifacts" not in settled.git("status", "--porcelain")


def test_json_is_the_same_document(settled: Repository) -> None:
    said = [json.loads(_run(settled, "compile", "--format", "json")[0]) for _ in range(3)]

    assert said[0] == said[1] == said[2]


def test_of_many_requests_only_the_one_that_has_changed_is_parsed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parsed: list[str] = []

    def watched(source: Source, *, schema: str) -> Reading:
        parsed.append(source.path)
        return read_request(source, schema=schema)

    monkeypatch.setattr(batch, "read_request", watched)
    monkeypatch.chdir(repository.root)
    for number in range(130):
        repository.write(f"requests/r{number:03}.yaml", REQUEST.replace("web", f"web{number}"))
    assert main(["compile"]) == 0
    assert len(parsed) == 130

    parsed.clear()
    repository.write("requests/r007.yaml", REQUEST.replace("web", "web7").replace("6", "7"))
    repository.write("requests/r0070.yaml", REQUEST.replace("web", "web70a"))
    (repository.root / "ops/plans/infra-scale/prod/r100/SUMMARY.md").unlink()
    assert main(["compile"]) == 0
    assert parsed == ["requests/r007.yaml", "requests/r0070.yaml", "requests/r100.yaml"]

    parsed.clear()
    assert main(["compile", "requests/r001.yaml"]) == 0
    repository.write("ops/targets/prod.yaml", "clusters:\n  - name: prod-eu-1\n")
    assert parsed == []
    assert main(["compile"]) == 0
    assert len(parsed) == 131
    assert "updated" in capsys.readouterr().out
