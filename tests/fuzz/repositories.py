"""Inputs that are more than one file, and what is checked of them."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from infra_scale.adapters.states.commit import files_at
from infra_scale.adapters.states.index import Index
from infra_scale.model.source import NotAFile
from support.amounts import HANGS
from support.repository import environment

PART = b"\n#### the next file\n"
PATHS = (
    "apps/base/web.yaml",
    "apps/base/kustomization.yaml",
    "apps/over/kustomization.yaml",
    "apps/other/kustomization.yaml",
    "apps/other/patch.yaml",
)
_WEB = b"""\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template: {spec: {containers: [{name: app, image: a, resources: {requests: {cpu: 500m}}}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {kind: Deployment, name: web}}
"""
_MERGED = b"""\
x: &x {spec: {containers: &c [{name: app}, {name: log}]}}
kind: List
items:
  - {kind: Deployment, metadata: {name: web}, spec: {template: {<<: *x}}}
  - {kind: CronJob, metadata: {name: job}, spec: {jobTemplate: {spec: {template: {spec: {containers: *c}}}}}}
  - {kind: PodDisruptionBudget, metadata: {name: web}, spec: {selector: {matchLabels: {a: b}}}}
"""
_OVER = b"resources: [../base]\ncomponents: [../other, ../../ops/rendered/infra-scale/a/shop]\nnamePrefix: x-\n"
_OTHER = b"""\
kind: Component
patches:
  - path: patch.yaml
  - patch: |
      kind: Deployment
      spec: {replicas: 3}
"""
_PATCH = b"- op: replace\n  path: /spec/replicas\n  value: 3\n"
FLAGS = (
    b"Deployment:web:6\nweb:cpu=500m,mem=1Gi\nweb:cpu=1,mem=2Gi\nmin:4,max:12,cpu:65\nprod",
    b"StatefulSet:db\ndb:cpu=0.5\n\n\nstaging\nDeployment:api:3\n",
)
PLAN: dict[str, Any] = {
    "apiVersion": "infra.scale/v1",
    "kind": "ScalePlan",
    "metadata": {"name": "shop.web", "target": "prod", "reason": "Launch"},
    "context": {"kubeContext": None, "namespace": "shop"},
    "actions": [{"action": "scale_workload", "kind": "Deployment", "name": "web", "namespace": "shop", "to": 60}],
    "risks": ["High replica count"],
    "notes": [],
}


def samples() -> list[bytes]:
    """Files of small repositories of manifests."""
    base = b"resources: [web.yaml]\n"
    return [PART.join((web, base, _OVER, _OTHER, _PATCH)) for web in (_WEB, _MERGED)]


_NAMES = (
    *(
        "requests/",
        "ops/targets/",
        "ops/",
        "a",
        "b.yaml",
        "web.yaml",
        "plan.yaml",
        " ",
        "\t",
        "\n",
        "'",
        '"',
        "\\",
        "*",
        "?",
        "[",
        ":",
    ),
    *("ä", "\u202e", "😀", "%", "$(id)", "`id`", "-", "--", ".x", "~", "@{0}", "::error::", "\x1b[31m", "x" * 120),
)
_MODES = ("100644", "100644", "100755", "120000", "160000")


def paths(dice: Random) -> bytes:
    """A mode and a path for git's index."""
    start = dice.choice(("requests/", "ops/targets/", ""))
    middle = "".join(dice.choice(_NAMES) for _ in range(dice.choice((1, 2, 3, 5))))
    parts = [part for part in f"{start}{middle}".split("/") if part.strip(".") and part.lower() != ".git"]
    path = "/".join(parts)
    return f"{dice.choice(_MODES)} {'a' if path in ('', 'requests') else path}".encode()


def index_and_tree(contents: Sequence[bytes]) -> int:
    """Index and commit name exactly the files that git has, byte for byte, and what is no file."""
    entries = dict(_apart(content.decode().partition(" ")[::2] for content in contents))
    with _repository() as root:
        blob = _git(root, "hash-object", "-w", "--stdin", given=b"a: b\n").decode().strip()
        rows = "".join(f"{mode} {blob} 0\t{path}\0" for path, mode in entries.items())
        _git(root, "update-index", "-z", "--add", "--index-info", given=rows.encode())
        tree = _git(root, "write-tree", "--missing-ok").decode().strip()
        commit = _git(root, "commit-tree", tree, "-m", "x").decode().strip()
        _git(root, "update-ref", "HEAD", commit)
        expected = {path: mode for path, mode in entries.items() if path.startswith("requests/") and "/." not in path}
        staged = Index(root, ["requests"])
        try:
            found = {item.path: item for item in staged.names("requests")}
        finally:
            staged.close()
        committed = {item.path: item for item in files_at(root, commit, "requests", limit=100)}
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    assert committed.keys() == expected.keys(), committed.keys() ^ expected.keys()
    for path, mode in expected.items():
        is_file = mode.startswith("100")
        assert isinstance(found[path], NotAFile) != is_file, path
        assert isinstance(committed[path], NotAFile) != is_file, path
    return len(contents)


def _apart(pairs: Iterator[tuple[str, str]] | Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (of modes and paths)
    """Those of which none is a folder of another."""
    taken: set[str] = set()
    for mode, path in pairs:
        above = {path[:at] for at in range(len(path)) if path[at] == "/"}
        if path in taken or taken & above or any(other.startswith(f"{path}/") for other in taken):
            continue
        taken.add(path)
        yield path, mode


@contextmanager
def _repository() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _git(root, "init", "--quiet", "--initial-branch=main")
        yield root


def _git(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    command = ("git", "-c", "core.protectNTFS=false", "-c", "core.protectHFS=false", *arguments)
    done = subprocess.run(
        command, cwd=root, input=given, capture_output=True, check=False, env=environment(), timeout=HANGS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def buffers(dice: Random) -> bytes:
    """What hypothesis draws its choices from."""
    return dice.randbytes(dice.choice((64, 300, 1500)))


def properties(contents: Sequence[bytes]) -> int:
    """Hypothesis' own generators of requests and kustomizations, compiled to a plan or findings."""
    taken = [[fuzz(content) is not None for fuzz in _fuzzers()] for content in contents]
    return sum(map(any, taken))


@lru_cache
def _fuzzers() -> tuple[Callable[[bytes], bytes | None], ...]:
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", ".artifacts/fuzz/hypothesis")
    from properties import test_hostile_input as requests  # noqa: PLC0415 (hypothesis is slow to import)
    from properties import test_hostile_manifests as manifests  # noqa: PLC0415

    found = (
        requests.test_requests_with_arbitrary_values_end_in_a_plan_or_findings,
        manifests.test_arbitrary_kustomizations_end_in_a_plan_or_findings,
    )
    return tuple(test.hypothesis.fuzz_one_input for test in found)  # type: ignore[attr-defined]
