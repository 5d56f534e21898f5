"""Names used in paths, branches and commands: each is checked once, on input."""

import re
from collections.abc import Iterable

REQUESTS = "requests"
TARGETS = "ops/targets"
CLUSTERS = "ops/clusters"
PLANS = "ops/plans/infra-scale"
RENDERED = "ops/rendered/infra-scale"
GENERATED = (PLANS, RENDERED)
"""The folders whose files are ours: generated, committed, never edited."""
BRANCH_PREFIX = "infra/scale-"
"""Prefix of the proposal branches: one for each target."""

SUFFIXES = (".yaml", ".yml")
_GENERATED_PREFIXES = tuple(f"{folder}/" for folder in GENERATED)

_SEGMENT = re.compile(r"[a-z0-9][a-z0-9._-]*")
_LABEL_LENGTH = 63
_SUBDOMAIN_LENGTH = 253
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_CONTEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/+=-]*")
_CONTEXT_LENGTH = 253
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")
_PLAN_FILES = frozenset({"plan.yaml", "summary.md"})
_LONGEST_IN_FILE = 150
"""A file system takes 255 bytes, and file names hold more than the name of a workload."""


def request_id(path: str) -> str | None:
    """The id of a request file: its path below requests/ without suffix, or None when a segment is not allowed.

    Segments match `[a-z0-9][a-z0-9._-]*`; one that is named like a generated file would collide with a sibling's plan.
    """
    stem = path.removeprefix(f"{REQUESTS}/")
    suffix = next((suffix for suffix in SUFFIXES if stem.endswith(suffix)), "")
    stem = stem.removesuffix(suffix)
    segments = stem.split("/")
    if all(_SEGMENT.fullmatch(segment) and segment not in _PLAN_FILES for segment in segments):
        return stem
    return None


def is_passed_over(path: str) -> bool:
    """Whether a path is ignored: hidden files belong to editors and tools.

    Not among generated files: Argo CD and Flux read hidden ones, too.
    """
    return "/." in path and not is_among_generated(path)


def is_among_generated(path: str) -> bool:
    """Whether a path is one of the folders of generated files, or below one."""
    return path in GENERATED or path.startswith(_GENERATED_PREFIXES)


def object_name(request: str) -> str:
    """The request with this id as the name of a Kubernetes object: an RFC 1123 subdomain, another for every request.

    `assistant/web` is `assistant.web`. Ambiguous or invalid names get a part of their SHA-256.
    """
    plain = request.replace("/", ".")
    labels = request.split("/")
    if all(map(is_label, labels)) and len(plain) <= _SUBDOMAIN_LENGTH:
        return plain
    import hashlib  # noqa: PLC0415 (no ordinary name needs it, and every command reads names)

    digest = hashlib.sha256(request.encode()).hexdigest()[:8]
    cleaned = re.sub("[^a-z0-9]+", "-", request)[: _LABEL_LENGTH - len(digest) - 1]
    return f"{cleaned.strip('-')}-{digest}"


def is_label(text: str) -> bool:
    """Whether `text` is an RFC 1123 label: lower-case letters, digits and '-', at most 63."""
    return len(text) <= _LABEL_LENGTH and _LABEL.fullmatch(text) is not None


def is_context(text: str) -> bool:
    """Whether `text` can be used in a command as the name of a kubectl context without quotes."""
    return len(text) <= _CONTEXT_LENGTH and _CONTEXT.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether `text` is an RFC 1123 subdomain, as names of most objects are: labels with '.' between them."""
    return len(text) <= _SUBDOMAIN_LENGTH and all(map(is_label, text.split(".")))


def quoted(path: str, otherwise: str, line: int = 0) -> str:
    """A path for Markdown, with a line if that is known; a description for a file with an unusual name."""
    if not _PLAIN_PATH.fullmatch(path):
        return otherwise
    return f"`{path}:{line}`" if line else f"`{path}`"


def target_path(target: str) -> str:
    """The file that describes a target."""
    return f"{TARGETS}/{target}.yaml"


def target_name(path: str) -> str:
    """The target that a file of ops/targets/ describes: the inverse of `target_path`."""
    return path.removeprefix(f"{TARGETS}/").removesuffix(".yaml")


def target_names(paths: Iterable[str]) -> list[str]:
    """The targets that files of ops/targets/ describe, sorted; a file of another suffix describes none."""
    names = (target_name(path) for path in paths if path.endswith(".yaml"))
    return sorted(filter(is_label, names))


def snapshot_path(cluster: str) -> str:
    """The snapshot file of a cluster."""
    return f"{CLUSTERS}/{cluster}/snapshot.yaml"


def prices_path(cluster: str) -> str:
    """The price sheet of a cluster."""
    return f"{CLUSTERS}/{cluster}/prices.yaml"


def plan_folder(target: str, request: str) -> str:
    """The folder of the plan that the request with id `request` compiles to."""
    return f"{PLANS}/{target}/{request}"


def rendered_namespace(cluster: str, namespace: str) -> str:
    """The folder of the Component of one namespace of a cluster."""
    return f"{RENDERED}/{cluster}/{namespace}"


def component_name(kind: str, name: str) -> str:
    """The folder of a workload's Component in that of its namespace: another for every workload."""
    return f"{kind.lower()}-{file_part(name)}"


def file_part(name: str) -> str:
    """The name of a workload as a part of a file's name; one that is too long for that ends in its SHA-256."""
    if len(name) <= _LONGEST_IN_FILE:
        return name
    import hashlib  # noqa: PLC0415 (as above)

    return f"{name[:_LONGEST_IN_FILE]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
