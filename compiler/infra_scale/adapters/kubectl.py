"""The only module that runs kubectl."""

from typing import NamedTuple

from infra_scale.adapters import process
from infra_scale.errors import InfraScaleError
from infra_scale.model.tagged import tagged

_CONTEXT_SECONDS = 2.0
"""Time limit of an optional query."""

_GRACE_SECONDS = 5.0
"""kubectl's own timeout has a better message; a hanging login plugin is killed after this additional time."""
_CHUNK = 500
"""Objects per page: kubectl's current default, fixed."""


class KubectlError(InfraScaleError):
    """The cluster did not return a usable answer."""


class Connection(NamedTuple):
    """Connection to a cluster; never kubectl's current context."""

    context: str
    kubeconfig: str | None
    """None: kubectl's default."""
    seconds: float
    """For each answer."""


@tagged
class Forbidden(NamedTuple):
    """The API server refused access to the resource."""

    reason: str


@tagged
class Absent(NamedTuple):
    """The API server does not have the resource."""


Answer = bytes | Forbidden | Absent


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


def version(connection: Connection) -> Answer:
    """The output of `kubectl version` as JSON: the cheapest query that contacts the API server.

    Raises InfraScaleError.
    """
    return _ask(connection, ("version",))


def objects(connection: Connection, resource: str) -> Answer:
    """All objects of a resource in all namespaces, as one JSON list. Raises InfraScaleError."""
    return _ask(connection, ("get", resource, "--all-namespaces", f"--chunk-size={_CHUNK}"))


def namespace(connection: Connection, name: str) -> Answer:
    """One namespace as JSON. Raises InfraScaleError."""
    return _ask(connection, ("get", "namespace", name))


def _ask(connection: Connection, question: tuple[str, ...]) -> Answer:
    place = ("--kubeconfig", connection.kubeconfig) if connection.kubeconfig is not None else ()
    command = ("kubectl", *place, "--context", connection.context, f"--request-timeout={connection.seconds:g}s")
    try:
        done = process.run(
            (*command, *question, "--output", "json"),
            seconds=connection.seconds + _GRACE_SECONDS,
        )
    except process.SlowProgramError as error:
        raise _too_slow(connection, question) from error
    if done.code == 0:
        return done.output
    return _refusal(connection, question, done.complaint)


def _refusal(connection: Connection, question: tuple[str, ...], complaint: str) -> Answer:
    """Classify kubectl's error; its messages are the same from 1.20 to 1.37."""
    said = _last_line(complaint)
    if "(Forbidden)" in complaint:
        return Forbidden(said)
    if "the server doesn't have a resource type" in complaint or "(NotFound)" in complaint:
        return Absent()
    if any(sign in complaint for sign in ("Timeout exceeded", "deadline exceeded", "i/o timeout")):
        raise _too_slow(connection, question)
    message = f"kubectl {' '.join(question[:2])}: {said}"
    raise KubectlError(message, hint=_hint(connection, complaint))


def _hint(connection: Connection, complaint: str) -> str:
    if "does not exist" in complaint and "context" in complaint:
        return "`kubectl config get-contexts` lists them; select one with --context, or its file with --kubeconfig"
    if "(Unauthorized)" in complaint or "getting credentials" in complaint:
        return f"log in to the cluster again, and try `kubectl --context {connection.context} get nodes`"
    if "x509" in complaint or "certificate" in complaint:
        return "the certificate of the API server is not the one that the kubeconfig expects"
    return f"check whether `kubectl --context {connection.context} get nodes` reaches the API server"


def _too_slow(connection: Connection, question: tuple[str, ...]) -> KubectlError:
    message = f"kubectl {' '.join(question[:2])}: no answer within {connection.seconds:g} seconds"
    return KubectlError(message, hint="increase the limit with --timeout; an interactive login is not supported")


def _last_line(complaint: str) -> str:
    """kubectl's error is on the last line, after its log lines."""
    lines = [line for line in complaint.splitlines() if line.strip()]
    return lines[-1].removeprefix("error: ") if lines else "failed without a message"
