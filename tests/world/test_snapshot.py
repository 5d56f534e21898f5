"""A cluster is captured with the real kubectl, from an API server that holds real objects."""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra_scale.core.documents.snapshot import read_snapshot
from infra_scale.core.schema.catalogue import SNAPSHOT
from infra_scale.model.snapshot import ClusterSnapshot, Gap
from support.cluster_server import ClusterServer, serving
from support.kube_objects import ADDRESS, CANARY, Object, cluster, node
from support.pure import source
from support.repository import CHECKOUT, Repository

_PATH = "ops/clusters/prod-eu-1/snapshot.yaml"
_SCHEMA = (CHECKOUT / "schemas" / SNAPSHOT).read_text(encoding="utf-8")


@pytest.fixture
def api() -> Iterator[ClusterServer]:
    """The API server of prod-eu-1."""
    with serving(cluster()) as server:
        yield server


@pytest.fixture
def shop(repository: Repository) -> Repository:
    """A repository that manages the namespace shop of prod-eu-1."""
    repository.write("ops/targets/prod.yaml", "clusters: [{name: prod-eu-1, context: admin@eu-1}]\n")
    request = "target: prod\nnamespace: shop\nworkloads: [{kind: Deployment, name: web, replicas: 3}]\n"
    repository.write("requests/web.yaml", request)
    return repository


def _capture(
    repository: Repository, api: ClusterServer, *more: str, code: int = 0, context: str = "admin@eu-1"
) -> "subprocess.CompletedProcess[str]":
    config = str(api.kubeconfig(repository.root / "kubeconfig", context))
    variables = {"HOME": str(repository.root), "KUBECONFIG": "", "KUBECACHEDIR": str(repository.root / "cache")}
    arguments = ("snapshot", "prod-eu-1", "--kubeconfig", config, *more)
    return repository.completed(*arguments, code=code, variables=variables)


def _read(text: str) -> ClusterSnapshot:
    snapshot, findings = read_snapshot(source(text, _PATH), schema=_SCHEMA)
    assert findings == ()
    assert snapshot
    return snapshot


def _saved(folder: Path, objects: list[Object], name: str = "objects.json") -> str:
    file = folder / name
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), encoding="utf-8")
    return str(file)


def test_a_cluster_is_captured_into_its_file(shop: Repository, api: ClusterServer) -> None:
    done = _capture(shop, api)

    assert done.stdout == f"created   {_PATH}: 3 nodes (3 added), 1 namespace (1 added), 1 workload (1 added)\n"
    assert done.stderr == ""
    snapshot = _read(shop.read(_PATH))
    assert (snapshot.cluster, snapshot.kubernetes_version) == ("prod-eu-1", "v1.33.1-eks-1")
    assert snapshot.captured_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert [(pool.name, pool.current) for pool in snapshot.pools] == [("general", 2), ("spot", 1)]
    (live,) = snapshot.workloads
    assert (live.replicas, sum(count for _, count in live.placement)) == (3, 3)
    assert live.hpa
    assert live.vpa
    assert live.budgets
    assert snapshot.gaps == ()


def test_a_second_look_at_the_same_cluster_says_that_nothing_has_changed(shop: Repository, api: ClusterServer) -> None:
    _capture(shop, api)
    before = shop.read(_PATH)

    done = _capture(shop, api)

    assert done.stdout == f"updated   {_PATH}: 3 nodes (unchanged), 1 namespace (unchanged), 1 workload (unchanged)\n"
    assert shop.read(_PATH) == before


def test_nothing_secret_is_kept(shop: Repository, api: ClusterServer) -> None:
    _capture(shop, api)

    text = shop.read(_PATH)
    assert CANARY not in text
    assert ADDRESS not in text


def test_lists_are_asked_for_in_pages_and_put_together(shop: Repository, api: ClusterServer) -> None:
    api.objects += [node(number) for number in range(10, 20)]
    api.page = 4

    _capture(shop, api)

    assert sum(one.times for one in _read(shop.read(_PATH)).nodes) == 13
    pages = [path for path in api.asked if path.startswith("/api/v1/nodes?")]
    assert len(pages) == 4
    assert all("limit=500" in path for path in pages)


