"""The names of releases and of what they create, by the rules of Flux and of `helm create`.

Source: helm-controller 1.6, api/v2/helmrelease_types.go: GetReleaseName; helm 4.3, pkg/chart/v2/util/create.go.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from infra_scale.model.helm import AmountPaths, HelmEntry, HpaPaths, Metric, Path

_LONGEST_RELEASE = 53
_SHORTENED = 40
_DIGEST = 12
_LONGEST_NAME = 63


def release_name(name: str, *, stated: str, target_namespace: str) -> str:
    """The name of the release of a HelmRelease."""
    found = stated or (f"{target_namespace}-{name}" if target_namespace else name)
    if len(found) <= _LONGEST_RELEASE:
        return found
    import hashlib  # noqa: PLC0415 (no ordinary name needs it)

    return f"{found[:_SHORTENED]}-{hashlib.sha256(found.encode()).hexdigest()[:_DIGEST]}"


def chart_name(path: str) -> str:
    """The name of a chart: the end of its path or URL."""
    return path.rstrip("/").rpartition("/")[2]


def is_chart(pattern: str, path: str) -> bool:
    """Whether a pattern is for a chart: it is compared with as many last parts of its path."""
    wanted, parts = pattern.split("/"), [part for part in path.rstrip("/").split("/") if part not in ("", ".")]
    return len(parts) >= len(wanted) and all(map(fnmatchcase, parts[-len(wanted) :], wanted))


def fullname(release: str, chart: str, *, override: str = "", name_override: str = "") -> str:
    """The name that the templates of `helm create` give a workload."""
    name = name_override or chart
    found = override or (release if name in release else f"{release}-{name}")
    return found[:_LONGEST_NAME].removesuffix("-")


def filled(entry: HelmEntry, names: Mapping[str, str]) -> HelmEntry:
    """An entry with the names of one release: {release}, {chart} and {fullname}."""

    def text(template: str) -> str:
        for key, name in names.items():
            template = template.replace(f"{{{key}}}", name)
        return template

    def path(keys: Path | None) -> Path | None:
        return None if keys is None else tuple(map(text, keys))

    def sure(keys: Path) -> Path:
        return tuple(map(text, keys))

    def metric(one: Metric | None) -> Metric | None:
        return None if one is None else Metric(sure(one.path), path(one.enabled))

    hpa = entry.hpa
    return entry._replace(
        name=text(entry.name),
        container=text(entry.container),
        replicas=path(entry.replicas),
        requests=AmountPaths(*map(path, entry.requests)),
        limits=AmountPaths(*map(path, entry.limits)),
        hpa=hpa
        and HpaPaths(
            sure(hpa.enabled),
            sure(hpa.minimum),
            sure(hpa.maximum),
            metric(hpa.target_cpu),
            metric(hpa.target_memory),
        ),
    )
