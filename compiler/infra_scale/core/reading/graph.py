"""Which kustomizations lead to which: walks over folders that never visit one twice."""

from collections.abc import Iterable, Iterator, Mapping


def reached(starts: Iterable[str], steps: Mapping[str, list[str]]) -> set[str]:
    """The folders reachable from some folders, including these."""
    found = {*starts}
    queue = [*found]
    while queue:
        new = [step for step in steps.get(queue.pop(), ()) if step not in found]
        found.update(new)
        queue += new
    return found


def built_from(folder: str, outer: Mapping[str, list[str]], most: int) -> list[str]:
    """A folder and those that are built from it, the nearest first; not all where there are more than `most`."""
    found = {folder: None}
    queue = [folder]
    for step in queue:
        new = [one for one in sorted(outer.get(step, ())) if one not in found]
        found.update(dict.fromkeys(new))
        queue += new
        if len(found) > most:
            break
    return [*found]


def folders_above(folder: str) -> Iterator[str]:
    """A folder and those that it is in, without the root."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
