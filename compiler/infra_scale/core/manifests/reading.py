"""Files of a repository to objects, by the rules by which kustomize reads resources and patches."""

import json
import posixpath
import re
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from infra_scale.core.manifests.outcome import Place, Refusal, Unavailable
from infra_scale.core.manifests.tree import Json, Unknown, mapped, member, text_at
from infra_scale.core.syntax.plain import Folded, Number, OldTruth, Quoted, Truth, Typed
from infra_scale.core.syntax.stream import Stream, read_stream
from infra_scale.model.names import RENDERED, SUFFIXES
from infra_scale.model.source import Found, NotAFile, Source

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_REFUSED = ("not valid YAML", "duplicate key", "text after `---`", "control character", "byte 0x", "tag `")
"""How faults begin that kustomize refuses too; of others it may make something."""
_REMOTE = re.compile(r"(https?://|ssh://|git::|git@|file://|github\.com[/:])|.*(\.git($|[/?])|\?(ref|version)=)")

_OURS = f"{RENDERED}/"
_IGNORED = "<document start>"
"""It reads one document between two separators, and ignores what comes after it."""
_FOLDED = re.compile(rb">[-+0-9]*[ \t]*\r?\n")


def is_remote(path: str) -> bool:
    """Whether kustomize would fetch it, unless it exists here."""
    return _REMOTE.match(path) is not None


def may_rename(path: str) -> bool:
    """Whether what is not read may be a kustomization, with a prefix of its own for names."""
    return not path.endswith((*SUFFIXES, ".json"))


