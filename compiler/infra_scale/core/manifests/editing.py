"""Adds a Component to the text of a kustomization file; comments, order and style of the file stay."""

from infra_scale.core.manifests.outcome import Refusal, Unavailable
from infra_scale.core.manifests.reading import documents_in
from infra_scale.core.manifests.tree import Json
from infra_scale.core.syntax.insertion import NotInserted, with_item

_FIELD = "components"


class Uneditable(Exception):  # noqa: N818 (the caller prints it, with the line to add by hand)
    """A file to which a line cannot be added safely, and why."""


def with_component(path: str, content: bytes, component: str) -> bytes:
    """A kustomization file that also lists a Component; unchanged where it does. Raises Uneditable."""
    try:
        text = content.decode()
        before = documents_in(path, content)
    except (Refusal, Unavailable, UnicodeDecodeError) as error:
        raise Uneditable(str(error)) from error
    root = before[0] if before else None
    if not isinstance(root, dict):
        message = f"{path} is empty" if root is None else f"{path} is not a map"
        raise Uneditable(message)
    wanted = _listing(root, component)
    if wanted == root:
        return content
    try:
        edited = with_item(text, _FIELD, component).encode()
        after = documents_in(path, edited)
    except (Refusal, Unavailable, NotInserted) as error:
        raise Uneditable(str(error)) from error
    if after != (wanted, *before[1:]):
        message = f"the style of {path} is not supported"
        raise Uneditable(message)
    return edited


def _listing(root: Json, component: str) -> Json:
    """The document as it has to be read after the edit. Raises Uneditable."""
    key = next((key for key in root if key.casefold() == _FIELD), _FIELD)
    listed = root.get(key) or []
    if not isinstance(listed, list):
        message = "`components` is not a list"
        raise Uneditable(message)
    paths = [one.rstrip("/") if isinstance(one, str) else one for one in listed]
    return root if component in paths else {**root, key: [*listed, component]}
