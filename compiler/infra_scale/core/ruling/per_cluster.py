"""Merges equal findings of several clusters into one, with the cluster names if the target has several."""

from collections.abc import Iterable, Iterator, Sequence

from infra_scale.core.ruling.catalogue import Hit
from infra_scale.model.capacity import Site

Placed = tuple[Site | None, Hit]
"""A hit, and the cluster that it is about; None where it is about all of them."""

HERE = "\0"
"""Placeholder for the names in a message; without it they go to the end."""
_NAMED = 5
"""More than these are counted."""


def merged(found: Iterable[Placed]) -> Iterator[Hit]:
    """The hits, each at the clusters that it is about."""
    places: dict[Hit, list[str]] = {}
    for site, hit in found:
        places.setdefault(hit, []).append(site.cluster.name if site and site.where else "")
    for hit, names in places.items():
        yield hit._replace(message=_at(hit.message, _where(names)))


def _where(names: Sequence[str]) -> str:
    if not all(names):
        return ""
    more = len(names) - _NAMED
    return f" in {', '.join(names[:_NAMED])}" + (f" and {more} more" if more > 0 else "")


def _at(message: str, where: str) -> str:
    if HERE in message:
        return message.replace(HERE, where)
    return f"{message[:-1]}{where}." if message.endswith(".") else f"{message}{where}"
