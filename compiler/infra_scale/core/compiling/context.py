"""What a compilation is given beside the requests."""

from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.schema.catalogue import Schemas
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found

if TYPE_CHECKING:
    from datetime import date, datetime


class Base(NamedTuple):
    """The commit that a change is made to."""

    targets: tuple[Found, ...]
    """Its files of ops/targets/: their policies judge the change."""
    changed: frozenset[str]
    """Paths that the change adds, edits or removes, from the root."""


class Context(NamedTuple):
    """Everything beside the requests that decides about plans and pure findings."""

    schemas: Schemas
    targets: tuple[Found, ...] = ()
    """The files of ops/targets/; none: every target name is known."""
    scope: Scope = Scope()
    manifests: tuple[Found, ...] = ()
    """Those in the folders that targets name as `manifests`."""
    base: Base | None = None
    """None: policies are those of the work tree."""


class Facts(NamedTuple):
    """What decides, beside the context, about findings of the world, forecasts and costs."""

    today: "date | None"
    """In UTC; None: no waiver has ended."""
    clusters: tuple[Found, ...] = ()
    """The files of ops/clusters/."""
    schemas: Schemas = Schemas("", "")
    """Those of these files."""
    as_of: "datetime | None" = None
    """The time to judge the age of snapshots by; None: no snapshot is too old."""
    clock: "datetime | None" = None
    """The time by the clock: facts dated later are not used. None: the clock is not consulted."""
    looks_at: frozenset[str] = frozenset()
    """Targets whose clusters are read even if no request is for them any more."""
