"""What a commit of the local clone holds, for those who compile it or compare with it."""

from pathlib import Path

from infra_scale.adapters import commits, files
from infra_scale.core.compile import Context
from infra_scale.core.reading.target import manifest_folders
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.model.names import GENERATED, TARGETS
from infra_scale.model.source import Found


def context_at(root: Path, commit: str, *, now: str) -> Context:
    """Everything beside the requests that decides about plans. Raises CommitError."""
    schemas = catalogue.Schemas(files.schema_text(catalogue.REQUEST), files.schema_text(catalogue.TARGET))
    targets = commits.files_at(root, commit, TARGETS, limit=limits.MAX_BYTES)
    folders = manifest_folders(targets, schema=schemas.target)
    manifests = (commits.files_at(root, commit, folder, limit=limits.MAX_MANIFEST_BYTES) for folder in folders)
    return Context(
        schemas,
        now,
        targets=targets,
        generated=generated_at(root, commit),
        manifests=tuple(item for tree in manifests for item in tree),
    )


def generated_at(root: Path, commit: str) -> tuple[Found, ...]:
    """The generated files. Raises CommitError."""
    trees = (commits.files_at(root, commit, folder, limit=limits.MAX_GENERATED_BYTES) for folder in GENERATED)
    return tuple(item for tree in trees for item in tree)
