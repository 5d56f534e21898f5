"""Trailers of the commits of `publish`: information for readers, not proof."""

import re
from datetime import datetime
from typing import NamedTuple

from infra_scale.model.time import in_milliseconds, read_time

_TRAILER = re.compile(r"^Infra-Scale-([A-Za-z-]+): (\S+)$", re.MULTILINE)


class Trailers(NamedTuple):
    """Data about a proposal in its commit message. Anyone can write it."""

    target: str = ""
    created_at: datetime | None = None
    """The time of the proposal; None if missing or invalid."""
    digest: str = ""
    generator: str = ""
    """The version of infra-scale that made it."""


def commit_message(trailers: Trailers) -> str:
    """The commit message of a proposal."""
    created_at = in_milliseconds(trailers.created_at) if trailers.created_at else ""
    named = {
        "Target": trailers.target,
        "Created-At": created_at,
        "Digest": trailers.digest,
        "Generator": trailers.generator,
    }
    lines = "\n".join(f"Infra-Scale-{name}: {value}" for name, value in named.items() if value)
    return f"infra.scale: {trailers.target}\n\n{lines}\n"


def read_trailers(message: str) -> Trailers:
    """Our trailers in a commit message; empty if it has none."""
    found = dict(_TRAILER.findall(message))
    created_at = read_time(found.get("Created-At", ""))
    return Trailers(found.get("Target", ""), created_at, found.get("Digest", ""), found.get("Generator", ""))
