"""The workloads in the manifests of a repository that is set up."""

from pathlib import Path

from infra_scale.adapters import checkout, files, git
from infra_scale.core.setup.discovery import Discovered, discovered, manifest_folders, may_be_manifest

_MOST_FILES = 5_000
_LIMIT = 1024 * 1024


def discover(root: Path) -> tuple[tuple[str, ...], tuple[Discovered, ...]]:
    """The folders with manifests that git tracks, and their workloads; nothing in a very large repository.

    Raises FilesError and GitError.
    """
    if not files.is_folder(root):
        return (), ()
    paths = [path for path in sorted(git.tracked(root, ["."])) if may_be_manifest(path)]
    if not paths or len(paths) > _MOST_FILES:
        return (), ()
    held = {path: found for path in paths if (found := checkout.read_file(root, path, limit=_LIMIT)) is not None}
    folders = manifest_folders(held.values())
    own = {path: file for path, file in held.items() if path.split("/")[0] in folders}
    return folders, discovered(own, folders)
