"""Whatever breaks while publishing, one more run ends in exactly one right pull request, one label and one branch."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from infra_scale.adapters.github import connection
from infra_scale.cli import publish
from support import fault_table
from support.amounts import HANGS
from support.github_server import Answer, Call, GitHubServer, Reset
from support.repository import REQUEST, Repository

BRANCH = "infra/scale-prod"
Serve = Callable[[], Answer]

_SHORT = 0.2
"""Seconds that the client waits for an answer that stalls; for all others it waits as long as it takes."""


def _says(status: int, message: str, **headers: str) -> Answer:
    return Answer(
        status,
        json.dumps({"message": message}).encode(),
        {name.replace("_", "-"): text for name, text in headers.items()},
    )


def _reset_before(serve: Serve) -> Answer:
    raise Reset


def _reset_after(serve: Serve) -> Answer:
    serve()
    raise Reset


def _truncated(serve: Serve) -> Answer:
    whole = serve()
    return whole._replace(body=whole.body[: len(whole.body) // 2], missing=len(whole.body) - len(whole.body) // 2)


def _stall(serve: Serve) -> Answer:
    time.sleep(2 * _SHORT)
    return serve()


def _failed_after(status: int) -> Callable[[Serve], Answer]:
    def answer(serve: Serve) -> Answer:
        serve()
        return _says(status, "Server Error")

    return answer


def _instead(answer: Callable[[], Answer]) -> Callable[[Serve], Answer]:
    def replaced(_: Serve) -> Answer:
        return answer()

    return replaced


_FAULTS: dict[str, Callable[[Serve], Answer]] = {
    "connection reset before the server acted": _reset_before,
    "connection reset after the server acted": _reset_after,
    "401": _instead(lambda: _says(401, "Bad credentials")),
    "403 rate limit with Retry-After": _instead(lambda: _says(403, "API rate limit exceeded", Retry_After="1")),
    "403 rate limit without Retry-After": _instead(
        lambda: _says(
            403, "API rate limit exceeded", X_RateLimit_Remaining="0", X_RateLimit_Reset=str(int(time.time()) + 1)
        )
    ),
    "404": _instead(lambda: _says(404, "Not Found")),
    "409": _instead(lambda: _says(409, "Conflict")),
    "422": _instead(lambda: _says(422, "Validation Failed")),
    "500": _instead(lambda: _says(500, "Server Error")),
    "502 before the server acted": _instead(lambda: _says(502, "Bad Gateway")),
    "502 after the server acted": _failed_after(502),
    "504 after the server acted": _failed_after(504),
    "a truncated body": _truncated,
    "a stall": _stall,
}


class World:
    """A look-alike of GitHub, a clone, and the bot in this process."""

    def __init__(self, server: GitHubServer, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        root.mkdir()
        self.server = server
        self.clone = Repository(root)
        self.clone.git("init", "--quiet", "--initial-branch=main")
        self.commit("requests/web.yaml", REQUEST)
        for name, value in {**server.environment, "SOURCE_DATE_EPOCH": "1767225600"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(connection, "_SECONDS", HANGS)
        self._monkeypatch = monkeypatch

    def commit(self, path: str, content: str | None) -> None:
        if content is None:
            (self.clone.root / path).unlink()
        else:
            self.clone.write(path, content)
        self.clone.git("add", "--all")
        self.clone.git("commit", "--quiet", "--allow-empty", "--message", "requests")
        self.server.push(self.clone)

    def publish(self) -> int:
        return publish.run(["--root", str(self.clone.root)])

    def broken_publish(self, number: int, fault: Callable[[Serve], Answer]) -> bool:
        """Run with the call of this number broken; whether there was such a call."""
        self.server.calls.clear()
        is_answered = threading.Event()

        def break_one(at: int, call: Call, serve: Serve) -> Answer:
            if at != number:
                return serve()
            try:
                return fault(serve)
            finally:
                is_answered.set()

        self.server.fault = break_one
        with self._impatient_at(number) if fault is _stall else nullcontext():
            self.publish()
        was_reached = len(self.server.calls) >= number
        assert not was_reached or is_answered.wait(HANGS)
        self.server.fault = None
        return was_reached

    @contextmanager
    def _impatient_at(self, number: int) -> Iterator[None]:
        send = HTTPAdapter.send

        def sent(adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401
            is_ours = str(request.url).startswith(self.server.api) and len(self.server.calls) == number - 1
            return send(adapter, request, **{**options, "timeout": _SHORT} if is_ours else options)

        with self._monkeypatch.context() as patch:
            patch.setattr(HTTPAdapter, "send", sent)
            yield


def _after_opening(world: World) -> None:
    (pull,) = world.server.get("pulls?state=open")
    assert [label["name"] for label in pull["labels"]] == ["needs-approval"]
    assert "replicas: 6" in pull["body"]
    assert len(world.server.get("labels?per_page=100")) == len(
        {label["name"] for label in world.server.get("labels?per_page=100")}
    )
    _has_one_branch(world)


def _after_updating(world: World) -> None:
    (pull,) = world.server.get("pulls?state=open")
    assert [label["name"] for label in pull["labels"]] == ["needs-approval"]
    assert "replicas: 9" in pull["body"]
    _has_one_branch(world)


def _has_one_branch(world: World) -> None:
    (ref,) = world.server.get("git/matching-refs/heads/infra/")
    tree = world.server.get(f"git/commits/{ref['object']['sha']}")["tree"]["sha"]
    files = {entry["path"] for entry in world.server.get(f"git/trees/{tree}?recursive=1")["tree"]}
    assert "ops/plans/infra-scale/prod/web/plan.yaml" in files


def _after_closing(world: World) -> None:
    assert world.server.get("pulls?state=open") == []
    assert world.server.get("git/matching-refs/heads/infra/") == []
    assert len(world.server.get("pulls?state=all")) == 1


def _to_open(world: World) -> None:
    pass


def _to_update(world: World) -> None:
    world.publish()
    world.commit("requests/web.yaml", REQUEST.replace("6", "9"))


def _to_close(world: World) -> None:
    world.publish()
    world.commit("requests/web.yaml", None)


_FLOWS = {
    "open": (_to_open, _after_opening),
    "update": (_to_update, _after_updating),
    "close": (_to_close, _after_closing),
}


@pytest.fixture
def worlds(server: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], World]:
    """New worlds, one after the other."""
    numbers = itertools.count()

    def make() -> World:
        server.finish()
        server.start_over()
        return World(server, tmp_path / str(next(numbers)), monkeypatch)

    return make


def _survives(world: World, flow: str, number: int, fault: str) -> bool:
    """Break one call of a flow, and look at the end of the next run; whether the flow has that many calls."""
    prepare, check = _FLOWS[flow]
    prepare(world)
    was_reached = world.broken_publish(number, _FAULTS[fault])
    assert world.publish() == 0, f"{flow}, call {number}: {fault}"
    check(world)
    world.server.calls.clear()
    assert world.publish() == 0
    assert [call for call in world.server.calls if call.writes] == []
    return was_reached


@pytest.mark.parametrize("flow", _FLOWS)
def test_after_a_broken_call_one_more_run_ends_right(worlds: Callable[[], World], flow: str) -> None:
    """Every call of every flow, each broken in one of the ways, in turn; `make faults` tries each in all ways."""
    ways = itertools.cycle(_FAULTS)
    for _ in range(5 * list(_FLOWS).index(flow)):  # another way for the same call of another flow
        next(ways)
    calls = itertools.takewhile(lambda number: _survives(worlds(), flow, number, next(ways)), range(1, 40))

    assert len(list(calls)) >= 7


@pytest.mark.long
@pytest.mark.parametrize("flow", _FLOWS)
@pytest.mark.parametrize("fault", _FAULTS)
def test_after_any_broken_call_one_more_run_ends_right(worlds: Callable[[], World], flow: str, fault: str) -> None:
    calls = list(itertools.takewhile(lambda number: _survives(worlds(), flow, number, fault), range(1, 40)))

    assert len(calls) >= 7
    fault_table.note(flow, fault, len(calls))
