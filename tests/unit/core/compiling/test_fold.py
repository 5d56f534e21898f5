"""The fold of compiled requests, one by one, and what it reads again."""

from collections.abc import Collection, Iterable, Mapping

from infra_scale.core.compiling.compiled import NOTHING_BESIDE, CompiledRequest, Folded
from infra_scale.core.compiling.context import Context
from infra_scale.core.compiling.environment import read_environment
from infra_scale.core.compiling.fold import Requests
from infra_scale.core.compiling.request import compile_request
from infra_scale.core.documents.request import Reading, read_request
from infra_scale.model.source import Found
from infra_scale.model.state import Rest
from support.pure import SCHEMAS, source

_WEB = "target: prod\nnamespace: shop\nworkloads: [{kind: Deployment, name: web, replicas: 3}]\n"
_API = _WEB.replace("name: web", "name: api")
_IN_THE_WAY = source("mine", "ops/plans/infra-scale/prod/web")
_TARGET = source("clusters: [{name: eu}]\n", "ops/targets/prod.yaml")


class _Repository:
    """Requests in memory, and some generated files."""

    def __init__(self, requests: Mapping[str, str], generated: Iterable[Found] = ()) -> None:
        self.environment = read_environment(Context(SCHEMAS, targets=(_TARGET,)))
        self._readings = {
            path: read_request(source(text, path), schema=SCHEMAS.request) for path, text in sorted(requests.items())
        }
        self._generated = tuple(generated)
        self.read_again: list[str] = []

    def compiled(self) -> Iterable[CompiledRequest]:
        return [compile_request(reading, self.environment) for reading in self._readings.values()]

    def reading(self, path: str) -> Reading:
        self.read_again.append(path)
        return self._readings[path]

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        assert not passed_over
        return Rest(tuple(item for item in self._generated if hash(item.path) not in wanted))

    def folded(self, *, prunes: bool = False) -> Folded:
        requests = Requests(self.environment, prunes=prunes)
        for one in self.compiled():
            requests.add(one, NOTHING_BESIDE)
        assert requests.added == requests.selected == len(self._readings)
        return requests.finish(self)


def _rules(folded: Folded) -> dict[str, str]:
    return {finding.path: finding.rule for finding in folded.findings}


def _files(repository: _Repository) -> list[Found]:
    return [source(content, path) for one in repository.compiled() for path, content in one.files.items()]


def test_requests_without_a_conflict_are_not_read_again() -> None:
    repository = _Repository({"requests/api.yaml": _API, "requests/web.yaml": _WEB})

    folded = repository.folded()

    assert folded.out == frozenset()
    assert folded.findings == frozenset()
    assert [*folded.files] == ["ops/rendered/infra-scale/eu/shop/kustomization.yaml"]
    assert repository.read_again == []


def test_only_requests_in_conflict_are_read_again_and_left_out() -> None:
    repository = _Repository({"requests/a.yaml": _WEB, "requests/api.yaml": _API, "requests/b.yaml": _WEB})

    folded = repository.folded()

    assert folded.out == folded.colliding == {"requests/a.yaml", "requests/b.yaml"}
    assert _rules(folded) == {"requests/a.yaml": "GIT-001", "requests/b.yaml": "GIT-001"}
    assert repository.read_again == ["requests/a.yaml", "requests/b.yaml"]
    (component,) = folded.files.values()
    assert b"deployment-api" in component
    assert b"deployment-web" not in component


def test_the_files_of_a_request_that_is_gone_are_obsolete_and_those_of_a_refused_one_stay() -> None:
    both = _Repository({"requests/api.yaml": _API, "requests/web.yaml": _WEB})
    committed = _files(both)

    folded = _Repository({"requests/web.yaml": _WEB.replace("replicas: 3", "replicas: -3")}, committed).folded()

    assert folded.obsolete
    assert all("api" in path for path in folded.obsolete)
    assert all("web" in path for path in folded.unverified)


def test_a_file_where_a_plan_belongs_leaves_its_request_out() -> None:
    folded = _Repository({"requests/web.yaml": _WEB}, [_IN_THE_WAY]).folded()

    assert folded.out == {"requests/web.yaml"}
    assert {finding.rule for finding in folded.findings} == {"PLN-004"}


def test_with_pruning_a_file_where_a_plan_belongs_is_only_unexpected() -> None:
    folded = _Repository({"requests/web.yaml": _WEB}, [_IN_THE_WAY]).folded(prunes=True)

    assert folded.out == frozenset()
    assert folded.unexpected == (_IN_THE_WAY,)
