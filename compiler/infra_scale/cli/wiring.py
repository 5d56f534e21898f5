"""Joins the ports to their adapters, by environment variables and options; libraries for GitHub load only here."""

from typing import TYPE_CHECKING

from infra_scale.adapters.environment import environment
from infra_scale.adapters.kubernetes import kubectl
from infra_scale.errors import UsageError
from infra_scale.ports.cluster import Cluster, LiveCluster
from infra_scale.ports.forge import Forge, ForgeSettings

if TYPE_CHECKING:
    from infra_scale.adapters.github.repository import GitHub

current_context = kubectl.current_context


def forge() -> Forge:
    """GitHub as the environment names it. Raises UsageError without credentials or libraries, and ForgeError."""
    known = environment()
    if not known.github_token or not known.slug:
        message = "no credentials for GitHub"
        raise UsageError(message, hint="set GITHUB_TOKEN, and GITHUB_REPOSITORY or GH_OWNER and GH_REPO")
    return _github(known.slug)


def forge_settings(slug: str) -> ForgeSettings:
    """The settings of owner/name on GitHub. Raises UsageError without libraries, and ForgeError."""
    return _github(slug)


def cluster(context: str, *, kubeconfig: str | None, seconds: float) -> Cluster:
    """A cluster as kubectl reaches it; without `kubeconfig`, kubectl looks for it."""
    return kubectl.Kubectl(context, kubeconfig, seconds)


def live_cluster(context: str, *, kubeconfig: str | None, seconds: float) -> LiveCluster:
    """A cluster that is written to with kubectl."""
    from infra_scale.adapters.kubernetes.live import LiveKubectl  # noqa: PLC0415 (only for apply and rollback)

    return LiveKubectl(kubectl.Kubectl(context, kubeconfig, seconds))


def _github(slug: str) -> "GitHub":
    known = environment()
    try:
        from infra_scale.adapters.github.connection import PUBLIC_API  # noqa: PLC0415 (an extra, and slow to import)
        from infra_scale.adapters.github.repository import GitHub  # noqa: PLC0415 (likewise)
    except ModuleNotFoundError as error:
        from infra_scale.adapters import installation  # noqa: PLC0415 (slow to import, and seldom needed)

        message = "the libraries for GitHub are not installed"
        raise UsageError(message, hint=installation.with_extra("github")) from error
    return GitHub(repository=slug, token=known.github_token or "", api=known.github_api or PUBLIC_API)
