"""Nouns of the fold: a compiled request, existing files at its paths, and the result for all requests."""

from collections.abc import Mapping
from typing import NamedTuple

from infra_scale.core.documents.planned_scalers import PlannedScaler
from infra_scale.model.finding import Finding, has_error
from infra_scale.model.manifest import NO_FAULTS, Faults
from infra_scale.model.plan import ScalePlan
from infra_scale.model.source import Found
from infra_scale.model.state import Rest

_NO_FILES: Mapping[str, bytes] = {}


class CompiledRequest(NamedTuple):
    """The result of compiling one request by itself."""

    path: str
    is_selected: bool
    findings: frozenset[Finding]
    """The pure findings, each with its position."""
    folder: str | None = None
    """The folder of its plan; None if it is refused or its target is unknown."""
    plan: ScalePlan | None = None
    """None if `folder` is None, or if the request is not selected."""
    files: Mapping[str, bytes] = _NO_FILES
    """The files of `plan`."""
    namespaces: frozenset[str] = frozenset()
    """The folders of the namespaces in its readable part."""
    claims: tuple[int, ...] = ()
    """Objects that no other request may claim."""
    components: tuple[tuple[str, str], ...] = ()
    """Namespace and name of its Components, if another shard of the run renders them."""
    parts: Mapping[str, bytes] = _NO_FILES
    """The values of its workloads of Helm releases, by path."""
    builds: Faults = NO_FAULTS
    """The faults of the builds with its Components."""

    @property
    def is_refused(self) -> bool:
        """Whether it has an error of its own."""
        return has_error(self.findings)


class Beside(NamedTuple):
    """Existing files at the paths of a request's generated files."""

    foreign: tuple[Found, ...] = ()
    """Files that infra-scale did not generate."""
    too_new: Finding | None = None
    """The finding about a plan of a newer version."""
    orphaned: tuple[PlannedScaler, ...] = ()
    """Autoscalers of the committed plan that the request no longer has; another request may have them."""


NOTHING_BESIDE = Beside()


class Folded(NamedTuple):
    """The result of a fold: which requests are omitted, and the changes besides the files of the others."""

    out: frozenset[str]
    """Paths of requests that are omitted because of others, or because of existing files at their paths."""
    colliding: frozenset[str]
    """Paths of requests in conflict with others."""
    findings: frozenset[Finding]
    """Findings in the scope of the run, besides those of compiling single requests; errors refuse a request."""
    orphaned: frozenset[Finding]
    """The findings about orphaned autoscalers: they depend on the committed plans, so they refuse nothing."""
    rest: Rest
    files: Mapping[str, bytes]
    """The Components of namespaces."""
    obsolete: tuple[str, ...]
    """Generated files whose request is gone, or now compiles to another place."""
    unexpected: tuple[Found, ...] = ()
    """Files that no compile of the repository writes, including those that Git ignores."""
    unverified: tuple[str, ...] = ()
    """Generated files that stay although their content cannot be computed: their requests are refused or unreadable."""
