"""Nouns of the fold: a compiled request, what is in the place of its files, and the result of all."""

from collections.abc import Mapping
from typing import NamedTuple

from infra_scale.core.documents.planned_scalers import PlannedScaler
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan
from infra_scale.model.source import Found
from infra_scale.model.state import Rest

_NO_FILES: Mapping[str, bytes] = {}


class CompiledRequest(NamedTuple):
    """What one request compiles to by itself."""

    path: str
    is_selected: bool
    findings: frozenset[Finding]
    """The pure ones, each with its position."""
    folder: str | None = None
    """Where its plan belongs; None where it is refused or its target is not known."""
    plan: ScalePlan | None = None
    """None where `folder` is, and where the request is not selected."""
    files: Mapping[str, bytes] = _NO_FILES
    """What `plan` is written as."""
    namespaces: frozenset[str] = frozenset()
    """The folders of the namespaces that it names, as far as it could be read."""
    claims: tuple[int, ...] = ()
    """What no other request may claim."""
    components: tuple[tuple[str, str], ...] = ()
    """Namespace and name of its Components, where another part of the run renders them."""

    @property
    def is_refused(self) -> bool:
        """Whether it has an error of its own."""
        return any(finding.severity == "error" for finding in self.findings)


class Beside(NamedTuple):
    """What is in the place of the files of a request."""

    foreign: tuple[Found, ...] = ()
    """What is not ours."""
    too_new: Finding | None = None
    """The finding about a plan of a newer version."""
    orphaned: tuple[PlannedScaler, ...] = ()
    """Autoscalers of the committed plan that the request does not have any more; another request may."""


NOTHING_BESIDE = Beside()


class Folded(NamedTuple):
    """The result of a fold: which requests are left out, and what changes besides the files of the others."""

    out: frozenset[str]
    """Paths of requests that are left out because of others, or of what is in the place of their files."""
    colliding: frozenset[str]
    """Paths of requests in conflict with others."""
    findings: frozenset[Finding]
    """Besides those of compiling single requests, in the scope of the run."""
    rest: Rest
    files: Mapping[str, bytes]
    """The Components of namespaces."""
    obsolete: tuple[str, ...]
    """Generated files whose request is gone, or now compiles to another place."""
    unexpected: tuple[Found, ...] = ()
    """What no compile of the repository writes; among it is what Git ignores."""
    unverified: tuple[str, ...] = ()
    """Generated files that stay although nothing computes their content: their requests are refused or unreadable."""
