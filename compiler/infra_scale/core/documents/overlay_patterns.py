"""MAN-014: `overlays` patterns of clusters that match no folder."""

from collections.abc import Collection, Iterator, Sequence

from infra_scale.core.documents.target import Targets
from infra_scale.core.syntax.similar import nearest
from infra_scale.model.finding import Finding
from infra_scale.model.names import target_path
from infra_scale.model.overlay_pattern import corrected, matches
from infra_scale.model.source import Found, NotAFile
from infra_scale.model.target import Target

_MOST = 2_000
"""So many folders are compared with a typo."""


def unmatched_overlays(targets: Targets, found: Collection[Found]) -> Iterator[Finding]:
    """MAN-014 for each pattern that matches none of the folders of the target's `manifests`, at its position."""
    for name, target in targets.by_name.items():
        if not target.manifests or name not in targets.documents or not any(one.overlays for one in target.clusters):
            continue
        folders, unread = _folders(target, found)
        for at, cluster in enumerate(target.clusters):
            for index, pattern in enumerate(cluster.overlays):
                if not folders or any(matches(pattern, folder) for folder in folders) or _may_match(pattern, unread):
                    continue
                route = ("clusters", at, "overlays", index)
                message = f"no folder below `manifests` matches `{pattern}`: no overlay is that of {cluster.name}"
                finding = Finding("MAN-014", "error", message, target_path(name), route, help=_help(pattern, folders))
                yield targets.documents[name].locate(finding)


def _folders(target: Target, found: Collection[Found]) -> tuple[Sequence[str], Sequence[str]]:
    """The folders of a target's manifests; what of them is not read."""
    folders: dict[str, None] = {}
    unread: list[str] = []
    for one in found:
        if not target.has_manifest(one.path) and one.path not in target.manifests:
            continue
        if isinstance(one, NotAFile):
            unread.append(one.path)
        folder = one.path
        while (folder := folder.rpartition("/")[0]) and folder not in folders:
            folders[folder] = None
    return tuple(folders), unread


def _may_match(pattern: str, unread: Sequence[str]) -> bool:
    """Whether a folder that is not read, such as a submodule or a link, may have a folder of the pattern."""
    parts = pattern.split("/")
    return any(matches("/".join(parts[: path.count("/") + 1]), path) for path in unread)


def _help(pattern: str, folders: Sequence[str]) -> str:
    close = nearest(pattern, [made for folder in folders[:_MOST] if (made := corrected(pattern, folder))])
    return f"did you mean `{close}`?" if close else "name the folder with the kustomization that the cluster applies"
