"""A request file from flags or answers."""

from pathlib import Path

from infra_scale.adapters import checkout
from infra_scale.core.documents.request_writer import request_yaml
from infra_scale.core.reading.flags import Flags
from infra_scale.errors import InfraScaleError, UsageError
from infra_scale.model.names import REQUESTS, SUFFIXES, TARGETS, request_id, target_names
from infra_scale.model.request import ScaleRequest
from infra_scale.usecases.plan import Planned, plan_flags


def known_targets(root: Path) -> tuple[str, ...]:
    """The names of the files in ops/targets/, sorted. Raises FilesError."""
    return tuple(target_names(item.path for item in checkout.read_tree(root, TARGETS, limit=0) or ()))


def request_path(name: str) -> str:
    """The path of a request that a user names: as a path below requests/, or as an id. Raises UsageError."""
    path = name if name.startswith(f"{REQUESTS}/") else f"{REQUESTS}/{name}"
    path = path if path.endswith(SUFFIXES) else f"{path}.yaml"
    if request_id(path) is None:
        message = f"{name} cannot be the name of a request"
        raise UsageError(message, hint="lower-case letters, digits, '.', '_', '-' and '/', for example assistant/web")
    return path


def check_flags(flags: Flags, *, root: Path, created_at: str | None = None) -> Planned:
    """What the flags compile to, by the rules of request files. Raises FilesError.

    Not held against manifests: what those ask for can be added to the file once it is there.
    """
    return plan_flags(flags, root=root, created_at=created_at, kube_context=lambda: None, reads_manifests=False)


def write_request(request: ScaleRequest, path: str, *, root: Path, overwrite: bool) -> None:
    """Write the request file at `path`, never through a link.

    Raises InfraScaleError where one of its id is there already, and `path` is not what `overwrite` may replace.
    """
    stem = f"{REQUESTS}/{request_id(path)}"
    taken = [f"{stem}{suffix}" for suffix in SUFFIXES if checkout.is_there(root, f"{stem}{suffix}")]
    if taken and not (overwrite and taken == [path]):
        message = f"{taken[0]} exists already"
        mend = "replace it with --force" if taken == [path] else f"name it as it is: {taken[0]}"
        raise InfraScaleError(message, hint=f"choose another name, or {mend}")
    checkout.write_within(root, path, request_yaml(request, path=path).encode())