def test_only_the_context_that_is_named_is_asked(shop: Repository, api: ClusterServer) -> None:
    """The current one leads to a closed port."""
    shop.write("ops/targets/prod.yaml", "clusters: [{name: prod-eu-1}]\n")

    _capture(shop, api, context="prod-eu-1")
    _capture(shop, api, "--context", "other", context="other")
    done = _capture(shop, api, context="other", code=1)

    assert 'context "prod-eu-1" does not exist' in done.stderr
    assert "select one with --context" in done.stderr


@pytest.mark.parametrize("resource", ["nodes", "pods", "resourcequotas", "replicasets"])
def test_what_a_snapshot_needs_must_be_shown(shop: Repository, api: ClusterServer, resource: str) -> None:
    api.forbidden = {resource}

    done = _capture(shop, api, code=1)

    assert f'cannot list resource "{resource}"' in done.stderr
    assert "nothing was written; docs/how-to-snapshot.md has the role that allows it" in done.stderr
    assert not (shop.root / _PATH).exists()


def test_what_else_is_not_shown_is_said_on_the_terminal_and_in_the_file(shop: Repository, api: ClusterServer) -> None:
    api.forbidden = {"verticalpodautoscalers", "namespaces"}

    done = _capture(shop, api)

    vpas = "verticalpodautoscalers.autoscaling.k8s.io"
    assert f"unknown: {vpas} (forbidden); the snapshot lists it under `unknown`" in done.stderr
    snapshot = _read(shop.read(_PATH))
    assert snapshot.gaps == (Gap(vpas, "forbidden"), Gap("namespaces", "forbidden"))
    assert snapshot.cluster_uid is None


def test_a_cluster_without_the_extensions_has_none_of_their_objects(shop: Repository, api: ClusterServer) -> None:
    api.extensions = ()
    api.objects = [one for one in api.objects if one["kind"] != "VerticalPodAutoscaler"]

    done = _capture(shop, api)

    assert done.stderr == ""
    assert _read(shop.read(_PATH)).gaps == ()


def test_a_server_that_does_not_answer_is_given_up(shop: Repository, api: ClusterServer) -> None:
    api.hanging = {"pods"}

    done = _capture(shop, api, "--timeout", "1", code=1)

    assert ": no answer within 1 seconds" in done.stderr
    assert "--timeout" in done.stderr
    assert not (shop.root / _PATH).exists()


def test_a_server_that_is_not_there_is_said(shop: Repository, api: ClusterServer) -> None:
    done = _capture(shop, api, "--context", "elsewhere", code=1)

    assert "kubectl version" in done.stderr
    assert "--context elsewhere get nodes` reaches the API server" in done.stderr


def test_what_kubectl_has_saved_gives_the_same_file(shop: Repository, api: ClusterServer) -> None:
    _capture(shop, api)
    asked = shop.read(_PATH)
    (shop.root / _PATH).unlink()
    versions = shop.write("version.json", '{"serverVersion": {"gitVersion": "v1.33.1-eks-1"}}')
    parts = [_saved(shop.root, cluster()[:4], "1.json"), _saved(shop.root, cluster()[4:], "2.json")]

    done = shop.completed(
        "snapshot", "prod-eu-1", "--captured-at", "2026-01-01T00:00:00Z", "--from", str(versions), *parts
    )

    assert shop.read(_PATH) == asked
    assert done.stderr == ""


def test_what_was_saved_may_come_by_standard_input_and_go_to_standard_output(shop: Repository) -> None:
    file = _saved(shop.root, cluster())

    done = shop.tool("sh", "-c", f"infra-scale snapshot prod-eu-1 --from - --output - <'{file}'")

    assert _read(done.stdout).workloads
    assert not (shop.root / _PATH).exists()


