"""Inserts an item into a list of a YAML map as text: comments, order and style of the rest stay."""

from typing import NamedTuple

import yaml

_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotInserted(Exception):  # noqa: N818 (the caller reports it for a file)
    """Why an item cannot be inserted."""


def with_item(text: str, field: str, item: str) -> str:
    """A text in which a field, in any case, lists one more item. The item is written as it is.

    The caller compares what is read before and after. Raises NotInserted.
    """
    try:
        return _edited(text, field, item)
    except yaml.YAMLError as error:
        raise NotInserted(str(error)) from error


class _Text(NamedTuple):
    """The text of a file, and how it ends lines."""

    text: str
    end: str

    def with_line(self, index: int, line: str) -> str:
        """With a line after the one with this index."""
        found = self.text.find("\n", index)
        if found < 0:
            return f"{self.text}{self.end}{line}{self.end}"
        return f"{self.text[: found + 1]}{line}{self.end}{self.text[found + 1 :]}"

    def with_text(self, index: int, new: str) -> str:
        """With a text at an index."""
        return f"{self.text[:index]}{new}{self.text[index:]}"


def _edited(text: str, field: str, item: str) -> str:
    loader = _LOADER(text)
    root: object = loader.get_node() if loader.check_node() else None
    if not isinstance(root, yaml.MappingNode):
        message = "it is not a map"
        raise NotInserted(message)
    whole = _Text(text, "\r\n" if "\r\n" in text else "\n")
    entry = next((pair for pair in root.value if pair[0].value.casefold() == field.casefold()), None)
    if entry is None:
        return _with_field(whole, root, field, item)
    key, value = entry
    if isinstance(value, yaml.SequenceNode):
        return _with_item(whole, value, item)
    start, end = int(value.start_mark.index), int(value.end_mark.index)
    if start < end:
        return text[:start] + f"[{item}]" + text[end:]
    return whole.with_line(key.end_mark.index, f"{' ' * key.start_mark.column}{_dash(root)}{item}")


def _with_field(whole: _Text, root: yaml.MappingNode, field: str, item: str) -> str:
    if root.flow_style:
        start = root.value[-1][1].end_mark.index if root.value else root.start_mark.index + 1
        return whole.with_text(start, f"{', ' if root.value else ''}{field}: [{item}]")
    indent = " " * root.value[0][0].start_mark.column
    new = f"{indent}{field}:{whole.end}{indent}{_dash(root)}{item}{whole.end}"
    end = root.end_mark.index
    before = whole.text[:end]
    between = "" if before.endswith("\n") else whole.end
    return f"{before}{between}{new}{whole.text[end:]}"


def _with_item(whole: _Text, listed: yaml.SequenceNode, item: str) -> str:
    if listed.flow_style:
        start = listed.value[-1].end_mark.index if listed.value else listed.start_mark.index + 1
        return whole.with_text(start, f"{', ' if listed.value else ''}{item}")
    last = listed.value[-1]
    indent, dash, _ = whole.text[: last.start_mark.index].rpartition("\n")[2].partition("-")
    if not dash:
        message = "the last item is not beside its dash"
        raise NotInserted(message)
    return whole.with_line(last.end_mark.index, f"{indent}- {item}")


def _dash(root: yaml.MappingNode) -> str:
    """How the file indents the items of its lists."""
    for key, value in root.value:
        if isinstance(value, yaml.SequenceNode) and not value.flow_style and value.value:
            return f"{' ' * (value.start_mark.column - key.start_mark.column)}- "
    return "  - "
