"""Plain values to YAML that all readers parse the same, with stable bytes."""

from functools import lru_cache

import yaml

from infra_scale.core.syntax.emitted_scalar import is_read_otherwise, written, written_inline

Node = None | int | str | list["Node"] | dict[str, "Node"]

_NEVER_FOLDED = 2**31
_LONGEST_KEY = 122
"""A longer key has the form `? key`."""
_LINE_BREAKS = frozenset("\n\x85\u2028\u2029")


class Inline(dict[str, Node]):
    """A mapping that is written on one line, including nested values."""


class Block(str):
    """Lines of printable text that are written as they are, below their key (`|-`)."""

    __slots__ = ()


class _OddKey(Exception):  # noqa: N818 (never leaves this module: it unwinds the recursion)
    """A key that does not fit before a colon."""


def yaml_text(document: dict[str, Node]) -> str:
    """Block style, keys in their order, lists indented below their key, double quotes where quotes are needed.

    The same bytes as PyYAML's emitter gives, in a hundredth of the time; it handles unusual
    keys. Raises TypeError for anything but a Node.
    """
    lines: list[str] = []
    try:
        _mapping(document, "", "", lines)
    except _OddKey:
        return _dumped(document)
    return "".join(lines) or "{}\n"


def _mapping(mapping: dict[str, Node], first: str, indent: str, lines: list[str]) -> None:
    lead = first
    for key, value in mapping.items():
        if type(value) is str:
            lines.append(f"{lead}{_key(key)}: {written(value)}\n")
        elif type(value) is dict and value:
            lines.append(f"{lead}{_key(key)}:\n")
            _mapping(value, f"{indent}  ", f"{indent}  ", lines)
        elif type(value) is list and value:
            lines.append(f"{lead}{_key(key)}:\n")
            _sequence(value, f"{indent}  ", f"{indent}  ", lines)
        elif type(value) is Block:
            lines.append(f"{lead}{_key(key)}: |-\n")
            lines += [f"{indent}  {line}\n" for line in value.splitlines()]
        else:
            lines.append(f"{lead}{_key(key)}: {_inline(value)}\n")
        lead = indent


def _sequence(sequence: list[Node], first: str, indent: str, lines: list[str]) -> None:
    lead = first
    for value in sequence:
        if type(value) is str:
            lines.append(f"{lead}- {written(value)}\n")
        elif type(value) is dict and value:
            _mapping(value, f"{lead}- ", f"{indent}  ", lines)
        elif type(value) is list and value:
            _sequence(value, f"{lead}- ", f"{indent}  ", lines)
        else:
            lines.append(f"{lead}- {_inline(value)}\n")
        lead = indent


def _inline(value: Node) -> str:
    """A value on one line: a number, a word, an empty collection, or an Inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_inline_key(key)}: {_inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, str):
        return written_inline(value)
    if value is None:
        return "null"
    if not isinstance(value, int):
        raise TypeError(type(value))
    return str(value).lower()


@lru_cache(maxsize=256)
def _key(key: str) -> str:
    _check_key(key)
    return written(key)


def _inline_key(key: str) -> str:
    _check_key(key)
    return written_inline(key)


def _check_key(key: str) -> None:
    if not isinstance(key, str):
        raise TypeError(key)
    if not 0 < len(key) <= _LONGEST_KEY or not _LINE_BREAKS.isdisjoint(key):
        raise _OddKey(key)


def _dumped(document: dict[str, Node]) -> str:
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
    quoted = "\n" in text or is_read_otherwise(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


def _represent_block(dumper: yaml.SafeDumper, text: Block) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text.rstrip("\n"), style="|")


def _represent_inline(dumper: yaml.SafeDumper, values: Inline) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", values.items(), flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(Block, _represent_block)
_Dumper.add_representer(Inline, _represent_inline)
