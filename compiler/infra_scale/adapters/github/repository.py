"""One repository on GitHub."""

from infra_scale.adapters.github.branches import Branches
from infra_scale.adapters.github.comments import Comments
from infra_scale.adapters.github.pulls import Pulls
from infra_scale.adapters.github.settings import Settings


class GitHub(Branches, Pulls, Comments, Settings):
    """A `Forge`, and its `ForgeSettings`."""
