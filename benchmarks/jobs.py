"""Jobs at one size: our commands, and other tools that do a part of their work."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from generate import path_of, repository, text_of
from measure import Job

_HERE = Path(__file__).parent
_SCHEMA = _HERE.parent / "schemas/scale-request.schema.json"
_BIN = Path(sys.executable).parent
_OURS = str(_BIN / "infra-scale")
_MOST_ARGUMENTS = 20_000
"""More files than this do not fit on one command line."""
_EMPTY_HOOK = """\
repos:
  - repo: local
    hooks:
      - {id: empty, name: empty, entry: "true", language: system, always_run: true, pass_filenames: false}
"""
_BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 1, template: {spec: {containers: [{name: web, image: web}]}}}
"""
_KUSTOMIZATION = """\
resources: [base.yaml]
replicas: [{name: web, count: 6}]
"""


class Place:
    """A repository of N requests: as it was generated, and compiled and committed."""

    def __init__(self, folder: Path, requests: int) -> None:
        self.requests = requests
        self.fresh = folder / f"fresh-{requests}"
        self.compiled = folder / f"compiled-{requests}"
        self.work = folder / f"work-{requests}"
        self.aside = folder / f"aside-{requests}"
        self._edits = 0

    def build(self) -> None:
        """Generate, compile and commit. Each run of the benchmark starts from scratch."""
        for old in (self.fresh, self.compiled, self.work, self.aside):
            shutil.rmtree(old, ignore_errors=True)
        repository(self.fresh, self.requests)
        shutil.copytree(self.fresh, self.compiled)
        subprocess.run([_OURS, "compile"], cwd=self.compiled, check=True, stdout=subprocess.DEVNULL)
        self.git("init", "--quiet")
        (self.compiled / ".pre-commit-config.yaml").write_text(_EMPTY_HOOK, encoding="utf-8")
        hook = self.compiled / ".git/hooks/pre-commit"
        hook.write_text(f'#!/bin/sh\nexec "{_OURS}" compile --staged\n', encoding="utf-8")
        hook.chmod(0o755)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--message", "all")
        self.aside.mkdir()
        (self.aside / "base.yaml").write_text(_BASE, encoding="utf-8")
        (self.aside / "kustomization.yaml").write_text(_KUSTOMIZATION, encoding="utf-8")

    def git(self, *arguments: str) -> None:
        """Run git in the compiled repository."""
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "gc.auto=0")
        subprocess.run(["git", *identity, *arguments], cwd=self.compiled, check=True, stdout=subprocess.DEVNULL)

    def renew(self) -> None:
        """A fresh, uncompiled copy to work in."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.fresh, self.work)

    def edit(self) -> None:
        """Ask for another number of replicas in one request."""
        self._edits += 1
        number = self.requests // 2
        lines = text_of(number).splitlines(keepends=True)
        lines[5] = f"owner: team-{self._edits}\n"
        (self.compiled / path_of(number)).write_text("".join(lines), encoding="utf-8")

    def settle(self) -> None:
        """Update all plans, and run again so that the cache has the result."""
        for _ in range(2):
            subprocess.run([_OURS, "compile"], cwd=self.compiled, check=True, stdout=subprocess.DEVNULL)

    def stage(self) -> None:
        """Edit one request and stage it with its plan, as before a commit."""
        self.edit()
        subprocess.run([_OURS, "compile"], cwd=self.compiled, check=True, stdout=subprocess.DEVNULL)
        self.git("add", "--all")

    def list_for_the_floor(self) -> Path:
        """Instructions for the copier: read and write as much as a compile, below its own folder."""
        listed = self.aside / "list"
        target = self.aside / "floor"
        with listed.open("w", encoding="utf-8") as lines:
            for file in _files(self.fresh):
                lines.write(f"R {file}\n")
            for path in sorted((self.compiled / "ops").rglob("*")):
                inner = path.relative_to(self.compiled / "ops")
                if path.is_dir():
                    lines.write(f"D {target / inner}\n")
                elif not str(inner).startswith("targets"):
                    lines.write(f"W {path.stat().st_size} {target / inner}\n")
        return listed

    def renew_floor(self) -> None:
        """An empty folder for the copier; a small disk has no space for another large repository."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.rmtree(self.aside / "floor", ignore_errors=True)
        (self.aside / "floor").mkdir()


def jobs(place: Place, *, copier: list[str], modules: Path | None) -> Iterator[Job]:
    """All jobs that can run here at this size."""
    python = sys.executable
    yield Job("python -c pass", [python, "-c", "pass"], place.aside)
    yield Job("infra-scale --help", [_OURS, "--help"], place.aside)
    yield Job("infra-scale --version", [_OURS, "--version"], place.aside)
    yield Job("cold compile", [_OURS, "compile"], place.work, place.renew)
    yield Job("cold compile, one process", [_OURS, "compile", "--jobs", "1"], place.work, place.renew)
    yield Job("file-system floor", [*copier, str(place.list_for_the_floor())], place.aside, place.renew_floor)
    yield Job("compile, nothing changed", [_OURS, "compile"], place.compiled, place.settle)
    yield Job("the same without the cache", [_OURS, "compile", "--no-cache"], place.compiled)
    yield Job("git status", ["git", "status", "--porcelain"], place.compiled)
    yield Job("compile, one changed", [_OURS, "compile"], place.compiled, place.edit)
    yield Job("one changed, without the cache", [_OURS, "compile", "--no-cache"], place.compiled, place.edit)
    yield Job("our hook, run by git", ["git", "hook", "run", "pre-commit"], place.compiled, place.stage)
    if (_BIN / "pre-commit").exists():
        command = [str(_BIN / "pre-commit"), "run", "--all-files"]
        yield Job("pre-commit, an empty hook", command, place.compiled)
    if kubeconform := shutil.which("kubeconform"):
        command = [kubeconform, "-n", "2", "-schema-location", str(_SCHEMA), "requests"]
        yield Job("kubeconform -n 2, validates only", command, place.fresh)
    if (_BIN / "check-jsonschema").exists() and place.requests <= _MOST_ARGUMENTS:
        named = [str(file) for file in _files(place.fresh / "requests")]
        command = [str(_BIN / "check-jsonschema"), "--schemafile", str(_SCHEMA), *named]
        yield Job("check-jsonschema, validates only", command, place.fresh)
    if kubectl := shutil.which("kubectl", path=f"{_BIN}") or shutil.which("kubectl"):
        yield Job("kubectl kustomize, one request", [kubectl, "kustomize", "."], place.aside)
    if modules and (node := shutil.which("node")):
        command = [node, str(_HERE / "whole_job.mjs"), str(_SCHEMA), ".", str(modules)]
        yield Job("node, js-yaml + ajv", command, place.work, place.renew)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
