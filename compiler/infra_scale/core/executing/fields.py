"""Values in objects of the Kubernetes API: found by JSON pointer, and compared as the API server compares them."""

from datetime import datetime

from infra_scale.core.syntax.scalars import Value
from infra_scale.model.quantity import Quantity, QuantityError
from infra_scale.model.run import Json
from infra_scale.model.time import read_time


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901 §3)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def parts_of(path: str) -> tuple[str, ...]:
    """The parts of a JSON pointer."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:])


def value_at(item: Json, path: str) -> Json:
    """The value at a JSON pointer; None if it is absent. The empty pointer is the item itself."""
    for part in parts_of(path):
        if isinstance(item, dict):
            item = item.get(part)
        elif isinstance(item, list):
            item = item[int(part)] if part.isdecimal() and int(part) < len(item) else None
        else:
            return None
    return item


def holds(live: Json, wanted: Json) -> bool:
    """Whether a live value is what was written: the server adds defaults and writes quantities in their canonical form.

    Lists are compared item by item, because the server keeps their order.
    """
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(holds(live.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(live, list) and len(live) == len(wanted) and all(map(holds, live, wanted))
    return same_scalar(live, wanted)


def same_scalar(one: Json, other: Json) -> bool:
    """Whether two scalars are equal, as themselves or as quantities; an absent value is not a zero."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if one == other:
        return True
    first, second = _quantity(one), _quantity(other)
    return first is not None and first == second


def _quantity(value: Value | Json) -> int | None:
    try:
        return Quantity.parse(str(value)).nano if isinstance(value, (str, int)) else None
    except QuantityError:
        return None


def conditions(item: Json) -> dict[str, dict[str, Json]]:
    """The conditions of a status by type."""
    found = value_at(item, "/status/conditions")
    return {str(one.get("type")): one for one in found if isinstance(one, dict)} if isinstance(found, list) else {}


def count_at(item: Json, path: str) -> int:
    """The number at a JSON pointer; 0 if it is absent, as the API leaves zeros out."""
    found = value_at(item, path)
    return found if isinstance(found, int) else 0


def time_of(text: Json) -> datetime | None:
    """A time of the API; None if it is absent."""
    return read_time(text) if isinstance(text, str) else None


def is_after(text: Json, since: datetime) -> bool:
    """Whether a time is not before another; the API has whole seconds."""
    time = time_of(text)
    return time is not None and time >= since.replace(microsecond=0)
