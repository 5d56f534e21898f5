"""What keeps a cluster from being captured is said in words, with what to do, and no file is touched."""

import json
import time
from pathlib import Path

import pytest

from support.amounts import HANGS
from support.kube_objects import cluster, deployment
from support.repository import Repository

_PATH = "ops/clusters/eu/snapshot.yaml"
_MOMENT = "2026-01-01T00:00:00Z"


def _kubeconfig(repository: Repository, address: str, user: object) -> str:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "eu", "cluster": {"server": address}}],
        "users": [{"name": "me", "user": user}],
        "contexts": [{"name": "eu", "context": {"cluster": "eu", "user": "me"}}],
    }
    return str(repository.write("kubeconfig", json.dumps(content)))


def _refused(repository: Repository, *arguments: str, **variables: str) -> str:
    (repository.root / "requests").mkdir(exist_ok=True)
    home = {"HOME": str(repository.root), "KUBECONFIG": "", "KUBECACHEDIR": str(repository.root / "cache")}
    done = repository.completed("snapshot", "eu", *arguments, code=1, variables={**home, **variables})
    assert done.stdout == ""
    assert not (repository.root / _PATH).exists()
    return done.stderr


def test_without_kubectl_it_says_so(repository: Repository, tmp_path: Path) -> None:
    said = _refused(repository, PATH=str(tmp_path))

    assert "infra-scale: kubectl is not installed\n    help: install kubectl and put it on the PATH" in said


@pytest.mark.parametrize("content", ["\x7fELF of another machine", ""])
def test_a_kubectl_that_cannot_be_run_is_named_with_the_reason(repository: Repository, content: str) -> None:
    program = repository.write("bin/kubectl", content)
    program.chmod(0o755 if content else 0o644)

    said = _refused(repository, PATH=str(program.parent))

    reason = "Exec format error" if content else "Permission denied"
    assert f"infra-scale: kubectl cannot be run: {reason}\n    help: check whether `kubectl` runs in a shell" in said


@pytest.mark.long
def test_a_login_that_waits_for_somebody_is_ended_with_all_that_it_has_started(repository: Repository) -> None:
    """Else it would wait on, night after night."""
    login = repository.write("login", "#!/bin/sh\nsleep 600 &\necho $! >child\nwait\n")
    login.chmod(0o755)
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(login), "interactiveMode": "Never"}

    # kubectl logs in where there is TLS only, and before it connects.
    config = _kubeconfig(repository, "https://127.0.0.1:9", {"exec": plugin})
    said = _refused(repository, "--kubeconfig", config, "--timeout", "1")

    assert "kubectl version: no answer within 1 seconds" in said
    assert "an interactive login is not supported" in said
    started = repository.root / "child"  # on a slow machine it may have been ended before
    child = Path("/proc") / started.read_text("utf-8").strip() / "stat" if started.exists() else started
    assert _ends(child)


def _ends(child: Path) -> bool:
    """Whether a process that was killed is gone, or about to be; the kernel takes its time on a busy machine."""
    until = time.monotonic() + HANGS
    while time.monotonic() < until:
        try:
            if ") Z " in child.read_text(encoding="utf-8"):
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ((), "has no Node and no Pod: refusing to write an empty snapshot"),
        (("Pod", "Deployment"), "has no Node: refusing to write an empty snapshot"),
        (("Node", "Deployment"), "has no Pod: refusing to write an empty snapshot"),
    ],
)
def test_what_a_failed_kubectl_has_saved_does_not_replace_a_snapshot(
    repository: Repository, kinds: tuple[str, ...], said: str
) -> None:
    (repository.root / "requests").mkdir()
    good = repository.write("good.json", "\n".join(map(json.dumps, cluster())))
    capture = ("snapshot", "eu", "--captured-at", _MOMENT, "--from")
    repository.completed(*capture, str(good))
    before = repository.read(_PATH)
    failed = repository.write("failed.json", "\n".join(json.dumps(one) for one in cluster() if one["kind"] in kinds))

    done = repository.completed(*capture, str(failed), code=1)

    assert said in done.stderr
    assert "help: nothing was written; check whether `kubectl get` failed" in done.stderr
    assert repository.read(_PATH) == before


def test_another_cluster_and_an_older_state_do_not_replace_a_snapshot(repository: Repository) -> None:
    (repository.root / "requests").mkdir()

    def saved(uid: str) -> str:
        system = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": uid}}
        objects = [*(one for one in cluster() if one["kind"] != "Namespace"), system]
        return str(repository.write(f"{uid}.json", "\n".join(map(json.dumps, objects))))

    first, other = saved("one"), saved("two")
    capture = ("snapshot", "eu", "--captured-at")
    repository.completed(*capture, _MOMENT, "--from", first)
    before = repository.read(_PATH)

    said = repository.completed(*capture, "2026-01-02T00:00:00Z", "--from", other, code=1).stderr
    assert f"this is not the cluster in {_PATH}: its clusterUID differs" in said
    said = repository.completed(*capture, "2025-12-31T00:00:00Z", "--from", first, code=1).stderr
    assert f"this was captured at 2025-12-31T00:00:00Z, and {_PATH} at {_MOMENT}, which is later" in said
    assert repository.read(_PATH) == before
    (repository.root / _PATH).unlink()
    repository.completed(*capture, "2025-12-31T00:00:00Z", "--from", other)


def test_a_snapshot_that_nobody_would_read_is_not_written(repository: Repository) -> None:
    selector = {f"label-{index}.example.com/{'k' * 40}": "v" * 60 for index in range(150)}
    objects = [*cluster(), *(deployment(f"web-{index}", nodeSelector=selector) for index in range(400))]
    saved = repository.write("saved.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    said = _refused(repository, "--namespace", "shop", "--captured-at", _MOMENT, "--from", str(saved))

    assert "bytes; at most 5242880 are read" in said
    assert "manage fewer namespaces" in said
