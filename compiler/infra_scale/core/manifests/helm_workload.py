"""A workload of a chart to what a plan needs of it: the values in Git are its fields."""

from infra_scale.core.manifests.helm_values import ON
from infra_scale.core.reading.json_values import as_number
from infra_scale.model.helm import AmountPaths, ChartWorkload, HelmValue
from infra_scale.model.manifest import Base, Container
from infra_scale.model.names import is_label
from infra_scale.model.quantity import Quantity, QuantityError, Resources
from infra_scale.model.workload import WorkloadRef

TEMPLATES = "the defaults and templates of the chart are not read"


def base_of_chart(ref: WorkloadRef, chart: ChartWorkload) -> Base:
    """The workload, as the values in Git describe it."""
    entry = chart.entry
    replicas = chart.value(entry.replicas)
    switch = chart.value(entry.hpa.enabled) if entry.hpa else None
    is_scaled = switch is not None and switch.text in ON
    return Base(
        path=chart.file,
        name=ref.name,
        built_name=ref.name,
        built_namespace=ref.namespace,
        patch_name=ref.name,
        patch_namespace=ref.namespace,
        api_version="apps/v1",
        replicas=as_number(replicas.text) if replicas and replicas.text else None,
        replicas_path=replicas.file if replicas and replicas.file else chart.file,
        containers=(_container(chart),) if is_label(entry.container) else (),
        default_container=None,
        hpas=(ref.name,) if is_scaled else (),
        unknown=tuple(_unknown(chart, replicas)),
        chart=chart,
    )


def _unknown(chart: ChartWorkload, replicas: HelmValue | None) -> list[tuple[str, str]]:
    found = [("replicas", replicas.unknown)] if replicas and replicas.unknown else []
    if not is_label(chart.entry.container):
        found.append(("containers", "the entry of the target names no container"))
    return [*found, ("resources", TEMPLATES)]


def _container(chart: ChartWorkload) -> Container:
    unknown: set[str] = set()
    blocks: list[Resources] = []
    for block, paths in (("requests", chart.entry.requests), ("limits", chart.entry.limits)):
        blocks.append(_amounts(chart, block, paths, unknown))
    return Container(chart.entry.container, blocks[0], blocks[1], unknown=frozenset(unknown))


def _amounts(chart: ChartWorkload, block: str, paths: AmountPaths, unknown: set[str]) -> Resources:
    """Amounts in Git; the others may have a default in the chart."""
    found: list[Quantity | None] = []
    for resource, path in zip(("cpu", "memory"), paths, strict=True):
        text = chart.number(path)
        quantity = _quantity(text) if text else None
        if quantity is None:
            unknown.add(f"{block}.{resource}")
        found.append(quantity)
    return Resources(found[0], found[1], "memory")


def _quantity(text: str) -> Quantity | None:
    try:
        return Quantity.parse(text)
    except QuantityError:
        return None
