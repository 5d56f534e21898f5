"""Jobs of a workflow, run as GitHub Actions runs them: each script in bash, our own action by its own steps."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from support.repository import CHECKOUT, Repository

_EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
_SHELL = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")

Job = Mapping[str, Any]


class _Script(NamedTuple):
    name: str
    text: str
    variables: dict[str, str]


class Runner:
    """A machine that runs jobs; what it has installed once is there for all of them."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._variables = {"RUNNER_TEMP": str(folder), **(variables or {})}
        self._installed: set[str] = set()

    def run(
        self,
        job: Job,
        repository: Repository,
        *,
        code: int = 0,
        variables: Mapping[str, str] | None = None,
        expressions: Mapping[str, str] | None = None,
    ) -> str:
        """What the scripts of a job print, up to the one that ends with `code`."""
        values = {"github.token": "", **(expressions or {})}
        said = ""
        for script in _scripts(job["steps"], {**values, **_environment(job, values)}):
            key = str(script) if script.name == "Install infra-scale" else ""
            if key in self._installed:
                continue
            given = {**self._variables, **(variables or {}), **script.variables}
            done = repository.tool(*_SHELL, script.text, code=None, variables=given)
            said += done.stdout
            if done.returncode:
                assert done.returncode == code, f"{script.name}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
                return said
            self._installed |= {key} - {""}
        assert code == 0, said
        return said


def jobs(repository: Repository, path: str) -> dict[str, Job]:
    """The jobs of a workflow by id."""
    found: dict[str, Job] = yaml.safe_load(repository.read(path))["jobs"]
    return found


def _scripts(steps: list[Job], values: Mapping[str, str]) -> Iterator[_Script]:
    for step in steps:
        if "run" in step:
            yield _Script(step.get("name", ""), step["run"], _environment(step, values))
        elif not step["uses"].startswith("actions/"):
            yield from _scripts_of_ours(step, values)


def _scripts_of_ours(step: Job, values: Mapping[str, str]) -> Iterator[_Script]:
    """Those of action.yml, with the inputs of a step."""
    ours = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
    given = {name: _evaluated(value, values) for name, value in step["with"].items()}
    assert given.keys() <= ours["inputs"].keys()
    inputs = {name: given.get(name, _evaluated(one.get("default", ""), values)) for name, one in ours["inputs"].items()}
    known = {**values, **{f"inputs.{name}": value for name, value in inputs.items()}}
    for script in _scripts(ours["runs"]["steps"], known):
        script.variables["GITHUB_ACTION_PATH"] = str(CHECKOUT)
        yield script


def _environment(node: Job, values: Mapping[str, str]) -> dict[str, str]:
    return {name: _evaluated(value, values) for name, value in node.get("env", {}).items()}


def _evaluated(text: object, values: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: values[found[1]], str(text))
