"""The only module that runs kubectl."""

from pathlib import Path

from infra_scale.adapters import process
from infra_scale.errors import InfraScaleError

CONTEXT_SECONDS = 2.0
"""A plan does not wait longer for something that it can do without."""


def current_context(*, seconds: float = CONTEXT_SECONDS) -> tuple[str | None, str]:
    """The current context of kubectl's configuration (KUBECONFIG respected), or None with the reason."""
    try:
        done = process.run(("kubectl", "config", "current-context"), folder=Path.cwd(), seconds=seconds)
    except InfraScaleError as error:
        return None, error.message
    context = done.output.decode("utf-8", "replace").strip()
    if done.code or not context:
        return None, f"kubectl: {done.complaint or 'no current context'}"
    return context, ""
