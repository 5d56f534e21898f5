"""Editors, by the language server that they run: it completes, explains and underlines what our schemas say."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from infra_scale.core.documents.request import read_request
from infra_scale.model.position import Route
from support.editor import Editor, editor
from support.pages import blocks
from support.pure import SCHEMAS, source
from support.repository import CHECKOUT, Repository

_CASES = CHECKOUT / "tests/cases"
_MODELINE = "# yaml-language-server: $schema=../schemas/scale-request.schema.json\n"

# Where the editor's line is another one: the two read the same fault differently.
_APART = {
    "merge-key": "the server resolves `<<`, which YAML 1.2 does not have and we refuse",
    "signs-and-percentages": "`+2` is a number to the server, and a change of a number to who writes it",
    "misspelt-only-key": "the server says besides that nothing is asked for; we leave that to the misspelt key",
}

_REQUEST = f"""\
{_MODELINE}target: prod
autoscaling: hpa
workloads:
  - kind: Deployment
    name: web
    replicas: 6
    hpa: {{min: 4, max: 12, behavior: {{scaleDown: {{selectPolicy: Min}}}}}}
    {{}}
"""

_WHOLE = f"""\
{_MODELINE}apiVersion: infra.scale/v1
kind: ScaleRequest
target: prod
namespace: assistant
autoscaling: hpa
owner: team-assistant
reason: Launch
ticket: OPS-1
workloads:
  - kind: Deployment
    name: web
    namespace: assistant
    cluster: prod-eu-1
    replicas: 6
    container: app
    requests: {{cpu: 500m, mem: 1Gi}}
    limits: {{memory: 2Gi}}
    hpa:
      min: 4
      max: 12
      targetCPU: 65
      targetMemory: 70
      container: app
      behavior:
        scaleUp:
          stabilizationWindowSeconds: 0
          selectPolicy: Max
          policies: [{{type: Pods, value: 4, periodSeconds: 15}}]
        scaleDown: {{selectPolicy: Min}}
    handover: {{from: replicas, replicas: 6}}
    allow: [{{rule: REP-001, reason: Load test, until: "2026-12-31"}}]
  - kind: Deployment
    name: api
    vpa: {{mode: "Off", min: {{cpu: 1}}, max: {{cpu: 2}}, controlledResources: [cpu], controlledValues: RequestsOnly}}
  - kind: Job
    name: import
    parallelism: 4
    suspend: true
  - kind: Deployment
    name: worker
    keda:
      min: 0
      max: 20
      pollingInterval: 30
      cooldownPeriod: 300
      fallback: {{failureThreshold: 3, replicas: 4}}
      triggers:
        - type: prometheus
          name: jobs
          metricType: Value
          metadata: {{query: up}}
          authenticationRef: {{name: prometheus, kind: TriggerAuthentication}}
