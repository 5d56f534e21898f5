"""The kubectl contexts and managed namespaces of a cluster in this repository."""

from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import checkout, files
from infra_scale.core.documents.request import read_request
from infra_scale.core.documents.target import Targets, read_targets
from infra_scale.core.reading.files import request_files
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.model.names import REQUESTS, TARGETS
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Found


class Management(NamedTuple):
    """Contexts and namespaces of one cluster."""

    contexts: tuple[str, ...]
    """The cluster's contexts in all targets, sorted; several if targets disagree."""
    namespaces: tuple[str, ...]
    """The cluster's namespaces in all requests and targets, sorted."""
    clusters: tuple[str, ...]
    """The clusters of all targets, sorted."""


def management(root: Path, cluster: str) -> Management:
    """Read the requests and targets of `root`, ignoring invalid parts. Raises FilesError."""
    targets, _ = read_targets(_read(root, TARGETS), schema=files.schema_text(catalogue.TARGET))
    sources, _ = request_files(_read(root, REQUESTS))
    schema = files.schema_text(catalogue.REQUEST)
    readings = (read_request(source, schema=schema) for source in sources)
    requests = [reading.request for reading in readings if reading.request]
    known = [one for target in targets.by_name.values() for one in target.clusters]
    asked = {namespace for request in requests for namespace in _namespaces(request, targets, cluster)}
    shown = {namespace for one in known if one.name == cluster for namespace in one.namespaces}
    return Management(
        tuple(sorted({one.context for one in known if one.name == cluster})),
        tuple(sorted(asked | shown)),
        tuple(sorted({one.name for one in known})),
    )


def _namespaces(request: ScaleRequest, targets: Targets, cluster: str) -> set[str]:
    """The namespaces of the workloads that a request scales in the cluster; without target files, of all workloads."""
    target = targets.of(request)
    if target is None:
        return set()
    return {
        workload.ref.namespace
        for workload in request.workloads
        if targets.is_open or any(one.name == cluster for one in target.clusters_of(workload.cluster))
    }


def _read(root: Path, folder: str) -> tuple[Found, ...]:
    return checkout.read_tree(root, folder, limit=limits.MAX_BYTES) or ()
