"""Messenger: a channel that people read, such as Slack or e-mail."""

from typing import Protocol


class Messenger(Protocol):
    """One channel. Every call raises InfraScaleError."""

    def send(self, text: str, *, thread: str | None = None) -> str:
        """Send a message, as a reply if a thread is given. Returns its reference."""

    def edit(self, reference: str, text: str) -> None:
        """Replace the text of a message; does nothing on channels that cannot edit."""
