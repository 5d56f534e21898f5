"""One workload in a cluster, as far as its replicas go, and the worst that appliers and autoscalers may do to it.

It knows the commands of a hand-over and fails on any other. Sources: Kubernetes docs, "Migrating Deployments and
StatefulSets to horizontal autoscaling" (the field falls back to 1) and "Transferring ownership" (unless another manager
holds it); horizontal.go (bounds are enforced at once; 0 switches the HPA off); KEDA docs (paused-replicas,
restoreToOriginalReplicaCount).
"""

import re
from typing import Literal, NamedTuple

Applier = Literal["client", "server"]
"""client: kubectl apply, Argo CD. server: Flux, Argo CD with ServerSideApply=true, both with force."""


class Bounds(NamedTuple):
    """Of an HPA or a ScaledObject."""

    minimum: int
    maximum: int


class Workload:
    """A running workload; `seen` is every number of replicas that it was ever set to."""

    def __init__(self, replicas: int, *, in_git: int | None, applier: Applier) -> None:
        self.replicas = replicas
        self.seen = [replicas]
        self.applier = applier
        self.last_applied = in_git
        self.owners = {"git"} if in_git is not None else {"autoscaler"}
        self.old: str | None = None
        """The autoscaler before the plan; it sees a steady load."""
        self.restores = True
        """Somebody has asked for the original count, which was 1."""
        self.new: Bounds | None = None

    def set(self, replicas: int, owner: str) -> None:
        """Whoever sets another value owns the field alone."""
        if replicas != self.replicas:
            self.owners = {owner}
        self.owners.add(owner)
        self.replicas = replicas
        self.seen.append(replicas)

    def apply(self, in_git: int | None) -> None:
        """The manifest arrives, with or without spec.replicas."""
        if in_git is not None:
            self.set(in_git, "git")
        elif self.applier == "client":
            if self.last_applied is not None:
                self.set(1, "default")
        elif "git" in self.owners:
            self.owners.discard("git")
            if not self.owners:
                self.set(1, "default")
        self.last_applied = in_git

    def prune(self) -> None:
        """The old autoscaler goes."""
        if self.old == "keda" and self.restores:
            self.set(1, "keda")
        self.old = None

    def settle(self) -> None:
        """The new autoscaler sees no load at all."""
        if self.new and (self.replicas or self.new.minimum == 0):
            self.set(min(self.replicas, self.new.maximum), "autoscaler")
            self.set(max(self.replicas, self.new.minimum), "autoscaler")
            self.set(self.new.minimum, "autoscaler")

    def run(self, command: str) -> None:
        """Carry out one command of a hand-over."""
        verb = next((name for name in _VERBS if re.search(_VERBS[name], command)), None)
        assert verb, f"no command of a hand-over: {command}"
        getattr(self, f"_{verb}")(command)

    def _hold(self, _command: str) -> None:
        self.owners.add("infra-scale-handover")

    def _forget(self, _command: str) -> None:
        self.last_applied = None

    def _pause(self, command: str) -> None:
        count = re.search(r"paused-replicas=(\d+)$", command)
        self.set(int(count[1]) if count else self.replicas, "keda")

    def _keep(self, _command: str) -> None:
        self.restores = False

    def _delete(self, _command: str) -> None:
        self.prune()

    def _look(self, _command: str) -> None:
        """Changes nothing."""

    def _scale(self, command: str) -> None:
        (wanted,) = re.findall(r" --replicas=(\d+)", command)
        if "--current-replicas=0" not in command or self.replicas == 0:
            self.set(int(wanted), "kubectl")


_VERBS = {
    "hold": r"go-template='\{.*\}' \| kubectl apply --server-side --field-manager=infra-scale-handover",
    "forget": r"apply view-last-applied .* \| sed -E '/\^ \{2\}replicas:/d' \| kubectl apply set-last-applied -f -$",
    "pause": r"annotate scaledobject web -n \S+ --overwrite autoscaling\.keda\.sh/paused-replicas=",
    "keep": r'patch scaledobject web .*"restoreToOriginalReplicaCount":false',
    "delete": r"delete (hpa|scaledobject) web ",
    "scale": r"^kubectl scale deployment/web ",
    "look": r"^kubectl (get|wait) |annotate hpa web .*(Prune=false|prune=disabled)$",
}
