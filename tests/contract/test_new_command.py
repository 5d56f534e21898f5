"""`infra-scale new`: a request file from flags or answers."""

import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from support.amounts import HANGS
from support.repository import COMMAND, Repository

_FLAGS = [
    ["--target=prod", "--namespace=assistant", "--workload=Deployment:web:8"],
    [
        "--namespace=assistant",
        "--workload=Deployment:web:6",
        "--req=web:cpu=500m,mem=1024Mi",
        "--lim=web:cpu=1,mem=2Gi",
        "--hpa=min:4,max:12,cpu:65",
    ],
    [
        "--target=staging",
        "--workload=Deployment:api:4",
        "--workload=DaemonSet:agent",
        "--req=api:cpu=300m",
        "--req=agent:mem=256Mi",
    ],
    ["--autoscaling=none", "--workload=StatefulSet:db:20", "--hpa=max:3"],
]


@pytest.mark.parametrize("flags", _FLAGS, ids=" ".join)
def test_the_request_compiles_to_the_actions_that_the_flags_plan(repository: Repository, flags: list[str]) -> None:
    planned = repository.run("plan", *flags).split("plan_yaml=")[1].splitlines()[0]

    path = repository.run("new", "team/web", *flags).strip()
    repository.run("compile")

    target = yaml.safe_load(repository.read(path))["target"]
    compiled = yaml.safe_load(repository.read(f"ops/plans/infra-scale/{target}/team/web/plan.yaml"))
    from_flags = yaml.safe_load(Path(planned).read_text(encoding="utf-8"))
    for key in ("actions", "risks", "notes", "assumptions"):
        assert compiled[key] == from_flags[key]


def test_the_file_has_a_modeline_comments_and_the_canonical_order(repository: Repository) -> None:
    path = repository.run("new", "a/b", *_FLAGS[1], "--owner=team-a", "--reason=Launch: on").strip()

    lines = repository.read(path).splitlines()
    assert path == "requests/a/b.yaml"
    assert lines[0] == "# yaml-language-server: $schema=../../schemas/scale-request.schema.json"
    keys = [line.split(":")[0] for line in lines if line and not line.startswith((" ", "#"))]
    assert keys == ["target", "namespace", "autoscaling", "owner", "reason", "createdAt", "workloads"]
    assert yaml.safe_load("\n".join(lines))["reason"] == "Launch: on"


def test_an_existing_request_is_replaced_only_with_force(repository: Repository) -> None:
    repository.write("requests/web.yaml", "mine\n")

    done = repository.completed("new", "web", "--workload=Deployment:web:1", code=1)
    assert "requests/web.yaml already exists" in done.stderr
    assert repository.read("requests/web.yaml") == "mine\n"

    repository.run("new", "requests/web.yaml", "--workload=Deployment:web:1", "--force")
    assert "replicas: 1" in repository.read("requests/web.yaml")


def test_a_request_with_the_other_suffix_is_the_same_request(repository: Repository) -> None:
    repository.write("requests/web.yml", "mine\n")

    for force in ([], ["--force"]):
        done = repository.completed("new", "web", "--workload=Deployment:web:1", *force, code=1)
        assert "requests/web.yml already exists" in done.stderr
        assert "use its name: requests/web.yml" in done.stderr
    assert set(repository.tree("requests")) == {"requests/web.yml"}

    repository.run("new", "requests/web.yml", "--workload=Deployment:web:1", "--force")
    assert "replicas: 1" in repository.read("requests/web.yml")


def test_a_name_that_the_disk_does_not_take_is_said(repository: Repository) -> None:
    (repository.root / "requests").mkdir()

    assert "File name too long" in repository.completed("new", "w" * 300, "--workload=Deployment:web:1", code=1).stderr


