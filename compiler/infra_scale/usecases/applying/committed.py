"""The plans that are applied: those of HEAD, compiled again, and the state of their repository."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import files, git
from infra_scale.adapters.states import commit as states
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.documents.header import PLAN_FILE
from infra_scale.core.documents.plan import read_plan
from infra_scale.core.documents.run import read_run
from infra_scale.core.documents.snapshot import read_snapshot
from infra_scale.core.executing.preconditions import Repository
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.errors import UsageError
from infra_scale.model.names import GENERATED, REQUESTS, TARGETS, snapshot_path
from infra_scale.model.plan import ScalePlan
from infra_scale.model.source import Source
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster
from infra_scale.usecases.base import compiled_at
from infra_scale.usecases.environment import folders_of_manifests


class Committed(NamedTuple):
    """The plans of HEAD."""

    commit: str
    compilation: Compilation
    generated: Mapping[str, bytes]
    is_clean: bool
    branch: str
    is_on_base: bool | None

    @property
    def targets(self) -> Mapping[str, Target]:
        """The targets of HEAD by name."""
        return self.compilation.targets

    def state_of(self, plan: ScalePlan) -> Repository:
        """What APPLY-007 needs to know about one plan."""
        path = plan_path(plan)
        is_current = self.generated.get(path) == self.compilation.files.get(path)
        return Repository(is_current, self.is_clean, self.branch, self.is_on_base)

    def digest_of(self, plan: ScalePlan) -> str:
        """sha256 of the plan file."""
        return f"sha256:{sha256(self.compilation.files[plan_path(plan)]).hexdigest()}"


def plan_path(plan: ScalePlan) -> str:
    """The plan file."""
    return f"{plan.folder}/{PLAN_FILE}"


def read_committed(root: Path, *, base: str | None) -> Committed:
    """Compile HEAD. Raises InfraScaleError."""
    commit = git.commit_of(root, "HEAD")
    if commit is None:
        message = "there is no commit yet"
        raise UsageError(message, hint="commit the request and its plan: only committed plans are applied")
    compiled = compiled_at(root, commit)
    branch = base or git.default_branch(root) or _LOCAL
    folders = (REQUESTS, TARGETS, *GENERATED, *folders_of_manifests(_targets_at(root, commit)))
    head = git.commit_of(root, branch)
    on_base = None if head is None else git.merge_base(root, commit, head) == commit
    is_clean = not git.has_changes(root, folders)
    return Committed(commit, compiled.compilation, compiled.generated, is_clean, branch, on_base)


_LOCAL = "main"
"""The base branch of a clone that knows no default branch."""


def selected(committed: Committed, *, paths: Iterable[str], target: str | None) -> tuple[ScalePlan, ...]:
    """The plans that PLAN and --target name, in their order. Raises UsageError for a name that none has."""
    plans = tuple(one for one in committed.compilation.plans if target in (None, one.metadata.target))
    wanted = tuple(paths)
    found: list[ScalePlan] = []
    for path in wanted:
        one = next((plan for plan in plans if path.rstrip("/") in _names(plan)), None)
        if one is None:
            known = [plan.metadata.path for plan in plans]
            message = f"there is no plan for {path}"
            otherwise = "name a request file, a plan file or the folder of a plan"
            raise UsageError(message, hint=did_you_mean(path, known, otherwise))
        found.append(one)
    if target is not None and not plans:
        message = f"there is no plan for the target {target}"
        raise UsageError(message, hint=did_you_mean(target, sorted(committed.targets), "name a target of ops/targets/"))
    return tuple(found) if wanted else plans


RUNS = ".artifacts/infra-scale/runs"
"""The folder of the records of runs on this machine."""


def recorded_request(root: Path, run: str) -> str:
    """The request of a run whose record is on this machine; empty for anything else. Raises RunError."""
    if "/" in run:
        return ""
    found = files.read_file(root, f"{RUNS}/{run}/run.json", limit=limits.MAX_GENERATED_BYTES)
    return read_run(found.content.decode()).request if isinstance(found, Source) else ""


def previous_plan(root: Path, plan: ScalePlan, clusters: Iterable[Cluster]) -> ScalePlan | None:
    """The plan that HEAD's plan replaced on the base branch; None for a new one. Raises InfraScaleError."""
    path = plan_path(plan)
    merge = git.last_change(root, path)
    parent = git.commit_of(root, f"{merge}^1") if merge else None
    if parent is None:
        return None
    found = states.files_at(root, parent, plan.folder, limit=limits.MAX_GENERATED_BYTES)
    source = next((one for one in found if isinstance(one, Source) and one.path == path), None)
    return read_plan(source, schema=files.schema_text(catalogue.PLAN), clusters=clusters) if source else None


def snapshot_uids(root: Path, commit: str, clusters: Iterable[Cluster]) -> dict[str, str]:
    """The digest of the UID of each cluster that has a snapshot, by its name. Raises InfraScaleError."""
    schema = files.schema_text(catalogue.SNAPSHOT)
    found: dict[str, str] = {}
    for cluster in clusters:
        path = snapshot_path(cluster.name)
        held = states.files_at(root, commit, path.rpartition("/")[0], limit=limits.MAX_SNAPSHOT_BYTES)
        for source in held:
            if isinstance(source, Source) and source.path == path:
                snapshot, _ = read_snapshot(source, schema=schema)
                if snapshot is not None and snapshot.cluster_uid:
                    found[cluster.name] = snapshot.cluster_uid
    return found


def _targets_at(root: Path, commit: str) -> tuple[Source, ...]:
    found = states.files_at(root, commit, TARGETS, limit=limits.MAX_BYTES)
    return tuple(one for one in found if isinstance(one, Source))


def _names(plan: ScalePlan) -> tuple[str, ...]:
    return (plan.metadata.path, plan_path(plan), plan.folder)
