"""Which line decides a value of a built object: that of its file, or that of the last step that changed it."""

from collections.abc import Mapping

from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.outcome import Place, Refusal, Unavailable
from infra_scale.core.manifests.reading import documents_in
from infra_scale.core.manifests.tree import at, is_same, member
from infra_scale.core.syntax.places import places_of
from infra_scale.core.syntax.text import Undecodable, decode_manifest, place_of
from infra_scale.model.names import quoted
from infra_scale.model.position import Position, Route
from infra_scale.model.source import Found, Source

_START = Position(1, 1, 1, "")


def value_at(doc: object, route: Route) -> object:
    """The value at a route in which a text after a list is the name of an item."""
    return at(doc, numbered(doc, route))


def numbered(doc: object, route: Route) -> Route:
    """The route with indices of lists; one past the last item where none has the name."""
    found: list[str | int] = []
    for step in route:
        index = step
        if isinstance(doc, list) and isinstance(step, str):
            names = [member(item, "name") for item in doc]
            index = names.index(step) if step in names else len(doc)
        found.append(index)
        doc = at(doc, [index])
    return tuple(found)


def decides(one: Resource, route: Route) -> Place:
    """Where the value at a route of an object was written, or removed, last."""
    after = value_at(one.doc, route)
    for step in reversed(one.steps):
        before = value_at(step.before, route)
        if not is_same(before, after):
            return step.place
    return one.place


def position_of(files: Mapping[str, Found], place: Place, route: Route = ()) -> Position:
    """The line and column of a place, or of a value below it; the nearest that is written where that is not.

    `route` may name items of lists, as in `decides`. The start of the file where it cannot be read.
    """
    source = files.get(place.file)
    if not isinstance(source, Source):
        return _START
    text = decode_manifest(source)
    if place.inside is None:
        document = documents_in(place.file, source.content)[place.document]
        return places_of(text, place.document).position(_below(document, place.route, route), on_key=False)
    outer = documents_in(place.file, source.content)[place.document]
    block = at(outer, place.route)
    places = places_of(text, place.document)
    if not isinstance(block, str):
        return places.position(place.route, on_key=False)
    block = str(block)  # libyaml takes no subclass
    inner = documents_in(place.file, block.encode())
    below = _below(inner[0] if inner else None, place.inside, route)
    found = place_of(source, block, places_of(block).position(below, on_key=False))
    return places.position(place.route, on_key=False) if found == _START else found


def line_of(files: Mapping[str, Found], place: Place, route: Route = ()) -> int:
    """The line of a place, or of a value below it; 0 if the file cannot be read."""
    if not isinstance(files.get(place.file), Source):
        return 0
    try:
        return position_of(files, place, route).line
    except (Refusal, Unavailable, Undecodable, IndexError):
        return 0


def located(files: Mapping[str, Found], place: Place, route: Route = ()) -> str:
    """The file and line of a place for a message."""
    return quoted(place.file, "a file", line_of(files, place, route))


def _below(document: object, base: Route, route: Route) -> Route:
    return (*base, *numbered(at(document, base), route))
