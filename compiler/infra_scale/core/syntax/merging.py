"""Merge keys (`<<`), as kustomize reads them (kyaml, RNode.DeAnchor)."""

from collections.abc import Iterator


class Unmergeable(Exception):  # noqa: N818 (a fault of the file, which the caller reports with its place)
    """An invalid merge key."""


class Merging:
    """The merge keys of one document."""

    def __init__(self) -> None:
        self._begun = 0
        self._merged: dict[int, tuple[int, dict[str, object]]] = {}

    def begin(self) -> int:
        """A number for a mapping that begins here, larger than all earlier ones."""
        self._begun += 1
        return self._begun

    def merge(self, mapping: dict[str, object], value: object, begun: int) -> int:
        """Add to `mapping` what it does not have itself, the first of several winning; the number of keys looked at."""
        keys = 0
        sources = list(_sources(value))
        for source in sources:
            self._check(source, begun, is_last=source is sources[-1])
            keys += len(source)
            for key, inherited in source.items():
                mapping.setdefault(key, inherited)
        self._merged[id(mapping)] = begun, mapping
        return keys

    def _check(self, source: dict[str, object], begun: int, *, is_last: bool) -> None:
        """Refuse a mapping with a merge key of its own that kustomize would resolve later than others do, or never.

        It resolves that key last: in a list, inherited values of a source lose to the next source.
        """
        if id(source) not in self._merged:
            return
        if self._merged[id(source)][0] > begun or not is_last:
            message = "a merge key of something that has a merge key itself: readers differ"
            raise Unmergeable(message)


def _sources(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            if not isinstance(item, dict):
                message = "a merge key of a list with something else than mappings"
                raise Unmergeable(message)
            yield item
    else:
        message = "a merge key of something that is not a mapping"
        raise Unmergeable(message)
