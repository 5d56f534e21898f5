"""What a build can end in, besides its objects: a place, a reason, a refusal."""

from typing import NamedTuple

from infra_scale.model.position import Route
from infra_scale.model.tagged import tagged


class Place(NamedTuple):
    """Where something is written; the line is looked up only when it is shown (provenance)."""

    file: str
    document: int = 0
    """Its index among the documents of the file."""
    route: Route = ()
    """Keys and indices from the root of the document."""
    inside: Route | None = None
    """Where the value at `route` is YAML text: the route in that text."""


@tagged
class Reason(NamedTuple):
    """Why a part of a build is not known."""

    what: str
    place: Place


@tagged
class Refused(NamedTuple):
    """kustomize does not build it."""

    what: str
    place: Place


class Refusal(Exception):  # noqa: N818 (unwinds a build; `Builder` turns it into a value)
    """kustomize does not build it."""

    def __init__(self, what: str, place: Place | None = None) -> None:
        super().__init__(what)
        self.place = place


class Unavailable(Exception):  # noqa: N818 (unwinds one step; the build turns it into a reason)
    """Something that kustomize would read, and that is not known here."""


def shown(reason: str) -> str:
    """A reason as one line of plain text: it quotes files."""
    text = " ".join(reason.split())
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in " -_./:,;'=+(){}$") else "?" for sign in text)
    return kept[:300]
