"""ops/clusters/<cluster>/prices.yaml: reader and writer. Prices are text, and stay exact."""

from decimal import Decimal

from infra_scale.core.documents.blocks import present
from infra_scale.core.documents.source import read_document
from infra_scale.core.reading.amounts import Reader
from infra_scale.core.reading.values import mapping, optional_text, text, whole_number
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.finding import Finding
from infra_scale.model.prices import Prices, PriceSheet
from infra_scale.model.source import Source
from infra_scale.model.time import read_day

DEFAULT_HOURS = 730
"""The hours of a year divided by twelve, as OpenCost and the large clouds count."""

_Json = dict[str, Value]


def read_prices(source: Source, *, schema: str) -> tuple[PriceSheet | None, tuple[Finding, ...]]:
    """Bytes to a price sheet: YAML, then the JSON Schema with text `schema`. None if there is a finding."""
    document, faults = read_document(source, schema=schema)
    if document is None or faults:
        return None, faults
    return _read(document)


def _read(document: Document) -> tuple[PriceSheet | None, tuple[Finding, ...]]:
    """The price sheet in a document that its schema accepts; None if one of its dates does not exist."""
    reader, written = Reader(document), mapping(document.value)
    metadata = mapping(written.get("metadata"))
    cluster, written_day = text(metadata.get("cluster")), text(metadata.get("effectiveFrom"))
    since = read_day(written_day)
    if since is None:
        help = "write a day such as 2025-01-01"
        reader.refuse("SCH-005", f'"{written_day}" is not a day', ("metadata", "effectiveFrom"), help)
        return None, tuple(reader.findings)
    default = mapping(written.get("default"))
    sheet = PriceSheet(
        name=cluster,
        cluster=cluster,
        effective_from=since,
        currency=text(written.get("currency")),
        hours_per_month=whole_number(written.get("hoursPerMonth", DEFAULT_HOURS)),
        source=optional_text(written.get("source")) or "",
        default=_read_prices(default),
        pools=tuple(
            (pool, _read_prices({**default, **mapping(own)}))
            for pool, own in sorted(mapping(written.get("pools")).items())
        ),
    )
    return sheet, ()


def _read_prices(written: _Json) -> Prices:
    return Prices(
        cpu_core=Decimal(text(written.get("cpuCoreHour"))),
        ram_gib=Decimal(text(written.get("ramGiBHour"))),
        gpu=_read_price(written.get("gpuHour")),
        node=_read_price(written.get("nodeHour")),
    )


def _read_price(value: Value) -> Decimal | None:
    return None if value is None else Decimal(text(value))


def write_prices(sheet: PriceSheet) -> str:
    """The text of a cluster's prices.yaml."""
    return yaml_text(
        {
            "apiVersion": "infra.scale/v1",
            "kind": "PriceSheet",
            "metadata": {"cluster": sheet.cluster, "effectiveFrom": sheet.effective_from.isoformat()},
            "currency": sheet.currency,
            "hoursPerMonth": sheet.hours_per_month,
            **present({"source": sheet.source}),
            "default": _prices_node(sheet.default),
            **present({"pools": {pool: _prices_node(prices) for pool, prices in sheet.pools}}),
        }
    )


def _prices_node(prices: Prices) -> dict[str, Node]:
    amounts = {
        "cpuCoreHour": prices.cpu_core,
        "ramGiBHour": prices.ram_gib,
        "gpuHour": prices.gpu,
        "nodeHour": prices.node,
    }
    return {key: f"{amount:f}" for key, amount in amounts.items() if amount is not None}
