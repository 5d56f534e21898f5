"""Trailers of the commits that publishing makes: information for people, which proves nothing."""

import re
from datetime import datetime
from typing import NamedTuple

from infra_scale.model.time import in_milliseconds, read_time

_TRAILER = re.compile(r"^Infra-Scale-([A-Za-z-]+): (\S+)$", re.MULTILINE)


class Trailers(NamedTuple):
    """What a commit message says about the proposal that it makes. Anyone can write it."""

    target: str = ""
    created_at: datetime | None = None
    """When the proposal was made; None where there is none, or it is no time."""
    digest: str = ""
    generator: str = ""
    """Which version of infra-scale made it."""


def commit_message(trailers: Trailers) -> str:
    """The message of the commit that makes a proposal."""
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
    """Our trailers in a commit message; empty where it has none."""
    found = dict(_TRAILER.findall(message))
    created_at = read_time(found.get("Created-At", ""))
    return Trailers(found.get("Target", ""), created_at, found.get("Digest", ""), found.get("Generator", ""))
