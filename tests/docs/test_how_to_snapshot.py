"""The page on snapshots: commands print what it shows, and its role allows what is asked for, and no more."""

import json
import re

import yaml

from infra_scale.usecases.snapshot import EXTENSIONS, RESOURCES
from support.kube_objects import cluster, kube_system
from support.repository import CHECKOUT, Repository

_PAGE = CHECKOUT / "docs/how-to-snapshot.md"
_BLOCK = re.compile(r"^```console\n\$ (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROLE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_its_commands_print_what_it_shows(repository: Repository, refresh: bool) -> None:
    repository.write("requests/.keep", "")
    repository.write("cluster.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": cluster()[1:]}))
    repository.write("system.json", json.dumps(kube_system()))
    repository.write("version.json", '{"serverVersion": {"gitVersion": "v1.33.1"}}')

    def run(block: re.Match[str]) -> str:
        done = repository.tool("sh", "-c", block[1])
        return f"```console\n$ {block[1]}\n{done.stdout}{done.stderr}```"

    text = _PAGE.read_text(encoding="utf-8")
    real = _BLOCK.sub(run, text)

    if refresh:
        _PAGE.write_text(real, encoding="utf-8")
    assert _PAGE.read_text(encoding="utf-8") == real


def test_its_role_allows_what_is_asked_for_and_no_more() -> None:
    (text,) = _ROLE.findall(_PAGE.read_text(encoding="utf-8"))
    *listed, system = yaml.safe_load(text)["rules"]

    allowed = {
        f"{name}.{group}".strip(".") for rule in listed for group in rule["apiGroups"] for name in rule["resources"]
    }
    assert allowed == {*RESOURCES, *EXTENSIONS}
    assert all(
        rule.keys() == {"apiGroups", "resources", "verbs"} and rule["verbs"] == ["get", "list"] for rule in listed
    )
    assert system == {
        "apiGroups": [""],
        "resources": ["namespaces"],
        "resourceNames": ["kube-system"],
        "verbs": ["get"],
    }
