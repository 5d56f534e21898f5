"""What a commit of the local clone holds, for those who compile it or compare with it."""

from datetime import datetime
from pathlib import Path

from infra_scale.adapters import commits
from infra_scale.core.compiling.compile import Context, Facts
from infra_scale.core.documents.snapshot_reader import MAX_BYTES
from infra_scale.core.documents.target import manifest_folders
from infra_scale.core.syntax import limits
from infra_scale.model.names import CLUSTERS, GENERATED, TARGETS
from infra_scale.model.source import Found
from infra_scale.usecases.compile import schemas_for


def context_at(root: Path, commit: str) -> Context:
    """Everything beside the requests that decides about plans. Raises CommitError."""
    targets = commits.files_at(root, commit, TARGETS, limit=limits.MAX_BYTES)
    schemas = schemas_for(())
    folders = manifest_folders(targets, schema=schemas.target)
    manifests = (commits.files_at(root, commit, folder, limit=limits.MAX_MANIFEST_BYTES) for folder in folders)
    return Context(
        schemas,
        targets=targets,
        generated=generated_at(root, commit),
        manifests=tuple(item for tree in manifests for item in tree),
    )


def facts_at(root: Path, commit: str, *, now: datetime) -> Facts:
    """What else decides about findings, forecasts and costs, as old as the commit. Raises CommitError."""
    clusters = commits.files_at(root, commit, CLUSTERS, limit=MAX_BYTES)
    return Facts(now.date(), clusters, schemas_for(clusters), as_of=commits.committed_at(root, commit))


def generated_at(root: Path, commit: str) -> tuple[Found, ...]:
    """The generated files. Raises CommitError."""
    trees = (commits.files_at(root, commit, folder, limit=limits.MAX_GENERATED_BYTES) for folder in GENERATED)
    return tuple(item for tree in trees for item in tree)
