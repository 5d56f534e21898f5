"""The files of ops/clusters/ to the snapshot and prices of each cluster."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.documents.prices import read_prices
from infra_scale.core.documents.snapshot import read_snapshot
from infra_scale.core.reading.files import not_a_file
from infra_scale.core.schema.catalogue import Schemas
from infra_scale.core.syntax.similar import nearest
from infra_scale.model.finding import Finding
from infra_scale.model.names import CLUSTERS, SUFFIXES, prices_path, snapshot_path
from infra_scale.model.position import Position
from infra_scale.model.prices import PriceSheet
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.source import Found, NotAFile, Source
from infra_scale.model.verdict import Unknown, no_snapshot

_START = Position(1, 1, 1, "")
_FILES = ("prices.yaml", "snapshot.yaml")


class ClusterFacts(NamedTuple):
    """The data about one cluster in the repository."""

    snapshot: ClusterSnapshot | None
    sheet: PriceSheet | None
    """None if the cluster has no prices."""
    why: Unknown | None
    """Why no snapshot can be used; None if one can."""


class Clusters(NamedTuple):
    """The clusters of all targets, by name."""

    facts: Mapping[str, ClusterFacts]

    def of(self, cluster: str) -> ClusterFacts:
        """The data about one cluster."""
        return self.facts.get(cluster) or ClusterFacts(None, None, no_snapshot(cluster))


NO_CLUSTERS = Clusters({})


def read_clusters(
    found: Sequence[Found], names: Iterable[str], *, schemas: Schemas
) -> tuple[Clusters, tuple[Finding, ...]]:
    """The clusters with these names, and the errors in their files.

    An invalid file is an error, never treated as missing.
    """
    if not found:
        return NO_CLUSTERS, ()
    by_path = {item.path: item for item in found}
    facts: dict[str, ClusterFacts] = {}
    findings: list[Finding] = list(_misnamed(found))
    for name in sorted(set(names)):
        snapshot, why, of_snapshot = _snapshot(by_path.get(snapshot_path(name)), name, schemas.snapshot)
        sheet, of_prices = _prices(by_path.get(prices_path(name)), name, schemas.prices)
        facts[name] = ClusterFacts(snapshot, sheet, why)
        findings += (*of_snapshot, *of_prices)
    return Clusters(facts), tuple(findings)


_Findings = tuple[Finding, ...]


def _snapshot(item: Found | None, name: str, schema: str) -> tuple[ClusterSnapshot | None, Unknown | None, _Findings]:
    if item is None:
        return None, no_snapshot(name), ()
    if isinstance(item, NotAFile):
        return None, Unknown(f"the snapshot of {name} is {item.what}"), (not_a_file(item),)
    snapshot, findings = read_snapshot(item, schema=schema)
    if snapshot is None:
        return None, Unknown(f"the snapshot of {name} could not be read"), findings
    if snapshot.cluster != name:
        return None, Unknown(f"{item.path} is of another cluster, {snapshot.cluster}"), ()
    if not snapshot.nodes:
        return None, Unknown(f"the snapshot of {name} has no nodes"), ()
    return snapshot, None, ()


def _prices(item: Found | None, name: str, schema: str) -> tuple[PriceSheet | None, _Findings]:
    if item is None:
        return None, ()
    if isinstance(item, NotAFile):
        return None, (not_a_file(item),)
    sheet, findings = read_prices(item, schema=schema)
    if sheet is not None and sheet.cluster != name:
        message = f"these are the prices of another cluster, {sheet.cluster}"
        help = f"write `cluster: {name}`, or move the file to {prices_path(str(sheet.cluster))}"
        return None, (Finding("CLU-002", "error", message, item.path, help=help, position=_START),)
    return sheet, findings


def _misnamed(found: Iterable[Found]) -> Iterator[Finding]:
    """CLU-001 for each YAML file with another name: a typo must not disable a check."""
    for item in found:
        folder, _, name = item.path.removeprefix(f"{CLUSTERS}/").rpartition("/")
        is_ours = name in _FILES and folder and "/" not in folder
        if isinstance(item, Source) and name.lower().endswith(SUFFIXES) and not is_ours:
            close = nearest(name, list(_FILES))
            help = f"name it {CLUSTERS}/<cluster>/{close or 'snapshot.yaml or prices.yaml'}"
            message = "this file is not read: a cluster has snapshot.yaml and prices.yaml"
            yield Finding("CLU-001", "warning", message, item.path, help=help, position=_START)
