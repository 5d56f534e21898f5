"""Plain values to YAML that every reader reads alike, byte for byte stable."""

import re

import yaml

Node = None | int | str | list["Node"] | dict[str, "Node"]

_NEVER_FOLDED = 2**31

# What some YAML version reads as anything but text, beyond what PyYAML (1.1) would: 1.2 exponents and octals, and y/n.
_READ_OTHERWISE = re.compile(
    r"[-+]?\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?0[xob][0-9a-fA-F_]+|[yYnN]|\$\{.*\}", re.ASCII
)


def yaml_text(document: dict[str, Node]) -> str:
    """Block style, keys in their order, lists indented below their key, double quotes where quotes are needed."""
    text: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=_NEVER_FOLDED
    )
    return text


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key, double quotes, and no aliases: what PyYAML does otherwise."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 (PyYAML's signature)
        del indentless
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True

    def choose_scalar_style(self) -> str:
        style: str = super().choose_scalar_style()
        return '"' if style == "'" else style


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = "\n" in text or _READ_OTHERWISE.fullmatch(text) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Dumper.add_representer(str, _represent_text)