"""

Answer = TypeVar("Answer")


def _ask(folder: Path, question: Callable[[Editor], Awaitable[Answer]], **schemas: str) -> Answer:
    """What an editor answers that has the folder open; `schemas` are patterns by the name of a schema."""
    home = CHECKOUT / "schemas"
    by_address = {(home / f"{name.replace('_', '-')}.schema.json").as_uri(): what for name, what in schemas.items()}

    async def session() -> Answer:
        async with editor(folder, schemas=by_address) as window:
            return await question(window)

    return asyncio.run(session())


@pytest.fixture
def opened(repository: Repository) -> Repository:
    """A repository as `infra-scale init` leaves it: schemas beside the requests, named by their first line."""
    shutil.copytree(CHECKOUT / "schemas", repository.root / "schemas")
    return repository


def _offered(opened: Repository, text: str) -> list[str]:
    """What is offered at the mark `|` of a file."""
    line = text[: text.index("|")].count("\n") + 1
    column = len(text[: text.index("|")].rpartition("\n")[2]) + 1
    file = opened.write("requests/web.yaml", text.replace("|", "", 1))

    async def question(window: Editor) -> list[str]:
        await window.open(file)
        return await window.completions(file, line, column)

    return _ask(opened.root, question)


def test_an_editor_completes_the_keys_of_a_workload_that_are_not_there_yet(opened: Repository) -> None:
    offered = _offered(opened, _REQUEST.replace("{}", "|"))

    schema = json.loads((CHECKOUT / "schemas/scale-request.schema.json").read_text(encoding="utf-8"))
    every = schema["$defs"]["workload"]["properties"]
    assert offered == [key for key in every if key not in ("kind", "name", "replicas", "hpa")]


@pytest.mark.parametrize(
    ("written", "marked", "values"),
    [
        ("autoscaling: hpa", "autoscaling: |", ["hpa", "none"]),
        (
            "kind: Deployment",
            "kind: |",
            ["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job", "CronJob", "Rollout"],
        ),
        ("selectPolicy: Min", "selectPolicy: |", ["Max", "Min", "Disabled"]),
    ],
)
def test_an_editor_completes_the_values_of_a_choice(
    opened: Repository, written: str, marked: str, values: list[str]
) -> None:
    offered = _offered(opened, _REQUEST.replace("    {}\n", "").replace(written, marked))

    assert sorted(offered) == sorted(values)


def _described(schema: dict[str, Any], route: Route) -> tuple[str, str]:
    """Title and description of the property at a route."""

    def resolved(node: dict[str, Any]) -> dict[str, Any]:
        name = node.get("$ref", "").removeprefix("#/$defs/")
        return {**resolved(schema["$defs"][name]), **node} if name else node

    node = schema
    for part in route:
        node = resolved(node["items"] if isinstance(part, int) else node["properties"][part])
    return node["title"], node["description"]


def _keys(node: yaml.Node | None, route: Route = ()) -> Iterator[tuple[Route, yaml.Mark]]:
    """Where each key of a file is written."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*route, key.value), key.start_mark
            yield from _keys(value, (*route, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _keys(item, (*route, index))


def _plain(text: str) -> str:
    """Text without what Markdown needs to say it."""
    return text.replace("\\", "").replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ")


def test_hovering_a_key_shows_its_title_and_its_description(opened: Repository) -> None:
    file = opened.write("requests/whole.yaml", _WHOLE)
    schema = json.loads((CHECKOUT / "schemas/scale-request.schema.json").read_text(encoding="utf-8"))
    keys = {route: at for route, at in _keys(yaml.compose(_WHOLE)) if "metadata" not in route[:-1]}

    async def question(window: Editor) -> dict[Route, str]:
        await window.open(file)
        return {route: await window.hover(file, at.line + 1, at.column + 1) for route, at in keys.items()}

    shown = _ask(opened.root, question)

    assert len(shown) > 60
    for route, text in shown.items():
        title, description = _described(schema, route)
        assert f"#### {title}" in text, route
        assert description in _plain(text), route


def test_the_settings_that_the_page_shows_bind_both_schemas(opened: Repository) -> None:
    page = (CHECKOUT / "docs/how-to-editor.md").read_text(encoding="utf-8")
    (shown,) = (block["body"] for block in blocks(page) if block["language"] == "json")
    schemas = json.loads(shown.removeprefix("// .vscode/settings.json\n"))["yaml.schemas"]
    request = opened.write(
        "requests/shop/web.yml", "target: prod\nnamespce: shop\nworkloads: [{kind: Job, name: a, parallelism: 1}]\n"
    )
    target = opened.write("ops/targets/prod.yaml", "description: Production\nclusterz: []\n")

    async def session() -> list[tuple[int, str]]:
        async with editor(opened.root, schemas=schemas) as window:
            return [
                (one.range.start.line + 1, one.message) for file in (request, target) for one in await window.open(file)
            ]

    assert asyncio.run(session()) == [
        (2, "Property namespce is not allowed."),
        (2, "Property clusterz is not allowed."),
    ]


def _files(kind: str, folder: str) -> Iterator[tuple[str, Path]]:
    for case in sorted((_CASES / kind).iterdir()):
        for file in sorted((case / folder).rglob("[!.]*.yaml")):
            yield case.name, file


def _underlined(files: list[Path]) -> dict[Path, set[int]]:
    """The lines of each file that the editor underlines."""

    async def question(window: Editor) -> dict[Path, set[int]]:
        return {file: {one.range.start.line + 1 for one in await window.open(file)} for file in files}

    return _ask(_CASES, question, scale_request="**/requests/**", target="**/ops/targets/**")


def _refused(file: Path) -> dict[str, set[int]]:
    """The lines of a file with faults of form, by the first letters of their rules."""
    reading = read_request(source(file.read_bytes(), file.name), schema=SCHEMAS.request)
    lines: dict[str, set[int]] = {}
    for one in reading.findings:
        if one.rule.startswith(("SCH-", "YML-")) and one.position:
            lines.setdefault(one.rule[:3], set()).add(one.position.line)
    return lines


@pytest.mark.long
def test_the_editor_underlines_the_lines_that_we_refuse() -> None:
    """And perhaps others: of several faults with one cause, such as a pasted manifest, we report one."""
    told = {file: _refused(file) for case, file in _files("refused", "requests") if case not in _APART}
    readable = {file: lines.get("SCH", set()) for file, lines in told.items() if "YML" not in lines}

    underlined = _underlined([*readable])

    assert {file for file, lines in readable.items() if not lines <= underlined[file]} == set()
    assert {file for file, lines in underlined.items() if lines} == {file for file, lines in readable.items() if lines}
    assert len([file for file, lines in readable.items() if lines]) > 15


def test_the_editor_underlines_every_file_that_is_no_yaml() -> None:
    broken = [file for case, file in _files("refused", "requests") if case.startswith("yaml-")]

    underlined = _underlined(broken)

    assert len(broken) > 5
    assert all(underlined.values())


@pytest.mark.long
def test_the_editor_finds_nothing_in_what_we_accept() -> None:
    files = [file for folder in ("requests", "ops/targets") for _, file in _files("accepted", folder)]

    underlined = _underlined(files)

    assert len(files) > 20
    assert {file.as_posix(): lines for file, lines in underlined.items() if lines} == {}