def test_the_output_goes_where_a_link_leads_and_into_a_pipe_and_neither_is_replaced(shop: Repository) -> None:
    os.mkfifo(shop.root / "pipe")
    shop.write("elsewhere/eu.yaml", "before\n")
    (shop.root / "link.yaml").symlink_to("elsewhere/eu.yaml")
    reader = os.open(shop.root / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    capture = ("snapshot", "prod-eu-1", "--captured-at", "2026-01-01T00:00:00Z", "--from")

    for place in ("pipe", "link.yaml"):
        shop.run(*capture, _saved(shop.root, cluster()), "--output", place)
    heard = os.read(reader, 1 << 16).decode()
    os.close(reader)

    assert _read(heard).workloads
    assert (shop.root / "pipe").is_fifo()
    assert _read(shop.read("elsewhere/eu.yaml")).workloads
    assert (shop.root / "link.yaml").is_symlink()


def test_a_kubeconfig_in_the_home_of_nobody_is_kubectls_to_refuse(shop: Repository) -> None:
    done = shop.completed("snapshot", "prod-eu-1", "--kubeconfig", "~no-such-user/config", code=1)

    assert "~no-such-user/config: no such file" in done.stderr


def test_a_kind_of_which_nothing_was_saved_is_named(shop: Repository) -> None:
    file = _saved(shop.root, [one for one in cluster() if one["kind"] not in ("ResourceQuota", "LimitRange")])

    done = shop.completed(
        "snapshot", "prod-eu-1", "--captured-at", "2026-01-01T00:00:00Z", "--output", "-", "--from", file
    )

    assert "has no objects of these kinds: ResourceQuota, LimitRange" in done.stderr


def test_bounds_that_people_wrote_survive(shop: Repository, api: ClusterServer) -> None:
    _capture(shop, api)
    written = shop.read(_PATH).replace("    current: 2\n", "    min: 2\n    max: 8\n    current: 2\n", 1)
    shop.write(_PATH, written)

    _capture(shop, api)

    (general, spot) = _read(shop.read(_PATH)).pools
    assert (general.minimum, general.maximum) == (2, 8)
    assert (spot.minimum, spot.maximum) == (None, None)


def test_a_file_before_that_cannot_be_read_is_left_alone(shop: Repository, api: ClusterServer) -> None:
    shop.write(_PATH, "metadata: {cluster: prod-eu-1}\n")

    done = _capture(shop, api, code=1)

    assert "the previous snapshot cannot be read, and it may have bounds of pools" in done.stderr
    assert shop.read(_PATH) == "metadata: {cluster: prod-eu-1}\n"


def test_a_namespace_that_nobody_manages_is_captured_when_it_is_named(shop: Repository, api: ClusterServer) -> None:
    _capture(shop, api, "--namespace", "kube-system")

    assert [state.name for state in _read(shop.read(_PATH)).namespaces] == ["kube-system", "shop"]


def test_a_link_is_not_followed(shop: Repository, api: ClusterServer, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (shop.root / "ops/clusters").symlink_to(outside)

    _capture(shop, api, code=1)

    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Prod_EU",), "got 'Prod_EU'"),
        (("eu", "--timeout", "0"), "--timeout must be more than 0 and at most 3600 seconds"),
        (("eu", "--captured-at", "yesterday"), "--captured-at must be a time in UTC"),
        (("eu", "--captured-at", "2026-02-31T00:00:00Z"), "--captured-at must be a time in UTC"),
        (("eu", "--from", "a.json"), "--from needs --captured-at"),
        (("eu", "--from", "-", "--context", "eu"), "--from cannot be combined with --context or --kubeconfig"),
        (("eu", "--namespace", "a/b"), "got 'a/b'"),
        (("eu", "--context", "--all"), "expected one argument"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(shop: Repository, arguments: tuple[str, ...], said: str) -> None:
    done = shop.completed("snapshot", *arguments, code=2)

    assert said in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON: line 1"),
        ('{"kind": "Namespace", "metadata": {"name": "a"}}\n\n{"kind": }', "is not JSON: line 3"),
        ("[]", "expected a Kubernetes object, found '[]'"),
        ('{"kind": "Node", "apiVersion": "v1"}', "a Node has no name"),
        (
            '{"kind": "Node", "apiVersion": "v1", "metadata": {"name": "a"}, "status": {"allocatable": {"cpu": "x"}}}',
            "Node a is not in the API's format",
        ),
    ],
)
def test_what_is_no_answer_of_an_api_server_is_refused(shop: Repository, content: str, said: str) -> None:
    shop.write("saved.json", content)
    moment = "2026-01-01T00:00:00Z"

    done = shop.completed("snapshot", "prod-eu-1", "--captured-at", moment, "--from", "saved.json", code=1)

    assert said in done.stderr
    assert not (shop.root / _PATH).exists()
