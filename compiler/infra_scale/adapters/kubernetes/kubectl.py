"""The only module that runs kubectl."""

from typing import NamedTuple

from infra_scale.adapters import process
from infra_scale.errors import InfraScaleError
from infra_scale.ports.cluster import Absent, Answer, Forbidden

_CONTEXT_SECONDS = 2.0
"""Time limit of an optional query."""

_GRACE_SECONDS = 5.0
"""kubectl's own timeout has a better message; a hanging login plugin is killed after this additional time."""
_CHUNK = 500
"""Objects per page: kubectl's current default, fixed."""


class KubectlError(InfraScaleError):
    """The cluster did not return a usable answer."""


def current_context() -> tuple[str | None, str]:
    """The current context of kubectl's configuration (KUBECONFIG respected), or None with the reason."""
    try:
        done = process.run(("kubectl", "config", "current-context"), seconds=_CONTEXT_SECONDS)
    except InfraScaleError as error:
        return None, error.message
    context = done.output.decode("utf-8", "replace").strip()
    if done.code or not context:
        return None, f"kubectl: {done.complaint or 'no current context'}"
    return context, ""


class Kubectl(NamedTuple):
    """A `Cluster`, reached through a context that is always named; never through kubectl's current one."""

    context: str
    kubeconfig: str | None
    """None: kubectl's default."""
    seconds: float
    """For each answer."""

    @property
    def place(self) -> tuple[str, ...]:
        """The options that select the cluster."""
        configured = ("--kubeconfig", self.kubeconfig) if self.kubeconfig is not None else ()
        return (*configured, "--context", self.context)

    def version(self) -> Answer:
        """What `kubectl version` prints, as JSON: the cheapest question that only the API server can answer.

        Raises InfraScaleError.
        """
        return self._answer("version")

    def objects(self, resource: str) -> Answer:
        """All objects of a resource in all namespaces, as one JSON list. Raises InfraScaleError."""
        return self._answer("get", resource, "--all-namespaces", f"--chunk-size={_CHUNK}")

    def namespace(self, name: str) -> Answer:
        """One namespace as JSON. Raises InfraScaleError."""
        return self._answer("get", "namespace", name)

    def _answer(self, *question: str) -> Answer:
        command = ("kubectl", *self.place, f"--request-timeout={self.seconds:g}s")
        try:
            done = process.run((*command, *question, "--output", "json"), seconds=self.seconds + _GRACE_SECONDS)
        except process.SlowProgramError as error:
            raise _too_slow(self, question) from error
        return done.output if done.code == 0 else refusal(self, question, done.complaint)


def refusal(cluster: Kubectl, question: tuple[str, ...], complaint: str) -> Answer:
    """Classify kubectl's error; its messages are the same from 1.20 to 1.37."""
    said = last_line(complaint)
    if "(Forbidden)" in complaint:
        return Forbidden(said)
    if "the server doesn't have a resource type" in complaint or "(NotFound)" in complaint:
        return Absent()
    if any(sign in complaint for sign in ("Timeout exceeded", "deadline exceeded", "i/o timeout")):
        raise _too_slow(cluster, question)
    message = f"kubectl {' '.join(question[:2])}: {said}"
    raise KubectlError(message, hint=_hint(cluster, complaint))


def _hint(cluster: Kubectl, complaint: str) -> str:
    if "does not exist" in complaint and "context" in complaint:
        return "`kubectl config get-contexts` lists them; select one with --context, or its file with --kubeconfig"
    if "(Unauthorized)" in complaint or "getting credentials" in complaint:
        return f"log in to the cluster again, and try `{_get_nodes(cluster)}`"
    if "x509" in complaint or "certificate" in complaint:
        return "the certificate of the API server is not the one that the kubeconfig expects"
    return f"check whether `{_get_nodes(cluster)}` reaches the API server"


def _get_nodes(cluster: Kubectl) -> str:
    from shlex import join  # noqa: PLC0415 (only for an error)

    return join(("kubectl", *cluster.place, "get", "nodes"))


def _too_slow(cluster: Kubectl, question: tuple[str, ...]) -> KubectlError:
    message = f"kubectl {' '.join(question[:2])}: no answer within {cluster.seconds:g} seconds"
    return KubectlError(message, hint="increase the limit with --timeout; an interactive login is not supported")


def last_line(complaint: str) -> str:
    """kubectl's error is on the last line, after its log lines."""
    lines = [line for line in complaint.splitlines() if line.strip()]
    return lines[-1].removeprefix("error: ") if lines else "failed without a message"