def resolved(folder: str, path: str) -> str:
    """A path in a kustomization, from the root of the repository. Raises Unavailable outside of it."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined.startswith(("/", "..")):
        message = f"{path} is outside the repository"
        raise Unavailable(message)
    return "" if joined == "." else joined


class Declaration(NamedTuple):
    """An object, and where it is written."""

    doc: object
    place: Place

    @property
    def object(self) -> Json:
        """The object; `objects_in` has checked that it is a map."""
        return self.doc if isinstance(self.doc, dict) else {}


class Parsed(NamedTuple):
    """What has been read of some files, by path."""

    streams: dict[str, Stream]
    objects: dict[str, tuple[Declaration, ...] | Exception]
    """What files of resources declare."""


class Files:
    """The files that a build may read, each parsed once."""

    def __init__(self, found: Mapping[str, Found], parsed: Parsed, rendered: Mapping[str, Found]) -> None:
        """`parsed` has what others have read of `found`. `rendered` are more files, below RENDERED."""
        self._found, self._parsed = found, parsed
        self._rendered, self._own = rendered, Parsed({}, {})
        self.read: set[str] = set()
        """Every path that has been looked at since this was last emptied, whether something is there or not."""
        self.bytes = 0
        """How much has been read."""

    def has(self, path: str) -> bool:
        """Whether a file is there. Raises Unavailable where that is not known."""
        self.read.add(path)
        found = self._at(path)
        if isinstance(found, NotAFile):
            message = f"{path} is {found.what}"
            raise Unavailable(message)
        return found is not None

    def _at(self, path: str) -> Found | None:
        found = self._rendered.get(path) or self._found.get(path)
        # What is among our files is known, even if `manifests` does not name their folder.
        if self._rendered and isinstance(found, NotAFile):
            return None if f"{path}/".startswith(_OURS) or _OURS.startswith(f"{path}/") else found
        return found

    def content(self, path: str) -> bytes:
        """The bytes of a file. Raises Refusal where there is none, and Unavailable."""
        if not self.has(path):
            self.check_above(path)
            message = f"{path}: no such file or directory"
            raise Refusal(message)
        found = self._at(path)
        if not isinstance(found, Source) or len(found.content) < found.size:
            message = f"{path} is too large to be read"
            raise Unavailable(message)
        return found.content

    def check_above(self, path: str) -> None:
        """Raise Unavailable where a path is in something that is not read: a submodule, a link."""
        while path := posixpath.dirname(path):
            self.has(path)

    def kustomization_of(self, folder: str) -> str:
        """The path of the kustomization file of a folder; empty where there is none. Raises Refusal for two."""
        paths = [path for name in KUSTOMIZATION_NAMES if self.has(path := posixpath.join(folder, name))]
        if len(paths) > 1:
            message = f"Found multiple kustomization files under: {folder or '.'}"
            raise Refusal(message)
        return paths[0] if paths else ""

    def objects(self, path: str) -> tuple[Declaration, ...]:
        """The objects that a file of resources declares. Raises Refusal, Unavailable."""
        content, objects = self.content(path), self._results(path).objects
        known = objects.get(path)
        if known is None:
            self.bytes += len(content)
            try:
                known = objects_of(path, content, self.documents(path))
            except (Refusal, Unavailable) as error:
                known = error
            objects[path] = known
        if isinstance(known, Exception):
            raise known
        return known

    def documents(self, path: str) -> tuple[object, ...]:
        """The documents of a file. Raises Refusal, Unavailable."""
        content, streams = self.content(path), self._results(path).streams
        stream = streams.get(path)
        if stream is None:
            stream = streams[path] = read_stream(Source(path, content, len(content)), is_typed=True)
        return _documents(path, stream)

    def _results(self, path: str) -> Parsed:
        return self._own if path in self._rendered else self._parsed


def documents_in(path: str, content: bytes) -> tuple[object, ...]:
    """All documents of a text. Raises Refusal where kustomize cannot read them either, else Unavailable."""
    return _documents(path, read_stream(Source(path, content, len(content)), is_typed=True))


def _documents(path: str, stream: Stream) -> tuple[object, ...]:
    if stream.fault:
        what = f"{path}, line {stream.fault.position.line}: {stream.fault.what}"
        is_refused = stream.fault.what.startswith(_REFUSED) and not stream.fault.what.endswith(_IGNORED)
        raise Refusal(what) if is_refused else Unavailable(what)
    return stream.documents


def objects_in(path: str, content: bytes) -> tuple[Declaration, ...]:
    """The objects of a text of resources or of a merge patch. Raises Refusal, Unavailable."""
    return objects_of(path, content, documents_in(path, content))


def objects_of(path: str, content: bytes, documents: tuple[object, ...]) -> tuple[Declaration, ...]:
    """The objects among the documents of a text. Raises Refusal, Unavailable."""
    queue = deque(Declaration(item, Place(path, index)) for index, item in enumerate(documents) if item)
    is_list = len(documents) == 1 and member(documents[0], "kind") == "List"
    found: list[Declaration] = []
    while queue:
        one = queue.popleft()
        item = _checked(path, one.doc)
        if text_at(item, "kind").endswith("List") and "items" in item:
            items = _items(path, item["items"])
            items = items if is_list else [mapped(inner, _quoted) for inner in items]
            places = (one.place._replace(route=(*one.place.route, "items", index)) for index in range(len(items)))
            queue.extend(map(Declaration, items, places))
        else:
            found.append(Declaration(item, one.place))
    if _FOLDED.search(content):
        found = [one._replace(doc=_unfolded(one.doc)) for one in found]
    return tuple(found)


def _unfolded(item: object) -> object:
    """The emitter of kustomize adds lines to folded blocks with lines that are indented further."""
    return mapped(
        item, lambda text: Unknown("kustomize changes this folded text") if isinstance(text, Folded) else text
    )


def _quoted(text: str) -> str:
    """Items of other lists than one alone in its file are read again, from JSON."""
    return text if isinstance(text, Typed) else Quoted(text)


def _items(path: str, items: object) -> list[object]:
    if items is None or isinstance(items, list):
        return items or []
    message = f"{path}: expected array in items"
    raise Refusal(message)


def _checked(path: str, item: object) -> Json:
    if not isinstance(item, dict):
        message = f"{path}: a document that is not an object"
        raise Refusal(message)
    kind, metadata = item.get("kind"), item.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(kind, str) or not kind:
        message = f"{path}: missing kind in object"
        raise Refusal(message)
    if not (isinstance(name, str) and name) and not kind.endswith("List"):
        message = f"{path}: missing metadata.name in object of kind {kind}"
        raise Refusal(message)
    if _has_null_item(item):
        message = f"{path}: empty item in a list of {kind} {name}"
        raise Refusal(message)
    return item


def _has_null_item(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_null_item(one) for one in value.values() if isinstance(one, (dict, list)))
    if isinstance(value, list):
        return any(one is None or (isinstance(one, (dict, list)) and _has_null_item(one)) for one in value)
    return False


def operations_in(path: str, text: str) -> list[object] | None:
    """The operations of a JSON patch; None where the text is none. Raises Refusal, Unavailable."""
    if text.startswith("["):
        try:
            read: object = json.loads(text, parse_int=Number, parse_float=Number)
            return list(map(_converted, read)) if isinstance(read, list) else None
        except ValueError:
            return None
        except RecursionError:
            message = f"{path}: a JSON patch that is nested too deeply"
            raise Unavailable(message) from None
    documents = documents_in(path, text.encode())
    first = documents[0] if documents else None
    return [mapped(item, _modern) for item in first] if isinstance(first, list) else None


def _converted(value: object) -> object:
    """JSON as the values of manifests."""
    if isinstance(value, bool):
        return Truth("true" if value else "false")
    if isinstance(value, dict):
        return {key: _converted(item) for key, item in value.items()}
    return [_converted(item) for item in value] if isinstance(value, list) else value


def _modern(text: str) -> str:
    """JSON patches in YAML are read as YAML 1.1."""
    if isinstance(text, OldTruth):
        return Truth("true" if text.lower() in ("y", "yes", "on") else "false")
    return text
