"""What this repository says about a cluster: its kubectl contexts, and the namespaces that are managed in it."""

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
    """What is known of one cluster."""

    contexts: tuple[str, ...]
    """That targets give it, sorted; several: they do not agree."""
    namespaces: tuple[str, ...]
    """That requests and targets name for it, sorted."""
    clusters: tuple[str, ...]
    """All that targets name, sorted."""


def management(root: Path, cluster: str) -> Management:
    """What the requests and targets of `root` say, as far as they can be read. Raises FilesError."""
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
    """Of the workloads that a request scales in the cluster; without a list of targets, that may be any."""
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
