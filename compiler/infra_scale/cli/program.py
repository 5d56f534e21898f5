"""The name by which a user started the program. Loaded at every start: it imports nothing else."""

import sys

_PLUGIN = "kubectl-infra_scale"
"""Installed under this name, kubectl runs it for `kubectl infra-scale` and `kubectl infra_scale`."""


def program() -> str:
    """`kubectl infra-scale` if kubectl started it as a plugin, else `infra-scale`."""
    started_as = sys.argv[0].replace("\\", "/").rpartition("/")[2]
    return "kubectl infra-scale" if started_as.removesuffix(".exe") == _PLUGIN else "infra-scale"


def as_started(text: str) -> str:
    """`text` with commands as a user of this program has to type them."""
    name = program()
    return text if name == "infra-scale" else text.replace("infra-scale ", f"{name} ")
