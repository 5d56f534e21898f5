"""The inputs of a compile besides the requests."""

from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.schema.catalogue import Schemas
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from infra_scale.core.manifests.facts import FileFacts


class Base(NamedTuple):
    """The commit that a change is compared with."""

    targets: tuple[Found, ...]
    """Its files in ops/targets/: their policies apply to the change."""
    changed: frozenset[str]
    """Paths that the change adds, edits or removes, relative to the root."""
    refuses: bool = True
    """Whether these policies refuse requests as well, and not only set the severity of orphaned autoscalers."""


class Context(NamedTuple):
    """All inputs of plans and pure findings besides the requests."""

    schemas: Schemas
    targets: tuple[Found, ...] = ()
    """The files of ops/targets/; none: every target name is valid."""
    scope: Scope = Scope()
    manifests: tuple[Found, ...] = ()
    """The files in the folders that targets name as `manifests`."""
    base: Base | None = None
    """None: the policies of the work tree apply."""
    known: "Mapping[str, FileFacts] | None" = None
    """What is known of some manifests without reading them, by path."""


class Facts(NamedTuple):
    """The further inputs of findings of the world, forecasts and costs."""

    today: "date | None"
    """In UTC; None: no waiver has expired."""
    clusters: tuple[Found, ...] = ()
    """The files of ops/clusters/."""
    schemas: Schemas = Schemas("", "")
    """The schemas of these files."""
    as_of: "datetime | None" = None
    """The time for the age of snapshots; None: no snapshot is too old."""
    clock: "datetime | None" = None
    """The current time: facts with a later date are not used. None: the clock is not read."""
    looks_at: frozenset[str] = frozenset()
    """Targets whose clusters are read even if they no longer have requests."""
