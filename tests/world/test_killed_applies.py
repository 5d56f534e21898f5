"""A run of `apply` that is killed anywhere is finished by the next one, and each field is written once."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Literal

import pytest

from support.repository import COMMAND, Repository, environment
from support.runs import deployment
from support.workload_server import RefusedError, WorkloadServer, holding
from world.test_apply import _REQUEST, _TARGET, committed, web

_AFTER = {"requests": {"cpu": "250m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
_LOST = RefusedError(503, "ServiceUnavailable", "the answer is lost")


@pytest.fixture
def server() -> Iterator[WorkloadServer]:
    """A cluster with one Deployment."""
    with holding([deployment()]) as running:
        running.missing = ("keda.sh", "autoscaling.k8s.io")
        yield running


@pytest.fixture
def shop(git_repository: Repository) -> Repository:
    """A repository whose plan is committed on its base branch."""
    git_repository.write("requests/web.yaml", _REQUEST)
    git_repository.write("ops/targets/prod.yaml", _TARGET)
    committed(git_repository)
    return git_repository


def started(shop: Repository, server: WorkloadServer) -> "subprocess.Popen[str]":
    """A run in a process of its own."""
    config = server.kubeconfig(shop.root.parent / "config", "admin@eu")
    arguments = ("apply", "--bake", "0s", "--timeout", "60s", "--kubeconfig", str(config))
    return subprocess.Popen(
        [COMMAND, *arguments],
        cwd=shop.root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def state_of(run: "subprocess.Popen[str]") -> str:
    """The state that a run ends in."""
    out, err = run.communicate(timeout=300)
    [line] = [one for one in out.splitlines() if one.startswith("state=")] or [f"none\n{out}\n{err}"]
    return line.removeprefix("state=")


def is_write(line: str) -> bool:
    """Whether a request changes something."""
    return not line.startswith("GET") and "dryRun" not in line


def on_write(number: int, act: Callable[[], RefusedError | None]) -> Callable[[str], RefusedError | None]:
    """Called with each request: `act` at the n-th write, from 0."""
    writes = 0

    def called(line: str) -> RefusedError | None:
        nonlocal writes
        if is_write(line):
            writes += 1
            if writes == number + 1:
                return act()
        return None

    return called


def killed_at(shop: Repository, server: WorkloadServer, number: int, when: Literal["before", "after"]) -> bool:
    """Run and kill at the n-th write, before or after it takes effect; whether there was such a write."""
    run = started(shop, server)
    was_killed = threading.Event()

    def kill() -> RefusedError:
        os.kill(run.pid, signal.SIGKILL)
        was_killed.set()
        return _LOST

    setattr(server, when, on_write(number, kill))
    run.communicate(timeout=300)
    setattr(server, when, lambda _: None)
    for (kind, *_), item in server.objects.items():
        if kind == "Lease":
            item["spec"]["leaseDurationSeconds"] = 1  # nobody waits a minute in a test
    return was_killed.is_set()


def generations(server: WorkloadServer) -> int:
    """How often the Deployment's specification was changed, with its creation."""
    found: int = server.objects["Deployment", "shop", "web"]["metadata"]["generation"]
    return found


@pytest.mark.parametrize(("number", "when"), [(3, "after"), pytest.param(5, "before", marks=pytest.mark.long)])
def test_a_process_that_is_killed_is_finished_by_the_next(
    shop: Repository, server: WorkloadServer, number: int, when: Literal["before", "after"]
) -> None:
    assert killed_at(shop, server, number, when)
    assert state_of(started(shop, server)) == "succeeded"
    assert (web(server), generations(server)) == ((6, _AFTER), 3)
    assert state_of(started(shop, server)) == "already_applied"
    assert generations(server) == 3


@pytest.mark.parametrize("appliers", [2, pytest.param(5, marks=pytest.mark.long)])
def test_of_several_runs_at_once_one_writes(shop: Repository, server: WorkloadServer, appliers: int) -> None:
    runs = [started(shop, server) for _ in range(appliers)]
    states = sorted(state_of(run) for run in runs)
    assert states == ["already_applied"] * (appliers - 1) + ["succeeded"]
    assert generations(server) == 3


def test_runs_whose_lock_is_deleted_still_write_each_field_once(shop: Repository, server: WorkloadServer) -> None:
    def delete() -> None:
        server.objects.pop(("Lease", "shop", "infra-scale"), None)

    server.after = on_write(3, delete)
    runs = [started(shop, server) for _ in range(2)]
    for run in runs:
        run.communicate(timeout=300)
    assert web(server) == (6, _AFTER)
    assert generations(server) == 3
