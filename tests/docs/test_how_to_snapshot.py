"""The role on the page about snapshots allows what is asked for, and no more."""

import re

import yaml

from infra_scale.usecases.snapshot import EXTENSIONS, RESOURCES
from support.repository import CHECKOUT

_PAGE = CHECKOUT / "docs/how-to-snapshot.md"
_ROLE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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
