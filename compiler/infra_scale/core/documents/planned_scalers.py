"""The autoscalers of a committed plan.yaml, found without parsing it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.model.action import Autoscaler
from infra_scale.model.source import Source


class PlannedScaler(NamedTuple):
    """An autoscaler of a committed plan."""

    target: str
    kind: Autoscaler
    namespace: str
    name: str
    path: str
    """The plan."""
    request: str
    """The path of its request."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Identifies the object, whichever plan has it."""
        return (self.target, self.kind, self.namespace, self.name)


_KINDS: dict[bytes, Autoscaler] = {b"hpa": "hpa", b"vpa": "vpa", b"keda": "keda"}
_APPLIED = re.compile(
    rb'\n  - action: apply_(hpa|vpa|keda)\r?\n    kind: \w+\r?\n    name: "?([a-z0-9.-]+)"?\r?\n'
    rb'    namespace: "?([a-z0-9-]+)"?\r?\n'
)
"""As the writer formats it. Every run searches every plan, so they are not parsed: under 1 ms per megabyte."""


def planned_scalers(plan: Source, *, target: str, request: str) -> Iterator[PlannedScaler]:
    """The autoscalers that a plan.yaml applies, each once even if it is in several clusters."""
    for kind, name, namespace in dict.fromkeys(_APPLIED.findall(plan.content)):
        yield PlannedScaler(target, _KINDS[kind], namespace.decode(), name.decode(), plan.path, request)
