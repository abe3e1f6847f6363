"""What a person draws is kept to: colours between drawn edges come from the rim, not a network."""

from dataclasses import dataclass, replace

import numpy as np

from inpaint_studio.engines.api import Engine, FillRequest, FillRun
from inpaint_studio.engines.edge_colors import colors_between
from inpaint_studio.imaging.geometry import SizeRule

_LINE = 0.5
"""What counts as a line, of edges in [0, 1]."""


@dataclass(slots=True)
class KeepsToDrawnEdges:
    """A network whose drawing is replaced where a person has drawn the edges and the rim says which
    colours meet there; what lines enclose wholly stays the network's."""

    network: Engine

    @property
    def size_rule(self) -> SizeRule:
        return self.network.size_rule

    @property
    def device(self) -> str:
        """What the network runs on."""
        return str(getattr(self.network, "device", ""))

    @property
    def notes(self) -> tuple[str, ...]:
        return self.network.notes

    def fill(self, request: FillRequest) -> FillRun:
        """The network's events; its edges, and its colours as far as no drawn line says more."""
        result = yield from self.network.fill(request)
        if request.edges is None or result.edges is None:
            return result
        lines = result.edges > _LINE
        between = colors_between(request.photo, request.hole, lines)
        pixels = np.where(between.reached[:, :, None], between.pixels, result.pixels)
        return replace(result, pixels=pixels)
