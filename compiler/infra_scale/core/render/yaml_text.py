"""Plain values to YAML that every reader reads alike, byte for byte stable."""

import re
from collections.abc import Iterator
from functools import lru_cache

import yaml

Node = None | int | str | list["Node"] | dict[str, "Node"]

_NEVER_FOLDED = 2**31

# What some YAML version reads as anything but text, beyond what PyYAML (1.1) would: 1.2 exponents and octals, y/n, and
# what our own reader refuses as ambiguous.
_READ_OTHERWISE = re.compile(
    r"[-+]?\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?\.[0-9][0-9_]*|[-+]?0[xXoObB][0-9a-fA-F_]+"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[yYnN]|\$\{.*\}",
    re.ASCII,
)


class Inline(dict[str, Node]):
    """A mapping that is written on one line, with all that is in it."""


def yaml_text(document: dict[str, Node]) -> str:
    """Block style, keys in their order, lists indented below their key, double quotes where quotes are needed.

    The same bytes as PyYAML's emitter gives, which decides about every text that is not plain beyond doubt; the shape
    around them is written here, in a tenth of the time.
    """
    if not document or not _has_plain_keys(document):
        return _dumped(document)
    return "".join(_mapping(document, ""))


def _dumped(document: dict[str, Node]) -> str:
    text: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=_NEVER_FOLDED
    )
    return text


def _has_plain_keys(node: Node) -> bool:
    if isinstance(node, dict):
        return all(_is_plain(key) for key in node) and all(map(_has_plain_keys, node.values()))
    return not isinstance(node, list) or all(map(_has_plain_keys, node))


def _mapping(mapping: dict[str, Node], indent: str) -> Iterator[str]:
    for key, node in mapping.items():
        if isinstance(node, dict) and node and not isinstance(node, Inline):
            yield f"{indent}{key}:\n"
            yield from _mapping(node, f"{indent}  ")
        elif isinstance(node, list) and node:
            yield f"{indent}{key}:\n"
            yield from _sequence(node, f"{indent}  ")
        else:
            yield f"{indent}{key}: {_scalar(node)}\n"


def _sequence(sequence: list[Node], indent: str) -> Iterator[str]:
    for node in sequence:
        inner = f"{indent}  "
        if isinstance(node, (dict, list)) and node and not isinstance(node, Inline):
            lines = _mapping(node, inner) if isinstance(node, dict) else _sequence(node, inner)
            yield f"{indent}- {next(lines).removeprefix(inner)}"
            yield from lines
        else:
            yield f"{indent}- {_scalar(node)}\n"


def _scalar(node: Node) -> str:
    if isinstance(node, str):
        return node if _is_plain(node) else _written(node)
    if isinstance(node, (dict, list)):
        return _inline(node)
    return "null" if node is None else str(node).lower()


def _inline(node: Node) -> str:
    if isinstance(node, dict):
        return "{" + ", ".join(f"{key}: {_inline(inner)}" for key, inner in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(map(_inline, node)) + "]"
    if isinstance(node, str):
        return node if _is_plain(node) else _written_inline(node)
    return _scalar(node)


def _is_plain(text: str) -> bool:
    """Whether every reader takes the text for itself; of others, PyYAML says how they are written."""
    return _PLAIN.fullmatch(text) is not None and text.lower() not in _WORDS


@lru_cache(maxsize=4096)
def _written(text: str) -> str:
    return _dumped({"k": text}).removeprefix("k: ").removesuffix("\n")


@lru_cache(maxsize=4096)
def _written_inline(text: str) -> str:
    """More needs quotes there than on a line of its own: a comma, a bracket."""
    return _dumped({"k": Inline(k=text)}).removeprefix("k: {k: ").removesuffix("}\n")


_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,99}")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


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


def _represent_inline(dumper: yaml.SafeDumper, values: Inline) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", values.items(), flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(Inline, _represent_inline)
