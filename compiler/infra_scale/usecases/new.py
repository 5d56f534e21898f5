"""A request file from flags or answers."""

from collections.abc import Mapping
from pathlib import Path

from infra_scale.adapters import checkout
from infra_scale.core.documents.request import write_request
from infra_scale.core.reading.flags import Flags
from infra_scale.errors import InfraScaleError, UsageError
from infra_scale.model.names import REQUESTS, SUFFIXES, request_id
from infra_scale.model.request import ScaleRequest
from infra_scale.usecases.plan import Planned, plan_flags


def request_path(name: str) -> str:
    """The path of a request, from a path below requests/ or an id. Raises UsageError."""
    path = name if name.startswith(f"{REQUESTS}/") else f"{REQUESTS}/{name}"
    path = path if path.endswith(SUFFIXES) else f"{path}.yaml"
    if request_id(path) is None:
        message = f"{name} cannot be the name of a request"
        raise UsageError(message, hint="lower-case letters, digits, '.', '_', '-' and '/', for example assistant/web")
    return path


def check_flags(flags: Flags, *, root: Path, created_at: str | None = None) -> Planned:
    """Compile the flags by the rules of request files. Raises FilesError.

    Manifests are not checked: the values that they require can be added to the file later.
    """
    return plan_flags(flags, root=root, created_at=created_at, kube_context=lambda: None, reads_manifests=False)


def refuse_existing(path: str, *, root: Path, overwrite: bool) -> None:
    """Raise InfraScaleError if a request with this id exists and `overwrite` does not allow replacing it."""
    stem = f"{REQUESTS}/{request_id(path)}"
    taken = [f"{stem}{suffix}" for suffix in SUFFIXES if checkout.is_there(root, f"{stem}{suffix}")]
    if taken and not (overwrite and taken == [path]):
        message = f"{taken[0]} already exists"
        fix = "replace it with --force" if taken == [path] else f"use its name: {taken[0]}"
        raise InfraScaleError(message, hint=f"choose another name, or {fix}")


def create_requests(requests: Mapping[str, ScaleRequest], *, root: Path, overwrite: bool) -> None:
    """Write the request files by path, never through a link. Raises InfraScaleError before anything is written."""
    for path in requests:
        refuse_existing(path, root=root, overwrite=overwrite)
    for path, request in requests.items():
        checkout.write_within(root, path, write_request(request._replace(path=path)).encode())
