"""Sizes of values with aliases expanded, without following any alias twice."""


class Weights:
    """Sizes and heights of the values of one document; each container is measured once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int, object]] = {}

    def of(self, value: object) -> tuple[int, int]:
        """The number of values, itself included, and of levels of mappings and lists."""
        if not isinstance(value, (dict, list)):
            return 1, 0
        known = self._known.get(id(value))
        if known is None:
            size, height = 1, 0
            for inner in value.values() if isinstance(value, dict) else value:
                more, below = self.of(inner)
                size, height = size + more, max(height, below)
            # The value is kept too: Python may reuse the identity of a deleted one.
            known = self._known[id(value)] = size, height + 1, value
        return known[0], known[1]
