"""The page on Argo CD, Flux and kubectl: its files are those of examples/, engines take them, and they build."""

import re
import shutil
from pathlib import Path, PurePosixPath

import pytest
import yaml

from support.kustomize import build, faults_of_custom_resources
from support.repository import CHECKOUT

_PAGE = CHECKOUT / "docs/how-to-gitops.md"
_FILE = re.compile(r"^```yaml\n# (examples/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ENGINES = ["argocd/application.yaml", "argocd/applicationset.yaml", "flux/kustomization.yaml"]


def _read(name: str) -> dict[str, object]:
    found = yaml.safe_load((CHECKOUT / "examples/gitops" / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _paths(engine: str) -> tuple[str, str]:
    """The folder that an engine builds, and the Component that it adds, with `prod-eu-1` for the cluster of a set."""
    text = (
        (CHECKOUT / "examples/gitops" / engine).read_text(encoding="utf-8").replace("{{.nameNormalized}}", "prod-eu-1")
    )
    path = re.search(r"^ +path: (?:\./)?(\S+)$", text, re.MULTILINE)
    component = re.search(r'^ +- "?([./]*ops/rendered/\S+?)"?$', text, re.MULTILINE)
    assert path
    assert component
    return path[1], component[1]


def test_the_page_shows_the_files_as_they_are(refresh: bool) -> None:
    def file(found: re.Match[str]) -> str:
        content = (CHECKOUT / found[1]).read_text(encoding="utf-8")
        return f"```yaml\n# {found[1]}\n{content}```"

    text = _PAGE.read_text(encoding="utf-8")
    real = _FILE.sub(file, text)

    if refresh:
        _PAGE.write_text(real, encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == real
    assert len(_FILE.findall(real)) == 1 + len(_ENGINES)


def test_the_schemas_of_argo_cd_and_flux_take_the_examples_and_refuse_a_misspelt_key() -> None:
    application = _read("argocd/application.yaml")
    misspelt = {**application, "spec": {**application["spec"], "destinatoin": {}}}  # type: ignore[dict-item]  # a mapping

    *good, bad = faults_of_custom_resources([*map(_read, _ENGINES), misspelt])

    assert good == [[], [], []]
    assert any("destinatoin" in fault for fault in bad)


@pytest.mark.parametrize("engine", _ENGINES)
def test_what_an_engine_is_pointed_at_builds_to_the_application_with_its_hpa(engine: str, tmp_path: Path) -> None:
    path, component = _paths(engine)
    for folder in ("examples", "ops"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)
    overlay = tmp_path / PurePosixPath(path).parent / "engine"  # what the engines do: a component beside the path
    overlay.mkdir()
    written = {"kind": "Kustomization", "resources": ["../base"], "components": [component]}
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")

    built = build(overlay)

    assert ("HorizontalPodAutoscaler", "assistant", "web") in built
    assert "replicas" not in built["Deployment", "assistant", "web"]["spec"]
    assert (tmp_path / path).name == "base"
