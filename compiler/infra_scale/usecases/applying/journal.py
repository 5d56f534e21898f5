"""The journal: a ConfigMap per request in its namespace, written before each write of a run."""

from infra_scale.core.documents.run import RunError, read_run, write_run
from infra_scale.core.executing.fields import value_at
from infra_scale.core.executing.writes import Object
from infra_scale.model.run import Run
from infra_scale.ports.cluster import ConflictError, LiveCluster
from infra_scale.usecases.applying.session import Session, StoppedError

_KEY = "run.json"


class Journal:
    """The journal of one request on one cluster."""

    def __init__(self, cluster: LiveCluster, *, namespace: str, target: str, plan: str) -> None:
        self._cluster, self._namespace = cluster, namespace
        self._name = f"infra-scale.{target}.{plan}"
        self._item: Object | None = None

    def read(self) -> tuple[Run | None, str]:
        """The last run; None if there is none, or with the reason why it cannot be read. Raises InfraScaleError."""
        self._item = self._cluster.get(self._path)
        text = value_at(self._item, f"/data/{_KEY}")
        if not isinstance(text, str):
            return None, f"the ConfigMap {self._name} has no {_KEY}" if self._item else ""
        try:
            return read_run(text), ""
        except RunError as error:
            return None, error.message

    def write(self, session: Session, run: Run) -> None:
        """Record the state of a run. Raises StoppedError if another run has written since it was read."""
        session.patiently(lambda: self._written(run))

    def _written(self, run: Run) -> None:
        text = write_run(run)
        wanted = self._with(text)
        try:
            if self._item is None:
                self._item = self._cluster.create(self._folder, wanted)
            else:
                self._item = self._cluster.replace(self._path, wanted)
        except ConflictError as error:
            last = self._cluster.get(self._path)
            if not _is_of(last, run):
                message = "another run has written the journal"
                raise StoppedError(message, hint="run the command again: it starts from what holds then") from error
            # Our own write, whose answer was lost.
            self._item = last
            if value_at(last, f"/data/{_KEY}") != text:
                self._item = self._cluster.replace(self._path, self._with(text))

    def _with(self, text: str) -> Object:
        metadata: Object = {
            "name": self._name,
            "namespace": self._namespace,
            "labels": {"app.kubernetes.io/managed-by": "infra-scale"},
        }
        version = value_at(self._item, "/metadata/resourceVersion")
        if version:
            metadata["resourceVersion"] = version
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {_KEY: text}}

    @property
    def _folder(self) -> str:
        return f"/api/v1/namespaces/{self._namespace}/configmaps"

    @property
    def _path(self) -> str:
        return f"{self._folder}/{self._name}"


def _is_of(item: Object | None, run: Run) -> bool:
    """Whether a journal was written by this run."""
    text = value_at(item, f"/data/{_KEY}")
    try:
        return isinstance(text, str) and read_run(text).id == run.id
    except RunError:
        return False
