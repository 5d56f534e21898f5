"""Uncounted: what new pods of a template take, and older ones do not, because a LimitRange came after these."""


class Uncounted:
    """How much less the pods that exist take of a node or a quota than new ones of their templates would.

    Which of them take less is unknown: the first or the last to go.
    """

    def __init__(self, amount: int, taken: int, *, are_last: bool) -> None:
        self._left, self._are_last = amount, are_last
        self._taken = taken if are_last else 0

    def counted(self, amount: int) -> int:
        """What pods really give back, of so much; below zero, what new ones take."""
        if amount < 0:
            self._taken -= amount if self._are_last else 0
            return amount
        real = min(amount, self._taken)
        self._taken -= real
        gone = min(amount - real, self._left)
        self._left -= gone
        return amount - gone
