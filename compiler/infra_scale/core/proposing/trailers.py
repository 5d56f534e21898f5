"""Trailers of the commits that publishing makes: information for people, which proves nothing."""

import re
from typing import NamedTuple

_TRAILER = re.compile(r"^Infra-Scale-([A-Za-z-]+): (\S+)$", re.MULTILINE)


class Trailers(NamedTuple):
    """What a commit message says about the proposal that it makes. Anyone can write it."""

    target: str = ""
    digest: str = ""
    generator: str = ""
    """Which version of infra-scale made it."""


def commit_message(trailers: Trailers) -> str:
    """The message of the commit that makes a proposal."""
    named = {"Target": trailers.target, "Digest": trailers.digest, "Generator": trailers.generator}
    lines = "\n".join(f"Infra-Scale-{name}: {value}" for name, value in named.items())
    return f"infra.scale: {trailers.target}\n\n{lines}\n"


def read_trailers(message: str) -> Trailers:
    """Our trailers in a commit message; empty where it has none."""
    found = dict(_TRAILER.findall(message))
    return Trailers(found.get("Target", ""), found.get("Digest", ""), found.get("Generator", ""))
