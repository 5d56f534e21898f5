"""Amounts are printed in units: bytes with a suffix, counts as plain numbers, and nothing that they are not."""

import pytest

from infra_scale.model.quantity import Quantity
from infra_scale.model.units import amount_text, in_units


@pytest.mark.parametrize(
    ("resource", "written", "text"),
    [
        ("ephemeral-storage", "42949672960", "40Gi"),
        ("requests.ephemeral-storage", "42949672960", "40Gi"),
        ("limits.memory", "1073741824", "1Gi"),
        ("mem", "128974848000m", "123Mi"),
        ("hugepages-2Mi", "4194304", "4Mi"),
        ("requests.hugepages-1Gi", "2147483648", "2Gi"),
        ("requests.storage", "10737418240", "10Gi"),
        ("fast.storageclass.storage.k8s.io/requests.storage", "10737418240", "10Gi"),
        ("memory", "1G", "1G"),
        ("memory", "1500M", "1500M"),
        ("memory", "1536Mi", "1536Mi"),
        ("memory", "256", "256"),
        ("memory", "0", "0"),
        ("memory", "1173741824", "~1119.4Mi"),
        ("memory", "2e9", "2G"),
        ("cpu", "100e-3", "100m"),
        ("cpu", "1500m", "1500m"),
        ("limits.cpu", "2000", "2000"),
        ("pods", "2k", "2000"),
        ("nvidia.com/gpu", "8", "8"),
        ("nvidia.com/gpu.memory", "40960", "40960"),
    ],
)
def test_an_amount_is_printed_in_the_units_of_its_resource(resource: str, written: str, text: str) -> None:
    assert amount_text(resource, Quantity.parse(written)) == text


@pytest.mark.parametrize("written", ["42949672960", "1173741824", "1500M", "123", "400m", "2e9"])
def test_for_programs_the_amount_stays_exact(written: str) -> None:
    amount = Quantity.parse(written)

    assert Quantity.parse(str(in_units("memory", amount))) == amount
