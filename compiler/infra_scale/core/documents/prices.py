"""A file ops/clusters/<cluster>/prices.yaml to a PriceSheet. Prices are text, and stay exact."""

from decimal import Decimal

from infra_scale.core.documents.source import read_document
from infra_scale.core.reading.amounts import Reader
from infra_scale.core.reading.values import mapping, optional_text, text, whole_number
from infra_scale.core.syntax.document import Document, Value
from infra_scale.model.finding import Finding
from infra_scale.model.prices import Prices, PriceSheet
from infra_scale.model.source import Source
from infra_scale.model.time import read_day

DEFAULT_HOURS = 730
"""A year's hours by twelve: what OpenCost and the large clouds count."""

_Json = dict[str, Value]


def read_prices_file(source: Source, *, schema: str) -> tuple[PriceSheet | None, tuple[Finding, ...]]:
    """Bytes to a price sheet: YAML, then the JSON Schema with text `schema`. None where there is a finding."""
    document, faults = read_document(source, schema=schema)
    if document is None or faults:
        return None, faults
    return read_prices(document)


def read_prices(document: Document) -> tuple[PriceSheet | None, tuple[Finding, ...]]:
    """The price sheet in a document that its schema accepts; None where a day of it does not exist."""
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
        default=_prices(default),
        pools=tuple(
            (pool, _prices({**default, **mapping(own)})) for pool, own in sorted(mapping(written.get("pools")).items())
        ),
    )
    return sheet, ()


def _prices(written: _Json) -> Prices:
    return Prices(
        cpu_core=Decimal(text(written.get("cpuCoreHour"))),
        ram_gib=Decimal(text(written.get("ramGiBHour"))),
        gpu=_price(written.get("gpuHour")),
        node=_price(written.get("nodeHour")),
    )


def _price(value: Value) -> Decimal | None:
    return None if value is None else Decimal(text(value))