@pytest.mark.parametrize("link", ["requests", "requests/team", "requests/team/web.yaml"])
def test_nothing_is_written_through_a_link(repository: Repository, link: str) -> None:
    place = repository.root / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(repository.root.parent / "elsewhere")
    (repository.root.parent / "elsewhere").mkdir()

    done = repository.completed("new", "team/web", "--workload=Deployment:web:1", "--force", code=1)

    assert f"{link} is a symbolic link" in done.stderr
    assert list((repository.root.parent / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "NAME and at least one --workload are required"),
        (["web"], 2, "NAME and at least one --workload are required"),
        (["../web", "--workload=Deployment:web:1"], 2, "../web cannot be the name of a request"),
        (["Web", "--workload=Deployment:web:1"], 2, "Web cannot be the name of a request"),
        (
            ["web", "--workload=Deployment:web:x"],
            1,
            '--workload=Deployment:web:x: replicas: expected a whole number, found "x"',
        ),
        (["web", "--workload=Deployment:web:1", "--owner=\x1b[31m"], 1, "invisible or control character U+001B"),
    ],
)
def test_what_cannot_be_written_is_explained(
    repository: Repository, arguments: list[str], code: int, message: str
) -> None:
    done = repository.completed("new", *arguments, code=code)

    assert message in done.stderr
    assert done.stdout == ""
    assert not (repository.root / "requests").exists()


def _conversation(repository: Repository, answers: list[tuple[str, str]], *arguments: str, code: int = 0) -> str:
    """Run `new` on a terminal, answer each question when it is asked, and return what was shown."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "INPUTRC": os.devnull}
    run = subprocess.Popen(
        [COMMAND, "new", *arguments],
        cwd=repository.root,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        close_fds=True,
    )
    os.close(slave)
    shown, waiting, deadline = "", list(answers), time.monotonic() + HANGS
    unread = ""
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.2)[0]:
            try:
                compile_request = os.read(master, 4096).decode()
            except OSError:  # the other end is closed
                break
            shown, unread = shown + compile_request, unread + compile_request
        while waiting and waiting[0][0] in unread:
            question, answer = waiting.pop(0)
            unread = unread.partition(question)[2]
            os.write(master, answer.encode())
    os.close(master)
    assert waiting == [], shown
    assert run.wait(timeout=HANGS) == code, shown
    return shown


def test_on_a_terminal_it_asks_for_what_is_missing_and_completes_what_is_known(repository: Repository) -> None:
    repository.write("ops/targets/prod.yaml", "description: Production\n")
    repository.write("ops/targets/staging.yaml", "description: Staging\n")
    (repository.root / "requests").mkdir()

    shown = _conversation(
        repository,
        [
            ("target (prod, staging) [prod]: ", "prdo\n"),
            ("unknown target `prdo`", ""),
            ("target (prod, staging) [prod]: ", "sta\t\n"),
            ("namespace [default]: ", "shop\n"),
            ("kind (Deployment, StatefulSet, ReplicaSet, DaemonSet, Rollout) [Deployment]: ", "St\t\n"),
            ("name: ", "Cart\n"),
            ("is not a valid name", ""),
            ("name: ", "cart\n"),
            ("replicas (empty: unchanged): ", "six\n"),
            ("replicas (empty: unchanged): ", "6\n"),
            ("requests, as cpu=500m,mem=1Gi", "cpu=1GB,x\n"),
            ("requests, as cpu=500m,mem=1Gi", "cpu=250m\n"),
            ("limits, as cpu=500m,mem=1Gi", "\n"),
            ("another workload? [y/N]: ", "\n"),
            ("HPA, as min:4,max:12,cpu:65", "max:9\n"),
            ("owner (optional): ", "team-shop\n"),
            ("reason (optional): ", "\n"),
            ("ticket (optional): ", "\n"),
            ("name of the request [shop/cart]: ", "\n"),
        ],
    )

    assert "requests/shop/cart.yaml" in shown
    request = yaml.safe_load(repository.read("requests/shop/cart.yaml"))
    assert (request["target"], request["owner"]) == ("staging", "team-shop")
    assert request["workloads"] == [
        {
            "kind": "StatefulSet",
            "name": "cart",
            "replicas": 6,
            "requests": {"cpu": "250m"},
            "hpa": {"min": 1, "max": 9, "targetCPU": 80},
        }
    ]
    repository.run("compile")


def test_a_flag_that_names_no_workload_is_no_reason_to_stop_asking(repository: Repository) -> None:
    shown = _conversation(
        repository,
        [("target [prod]: ", "\n"), ("namespace [default]: ", "\n"), ("name of the request: ", "web\n")],
        "--workload=Deployment",
        code=1,
    )

    assert "--workload=Deployment: expected Kind:name:replicas" in shown
