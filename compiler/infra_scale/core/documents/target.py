"""ops/targets/<target>.yaml: reader and writer."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from infra_scale.core.documents.blocks import present
from infra_scale.core.documents.helm import helm_faults, helm_node, read_helm
from infra_scale.core.documents.policy import policy_node, read_policy
from infra_scale.core.documents.source import read_document
from infra_scale.core.reading.files import target_files
from infra_scale.core.reading.values import mapping, optional_number, optional_text, sequence, text, whole_number
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.similar import nearest
from infra_scale.model.cost import Budget, Threshold
from infra_scale.model.finding import Finding
from infra_scale.model.names import REQUESTS, target_path
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import SUBMODULE, Found, NotAFile, Source
from infra_scale.model.target import DEFAULT_MAX_AGE, Target
from infra_scale.model.workload import Cluster


class Targets(NamedTuple):
    """All targets of a repository."""

    by_name: Mapping[str, Target]
    """The valid targets."""
    invalid: frozenset[str]
    """Names with an invalid file; its findings explain why."""
    is_open: bool
    """Whether every name is a target, because ops/targets/ has no file."""
    documents: Mapping[str, Document] = {}
    """The files of the valid targets, by name."""

    def of(self, request: ScaleRequest) -> Target | None:
        """The target of a request; None if its name is unknown or its file is invalid."""
        if request.target in self.by_name:
            return self.by_name[request.target]
        return Target(request.target, ()) if self.is_open else None

    def without(self, faults: Iterable[Finding]) -> "Targets":
        """The targets without those whose file has an error in `faults`."""
        refused = {finding.path for finding in faults if finding.severity == "error"}
        bad = {name for name in self.by_name if target_path(name) in refused}
        if not bad:
            return self
        kept = {name: target for name, target in self.by_name.items() if name not in bad}
        return self._replace(by_name=kept, invalid=self.invalid | bad)

    def aimed_at(self, requests: Iterable[ScaleRequest]) -> frozenset[str]:
        """The names of the clusters that requests are for."""
        aimed = {target.name: target for request in requests if (target := self.of(request))}
        return frozenset(cluster.name for target in aimed.values() for cluster in target.clusters)

    def without_manifests(self, found: Collection[Found]) -> Iterator[Finding]:
        """MAN-004 for each folder of `manifests` without manifests: every check against it would be disabled.

        A submodule is a warning, because the repository cannot have its files.
        """
        outside = tuple(f"{one.path}/" for one in found if isinstance(one, NotAFile) and one.what == SUBMODULE)
        named = {folder for target in self.by_name.values() for folder in target.manifests}
        there = (
            {folder for folder in named if any(item.path.startswith(f"{folder}/") for item in found)}
            if named
            else named
        )
        for name, target in self.by_name.items():
            for index, folder in enumerate(target.manifests):
                if folder in there or name not in self.documents:
                    continue
                if outside and f"{folder}/".startswith(outside):
                    message = f"{folder}/ is in a submodule, which is not read: requests are not checked against it"
                    help = "put the overlays for this target into this repository, or the requests into that one"
                    finding = Finding("MAN-004", "warning", message, target_path(name), help=help)
                else:
                    message = f"there is no manifest below {folder}/"
                    help = "name a folder with manifests, relative to the root of the repository"
                    finding = Finding("MAN-004", "error", message, target_path(name), help=help)
                yield self.documents[name].locate(finding._replace(route=("manifests", index)))

    def unknown(self, request: ScaleRequest) -> tuple[Finding, ...]:
        """TGT-001 for a request whose target has no file, TGT-003 for a workload in a cluster that its target lacks.

        TGT-004 for a request whose plan would be too large to review.
        """
        known_names = {*self.by_name, *self.invalid}
        if self.is_open or request.target in known_names or not request.target:
            target = self.of(request)
            return (*_too_many(request, target), *_unknown_clusters(request, target)) if target else ()
        known = sorted(known_names)
        close = nearest(request.target, known)
        file = target_path(request.target)
        choice = f"did you mean `{close}`?" if close else f"known targets: {', '.join(known) or 'none'};"
        help = f"{choice} a new target needs the file {file}"
        message = f"unknown target `{request.target}`: {file} does not exist"
        return (Finding("TGT-001", "error", message, request.path, route=("target",), help=help),)


NO_TARGETS = Targets({}, frozenset(), is_open=True)


def read_targets(found: Sequence[Found], *, schema: str) -> tuple[Targets, tuple[Finding, ...]]:
    """The targets in the files of ops/targets/, and their errors. Without files, every name is a target."""
    if not found:
        return NO_TARGETS, ()
    sources, misnamed = target_files(found)
    findings = list(misnamed)
    documents: dict[str, Document] = {}
    for name, source in sources.items():
        document, faults = read_document(source, schema=schema, off_is_false=True)
        if document and isinstance(document.value, dict) and "workloads" in document.value:
            faults = (_request_here(document),)
        faults = faults or (tuple(_faults(document)) if document else ())
        findings += faults
        if document is not None and not faults:
            documents[name] = document
    by_name = {name: read_target(document, name=name) for name, document in documents.items()}
    invalid = frozenset(sources.keys() - by_name.keys())
    return Targets(by_name, invalid, is_open=False, documents=documents), tuple(findings)


def _request_here(document: Document) -> Finding:
    help = f"move it to {REQUESTS}/; a target names its clusters"
    found = Finding("SCH-010", "error", "this is a ScaleRequest, not a Target", document.path, help=help)
    return document.locate(found._replace(route=("workloads",), on_key=True))


def manifest_folders(found: Sequence[Found], *, schema: str) -> tuple[str, ...]:
    """The folders that the valid targets in some files name as `manifests`, sorted."""
    if not any(isinstance(item, Source) and b"manifests" in item.content for item in found):
        return ()
    return tuple(sorted({folder for target in valid_targets(found, schema=schema) for folder in target.manifests}))


def valid_targets(found: Sequence[Found], *, schema: str) -> tuple[Target, ...]:
    """The targets in valid files."""
    targets, _ = read_targets(found, schema=schema)
    return tuple(targets.by_name.values())


def read_target(document: Document, *, name: str) -> Target:
    """The target with this name, from a document that its schema accepts."""
    written = mapping(document.value)
    return Target(
        name,
        clusters=tuple(_read_cluster(mapping(cluster)) for cluster in sequence(written.get("clusters"))),
        manifests=tuple(text(folder) for folder in sequence(written.get("manifests"))),
        policy=read_policy(written.get("policy")),
        max_age=_hours(optional_text(written.get("maxAge"))),
        prices=optional_text(written.get("prices")),
        budget=_read_budget(mapping(written["budget"])) if "budget" in written else None,
        helm=read_helm(written.get("helm")),
    )


def _hours(age: str | None) -> int:
    """24h and 7d."""
    if age is None:
        return DEFAULT_MAX_AGE
    return int(age[:-1]) * (_HOURS_A_DAY if age.endswith("d") else 1)


_HOURS_A_DAY = 24


def _read_budget(written: dict[str, Value]) -> Budget:
    return Budget(_read_threshold(written.get("increase")), _read_threshold(written.get("decrease")))


def _read_threshold(value: Value) -> Threshold:
    written = mapping(value)
    amount, percent = optional_number(written.get("amount")), optional_number(written.get("percent"))
    return Threshold(None if amount is None else Decimal(amount), None if percent is None else Decimal(percent))


def _read_cluster(written: dict[str, Value]) -> Cluster:
    name = text(written.get("name"))
    context = optional_text(written.get("context")) or name
    namespaces = tuple(text(namespace) for namespace in sequence(written.get("namespaces")))
    overlays = tuple(text(pattern) for pattern in sequence(written.get("overlays")))
    shared = written.get("shared") is True
    return Cluster(name, context, whole_number(written.get("wave", 0)), namespaces, shared, overlays)


def write_target(target: Target) -> str:
    """The text of the file of a target."""
    return yaml_text(
        {
            "apiVersion": "infra.scale/v1",
            "kind": "Target",
            **present(
                {
                    "clusters": [_cluster_node(cluster) for cluster in target.clusters],
                    "manifests": [*target.manifests],
                    "helm": helm_node(target.helm),
                    "maxAge": None if target.max_age == DEFAULT_MAX_AGE else _age(target.max_age),
                    "prices": target.prices,
                    "budget": _budget_node(target.budget) if target.budget else None,
                    "policy": policy_node(target.policy),
                }
            ),
        }
    )


def _age(hours: int) -> str:
    days, rest = divmod(hours, _HOURS_A_DAY)
    return f"{hours}h" if rest else f"{days}d"


def _budget_node(budget: Budget) -> dict[str, Node]:
    return present({"increase": _threshold_node(budget.increase), "decrease": _threshold_node(budget.decrease)})


def _threshold_node(threshold: Threshold) -> dict[str, Node]:
    return {key: int(bound) for key, bound in threshold._asdict().items() if bound is not None}


def _cluster_node(cluster: Cluster) -> dict[str, Node]:
    return {
        "name": cluster.name,
        **present(
            {
                "context": None if cluster.context == cluster.name else cluster.context,
                "wave": cluster.wave or None,
                "namespaces": [*cluster.namespaces],
                "shared": cluster.shared or None,
                "overlays": [*cluster.overlays],
            }
        ),
    }


MOST_PAIRS = 2_500
"""Workloads times clusters of one request: its plan has up to four actions for each, and has to be reviewed."""


def _too_many(request: ScaleRequest, target: Target) -> Iterator[Finding]:
    pairs = sum(len(target.clusters_of(workload.cluster)) for workload in request.workloads)
    if pairs > MOST_PAIRS:
        message = f"{len(request.workloads)} workloads in up to {len(target.clusters)} clusters make a plan of {pairs}"
        help = f"at most {MOST_PAIRS} fit: split the request, or name the `cluster` of workloads"
        yield Finding("TGT-004", "error", message, request.path, route=("workloads",), help=help)


def _unknown_clusters(request: ScaleRequest, target: Target) -> Iterator[Finding]:
    known = [cluster.name for cluster in target.clusters]
    for workload in request.workloads:
        if workload.cluster is not None and workload.cluster not in known:
            close = nearest(workload.cluster, known)
            help = f"did you mean `{close}`?" if close else f"clusters of it: {', '.join(known) or 'none'}"
            message = f"target {target.name} has no cluster `{workload.cluster}`"
            route = (*workload.route, "cluster")
            yield Finding("TGT-003", "error", message, request.path, route=route, help=help, workload=workload.ref)


def _faults(document: Document) -> Iterator[Finding]:
    """What the schema cannot check."""
    yield from _named_twice(document)
    written = mapping(document.value)
    for fault in helm_faults(written.get("helm"), document.path, has_manifests="manifests" in written):
        yield document.locate(fault)


def _named_twice(document: Document) -> Iterator[Finding]:
    """TGT-002 for each cluster that the target names twice: its workloads would be scaled twice."""
    seen: set[str] = set()
    for index, cluster in enumerate(sequence(mapping(document.value).get("clusters"))):
        name = text(mapping(cluster).get("name"))
        if name in seen:
            route = ("clusters", index, "name")
            message = f"the cluster {name} is named twice"
            yield document.locate(
                Finding("TGT-002", "error", message, document.path, route=route, help="delete one of the two")
            )
        seen.add(name)
