"""The Lease that keeps two runs out of one namespace: a courtesy, because each write compares before it sets.

client-go's leader election has the same protocol: expiry is judged by the waiter's own clock, from when it saw the
Lease change last.
"""

from datetime import UTC

from infra_scale.core.executing.fields import value_at
from infra_scale.core.executing.writes import Object
from infra_scale.errors import InfraScaleError
from infra_scale.model.run import Json
from infra_scale.ports.cluster import ConflictError
from infra_scale.usecases.applying.session import POLL_SECONDS, Session, StoppedError

_DURATION = 60
"""Seconds until an unchanged Lease is taken over."""
_RENEWAL = 20.0
_FRESH = 40.0
"""A write needs a Lease that was renewed less than this many seconds ago."""


class LockedError(InfraScaleError):
    """Another run holds the lock."""


class Lock:
    """The Leases of some namespaces, held by one run."""

    def __init__(self, session: Session, holder: str, namespaces: tuple[str, ...]) -> None:
        self._session, self._holder = session, holder
        self._held: dict[str, Object] = {}
        self._namespaces = tuple(sorted(set(namespaces)))
        self._renewed = 0.0

    def acquire(self) -> None:
        """Take all of them, in the order of their names. Raises LockedError and InfraScaleError."""
        for namespace in self._namespaces:
            self._acquire(namespace)
        self._renewed = self._session.clock.monotonic()
        self._session.tell(0, "locked", {"namespaces": list(self._namespaces)})

    def keep(self) -> None:
        """Renew them if it is time to. Raises StoppedError if one was lost."""
        if self._session.clock.monotonic() - self._renewed >= _RENEWAL:
            self._renew()

    def fence(self) -> None:
        """Make sure that they are held, before a write. Raises StoppedError."""
        self.keep()
        if self._session.clock.monotonic() - self._renewed >= _FRESH:
            self._renew()

    def release(self) -> None:
        """Give them back; an error is ignored, because they expire."""
        for namespace, lease in self._held.items():
            try:
                self._session.cluster.replace(_path(namespace), self._lease(namespace, lease, holder=""))
            except InfraScaleError:
                continue
        self._held.clear()

    def _acquire(self, namespace: str) -> None:
        clock = self._session.clock
        until = clock.monotonic() + self._session.limits.step
        seen, seen_at = "", clock.monotonic()
        while True:
            found = self._session.cluster.get(_path(namespace))
            version = str(value_at(found, "/metadata/resourceVersion") or "")
            if version != seen:
                seen, seen_at = version, clock.monotonic()
            holder = _holder(found)
            if holder in ("", self._holder) or clock.monotonic() - seen_at >= _lasts(found):
                if self._take(namespace, found):
                    return
            elif clock.monotonic() >= until:
                message = f"namespace {namespace} is locked by {holder}"
                raise LockedError(message, hint="wait for that run to end, or give this one more time with --timeout")
            else:
                self._session.tell(0, "lock_waiting", {"namespace": namespace, "holder": holder})
            clock.sleep(POLL_SECONDS)

    def _take(self, namespace: str, found: Object | None) -> bool:
        """Whether it is ours now."""
        cluster = self._session.cluster
        wanted = self._lease(namespace, found, holder=self._holder)
        try:
            held = cluster.replace(_path(namespace), wanted) if found else cluster.create(_folder(namespace), wanted)
        except ConflictError:
            return False
        self._held[namespace] = held
        return True

    def _renew(self) -> None:
        for namespace, lease in tuple(self._held.items()):
            wanted = self._lease(namespace, lease, holder=self._holder)
            try:
                self._held[namespace] = self._session.cluster.replace(_path(namespace), wanted)
            except ConflictError as error:
                self._session.tell(0, "lock_lost", {"namespace": namespace})
                message = f"the lock of namespace {namespace} was lost"
                raise StoppedError(message, hint="another run took it over; `kubectl get lease` shows it") from error
            except InfraScaleError:
                return  # the fence decides when it has not been renewed for too long
        self._renewed = self._session.clock.monotonic()

    def _lease(self, namespace: str, found: Object | None, *, holder: str) -> Object:
        now = self._session.clock.now().astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
        metadata: Object = {"name": _NAME, "namespace": namespace}
        version = value_at(found, "/metadata/resourceVersion")
        if version:
            metadata["resourceVersion"] = version
        spec: dict[str, Json] = {"leaseDurationSeconds": _DURATION, "renewTime": f"{now}Z", "acquireTime": f"{now}Z"}
        if holder:
            spec["holderIdentity"] = holder
        return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}


_NAME = "infra-scale"


def _folder(namespace: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"


def _path(namespace: str) -> str:
    return f"{_folder(namespace)}/{_NAME}"


def _holder(lease: Object | None) -> str:
    return str(value_at(lease, "/spec/holderIdentity") or "")


def _lasts(lease: Object | None) -> float:
    found = value_at(lease, "/spec/leaseDurationSeconds")
    return float(found) if isinstance(found, int) else _DURATION
