"""Git trees, computed without a repository: the id of a base tree with changed files."""

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha1
from typing import NamedTuple

TREE = "40000"
_FILE = "100644"
_ID_BYTES = 20
"""The length of SHA-1: GitHub has no repositories with SHA-256."""


class Entry(NamedTuple):
    """One entry of a tree."""

    mode: str
    """Without leading zeros."""
    id: str


Entries = Mapping[str, Entry]
"""Entries by name; a byte that is not UTF-8 is a surrogate."""

Read = Callable[[str], Entries]
"""The entries of the tree with an id."""


class Tree(NamedTuple):
    """A computed tree."""

    id: str
    objects: Mapping[str, Entries]
    """Its computed subtrees, by id."""


def blob_id(content: bytes) -> str:
    """The id of a file's content."""
    return _id(b"blob", content)


def entries(content: bytes) -> dict[str, Entry]:
    """The entries of a tree, from its content as Git stores it."""
    found: dict[str, Entry] = {}
    start = 0
    while start < len(content):
        space = content.index(b" ", start)
        end = content.index(b"\0", space)
        after = end + 1 + _ID_BYTES
        name = content[space + 1 : end].decode("utf-8", "surrogateescape")
        found[name] = Entry(content[start:space].decode("ascii"), content[end + 1 : after].hex())
        start = after
    return found


def tree_with(read: Read, tree: str, files: Mapping[str, bytes | None]) -> Tree:
    """`tree` with `files` by path, as regular files; None deletes, and empty folders are removed."""
    made: dict[str, Entries] = {}
    changed = _changed(read, tree, files, made)
    return Tree(changed or _id(b"tree", b""), made)


def entries_at(read: Read, tree: str, paths: Iterable[str]) -> dict[str, Entry | None]:
    """The entry of `tree` at each path, file or folder; None if it has none."""
    folders: dict[str, Entries] = {"": read(tree)}

    def entry_at(path: str) -> Entry | None:
        folder, _, name = path.rpartition("/")
        if folder not in folders:
            entry = entry_at(folder)
            folders[folder] = read(entry.id) if entry and entry.mode == TREE else {}
        return folders[folder].get(name)

    return {path: entry_at(path) for path in paths}


def _changed(read: Read, tree: str | None, files: Mapping[str, bytes | None], made: dict[str, Entries]) -> str | None:
    """The id of a changed tree; None if it is empty. `made` receives its entries."""
    held = dict(read(tree)) if tree else {}
    inside: dict[str, dict[str, bytes | None]] = {}
    for path, content in files.items():
        name, _, rest = path.partition("/")
        if rest:
            inside.setdefault(name, {})[rest] = content
        elif content is None:
            held.pop(name, None)
        else:
            held[name] = Entry(_FILE, blob_id(content))
    for name, below in inside.items():
        entry = held.get(name)
        folder = entry.id if entry and entry.mode == TREE else None
        changed = _changed(read, folder, below, made)
        if changed:
            held[name] = Entry(TREE, changed)
        elif folder:
            del held[name]
    if not held:
        return None
    computed = _id(b"tree", _content(held))
    made[computed] = held
    return computed


def _content(held: Entries) -> bytes:
    raw = {name.encode("utf-8", "surrogateescape"): entry for name, entry in held.items()}
    # Git sorts a folder as if its name ended in a slash.
    ordered = sorted(raw.items(), key=lambda item: item[0] + b"/" if item[1].mode == TREE else item[0])
    return b"".join(b"%s %s\0%s" % (entry.mode.encode(), name, bytes.fromhex(entry.id)) for name, entry in ordered)


def _id(kind: bytes, content: bytes) -> str:
    return sha1(b"%s %d\0%s" % (kind, len(content), content), usedforsecurity=False).hexdigest()
