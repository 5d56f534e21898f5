"""Suggestions for typos."""

from collections.abc import Sequence


def nearest(found: str, known: Sequence[str]) -> str | None:
    """The known name that is most similar to `found`."""
    from difflib import get_close_matches  # noqa: PLC0415 (only for a typo)

    close = get_close_matches(found[:64].lower(), [name.lower() for name in known], n=1, cutoff=0.6)
    return next((name for name in known if name.lower() == close[0]), None) if close else None


def did_you_mean(found: str, known: Sequence[str], otherwise: str) -> str:
    """The advice for an unknown name: the most similar known one, else other advice."""
    close = nearest(found, known)
    return f"did you mean {close}?" if close else otherwise
