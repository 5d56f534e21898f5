"""What a compilation is given beside the requests."""

from typing import NamedTuple

from infra_scale.core.schema.catalogue import Schemas
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found


class Base(NamedTuple):
    """The commit that a change is made to."""

    targets: tuple[Found, ...]
    """Its files of ops/targets/: their policies judge the change."""
    changed: frozenset[str]
    """Paths that the change adds, edits or removes, from the root."""


class Enforcement(NamedTuple):
    """How findings are judged where a change is decided on, beyond what its plans say."""

    by_clock: bool = False
    """Whether the age of facts is judged by the clock, where that is later than the newest commit."""
    base: Base | None = None
    """None: policies are those of the work tree."""


class Context(NamedTuple):
    """Everything beside the requests that decides about a plan."""

    schemas: Schemas
    now: str
    """createdAt of a plan that is new or says something new: RFC 3339, UTC, milliseconds."""
    targets: tuple[Found, ...] = ()
    """What lies in ops/targets/; nothing: every target name is known."""
    scope: Scope = Scope()
    manifests: tuple[Found, ...] = ()
    """What lies in the folders that targets name as `manifests`."""
    clusters: tuple[Found, ...] = ()
    """What lies in ops/clusters/."""
    as_of: str | None = None
    """The moment to judge the age of snapshots by, RFC 3339; None: nobody asks."""
    judges_anew: bool = False
    """Whether a committed plan of which nothing else differs loses its verdict once the snapshot is too old."""
    looks_at: frozenset[str] = frozenset()
    """Targets whose clusters are looked at although no request may be for them any more."""
    enforcement: Enforcement | None = Enforcement()
    """None: findings are those of the plans, and depend on no clock."""
