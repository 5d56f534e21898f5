"""The page on installing names what there is to install."""

from infra_scale import __version__
from infra_scale.core.render.setup import PLACEHOLDER
from support.repository import CHECKOUT


def test_the_page_knows_this_version() -> None:
    page = (CHECKOUT / "docs/how-to-install.md").read_text(encoding="utf-8")

    assert f"{PLACEHOLDER}@v{__version__}" in page
