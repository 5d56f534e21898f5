"""The cache decides about nothing: whatever is done to a repository or to the cache, all is as without it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from infra_scale.cli.main import main
from support.amounts import examples
from support.repository import MOMENT, REQUEST, Repository

_NAMES = ("web", "api", "team/db")
_TARGETS = "clusters:\n  - name: prod-eu-1\n"
_SNAPSHOT_FILE = "ops/clusters/prod-eu-1/snapshot.yaml"


def _snapshot(nodes: int) -> str:
    """Room for some pods: whether those of one request fit depends on what the others ask for."""
    workloads = "".join(
        f"  - {{kind: Deployment, namespace: assistant, name: {name.replace('/', '-')}, replicas: 2,\n"
        "     containers: [{name: app, requests: {cpu: 500m, memory: 1Gi}}]}\n"
        for name in _NAMES
    )
    return (
        "apiVersion: infra.scale/v1\nkind: ClusterSnapshot\n"
        'metadata: {cluster: prod-eu-1, capturedAt: "2026-01-01T03:00:00Z", schema: 1}\n'
        f"nodes: [{{id: n1, count: {nodes}, allocatable: {{cpu: '4', memory: 16Gi, pods: '20'}},"
        " requested: {cpu: '1', memory: 1Gi}, pods: 2}]\n"
        f"namespaces: [{{name: assistant}}]\nworkloads:\n{workloads}"
    )


def _request(name: str, replicas: int, target: str = "prod") -> str:
    text = REQUEST.replace("web", name.replace("/", "-")).replace("6", str(replicas))
    return text.replace("prod", target)


Edit = Callable[[Repository], None]


def _nothing(_: Repository) -> None:
    """A run in which nothing has changed since the last."""


def _write(path: str, text: str) -> Edit:
    def edit(repository: Repository) -> None:
        repository.write(path, text)

    return edit


def _remove(path: str) -> Edit:
    return lambda repository: (repository.root / path).unlink(missing_ok=True)


def _edit_unseen(name: str, replicas: int) -> Edit:
    """As many bytes, and the time of the old file."""

    def edit(repository: Repository) -> None:
        file = repository.root / f"requests/{name}.yaml"
        if file.exists():
            before = file.stat()
            file.write_text("".join(_with_replicas(file.read_text(), replicas)))
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    return edit


def _with_replicas(text: str, replicas: int) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        yield f"    replicas: {replicas}\n" if "replicas:" in line else line


def _in_all_outputs(change: Callable[[Path], None], pattern: str) -> Edit:
    def edit(repository: Repository) -> None:
        for file in sorted((repository.root / "ops").rglob(pattern)):
            change(file)

    return edit


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def _flip(file: Path) -> None:
    content = file.read_bytes()
    if content:
        file.write_bytes(bytes([*content[:-1], content[-1] ^ 1]))


def _copy(file: Path) -> None:
    """The same bytes in another file, as on another machine."""
    shutil.copy2(file, file.with_suffix(".copy"))
    file.with_suffix(".copy").replace(file)


def _in_cache(change: Callable[[Path], None]) -> Edit:
    def edit(repository: Repository) -> None:
        for file in sorted((repository.root / ".artifacts").rglob("[!.]*")):
            if file.is_file():
                change(file)

    return edit


def _move(repository: Repository) -> None:
    old, new = repository.root / "requests/team", repository.root / "requests/crew"
    if old.exists() and not new.exists():
        old.rename(new)


_EDITS = st.one_of(
    st.builds(
        lambda name, replicas, target: _write(f"requests/{name}.yaml", _request(name, replicas, target)),
        st.sampled_from(_NAMES),
        st.integers(4, 13),
        st.sampled_from(["prod", "staging", "nowhere"]),
    ),
    st.builds(_edit_unseen, st.sampled_from(_NAMES), st.integers(1, 9)),
    st.sampled_from(_NAMES).map(lambda name: _remove(f"requests/{name}.yaml")),
    st.sampled_from([_TARGETS, "", "clusters: 1\n", _TARGETS + "  - name: prod-us-1\n"]).map(
        lambda text: _write("ops/targets/prod.yaml", text)
    ),
    st.sampled_from(
        [
            _nothing,
            _write("requests/broken.yaml", "target: [\n"),
            _remove("requests/broken.yaml"),
            _write("requests/twin.yaml", _request("web", 5)),
            _remove("requests/twin.yaml"),
            _write("ops/targets/staging.yaml", "{}\n"),
            _write("ops/plans/infra-scale/prod/notes.txt", "mine"),
            _write("ops/plans/infra-scale/prod/web/.plan.yaml.1.infra-scale-tmp", ""),
            _move,
            *(_write(_SNAPSHOT_FILE, _snapshot(nodes)) for nodes in (1, 2, 5)),
            _write(_SNAPSHOT_FILE, "nodes: 1\n"),
            _remove(_SNAPSHOT_FILE),
            _in_all_outputs(Path.unlink, "SUMMARY.md"),
            _in_all_outputs(Path.unlink, "kustomization.yaml"),
            _in_all_outputs(_cut, "plan.yaml"),
            _in_all_outputs(lambda file: os.utime(file, ns=(0, 0)), "plan.yaml"),
            _in_cache(Path.unlink),
            _in_cache(_cut),
            _in_cache(_flip),
            _in_cache(_copy),
            lambda repository: shutil.rmtree(repository.root / ".artifacts", ignore_errors=True),
        ]
    ),
)
_COMMANDS = st.sampled_from([["compile"], ["compile", "--check"], ["validate"], ["compile", "--keep-going"]])


@examples(40, HealthCheck.function_scoped_fixture)
@given(steps=st.lists(st.tuples(_EDITS, _COMMANDS), min_size=2, max_size=8), has_snapshot=st.booleans())
def test_with_the_cache_every_command_says_and_does_what_it_does_without(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    steps: list[tuple[Edit, list[str]]],
    has_snapshot: bool,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MOMENT)
    with _two_of_a_kind(tmp_path) as (cached, plain):
        if has_snapshot:
            steps = [(_write(_SNAPSHOT_FILE, _snapshot(2)), ["compile"]), *steps]
        for edit, command in steps:
            said: list[tuple[int, str, str]] = []
            for repository, option in ((cached, []), (plain, ["--no-cache"])):
                edit(repository)
                said += [_run(repository, [*command, *option], capsys) for _ in range(3)]
            assert said[:3] == said[3:]
            assert cached.tree("ops") == plain.tree("ops")
        assert not (plain.root / ".artifacts").exists()


@contextmanager
def _two_of_a_kind(folder: Path) -> Iterator[tuple[Repository, Repository]]:
    both = Repository(folder / "cached"), Repository(folder / "plain")
    for repository in both:
        repository.write("ops/targets/prod.yaml", _TARGETS)
        repository.write("ops/targets/staging.yaml", "{}\n")
        for name in _NAMES:
            repository.write(f"requests/{name}.yaml", _request(name, 6))
    yield both
    for repository in both:
        shutil.rmtree(repository.root)


def _run(repository: Repository, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    before = Path.cwd()
    os.chdir(repository.root)
    try:
        code = main(arguments)
    finally:
        os.chdir(before)
    said = capsys.readouterr()
    return code, said.out, said.err
