"""The EdgeConnect engine: Nazeri et al. 2019. Edges first, then colour."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from inpaint_studio.engines.api import (
    EdgeMap,
    EngineSetup,
    FillRequest,
    FillResult,
    FillRun,
    Floats,
    Progress,
)
from inpaint_studio.engines.device import (
    choose_device,
    from_batch,
    on_device,
    run_network,
    settle,
    settled_on,
    to_batch,
)
from inpaint_studio.engines.fallback import fill_with_fallback
from inpaint_studio.engines.model import load_part, required_card, size_rule_of
from inpaint_studio.engines.poses import AS_IT_IS, MOVED_AND_TURNED, Pose, run_in_poses
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.edges import canny, lines_of, rgb_to_grey
from inpaint_studio.imaging.geometry import Size, SizeRule
from inpaint_studio.networks.edge_connect import CompletionGenerator, EdgeGenerator

EdgeMerge = Literal["merged", "raw"]
"""merged: known edges outside the hole, invented or drawn ones inside. raw: what the edge generator
(or the person) drew, everywhere, as the original's test script does."""

_HALVINGS = 4
"""Both generators halve the picture twice."""


@dataclass(slots=True)
class EdgeConnectEngine:
    """Runs both generators. Their two steps can be called one by one."""

    edges: EdgeGenerator
    completion: CompletionGenerator
    size_rule: SizeRule
    device: torch.device
    notes: tuple[str, ...] = ()
    line_thresholds: tuple[float, ...] = ()
    """(low, high): invented edges are made lines of (see `imaging.edges.lines_of`)."""
    poses: tuple[Pose, ...] = AS_IT_IS
    """Those in which the completion generator sees the picture."""

    def fill(self, request: FillRequest) -> FillRun:
        """Draw edges, or take the request's, then colour. Option "edge_merge": an `EdgeMerge`."""
        self.notes = ()
        _merge_of(request)
        result, self.notes = yield from fill_with_fallback(
            request, self._fill_on, device=self.device, rule=self.size_rule
        )
        return result

    def _fill_on(self, request: FillRequest, device: torch.device) -> FillRun:
        drawn = request.edges is not None
        if not drawn:
            yield Progress("Finding edges", 0.0)
        edges = self.find_edges(request, device=device)
        whole = Size(request.hole.shape[0], request.hole.shape[1]).box
        yield EdgeMap(edges, request.hole, whole)
        yield Progress("Filling in colour", 0.1 if drawn else 0.5)
        pixels = self.colour(request, edges, device=device)
        yield Progress("Filling in colour", 1.0)
        return FillResult(pixels, edges=edges)

    def find_edges(self, request: FillRequest, *, device: torch.device | None = None) -> Floats:
        """The edge map to colour from, (H, W) in [0, 1]; drawn edges need no edge generator."""
        merge, drawn = _merge_of(request), request.edges
        if drawn is not None and merge == "raw":
            return drawn.astype(np.float32)
        grey = rgb_to_grey(request.photo)
        known = canny(grey, request.hole)
        if drawn is None:
            drawn = self._invented(grey.astype(np.float32), known, request, device or self.device)
        return drawn if merge == "raw" else np.where(request.hole, drawn, known)

    def _invented(
        self, grey: Floats, known: Floats, request: FillRequest, device: torch.device
    ) -> Floats:
        hole = request.hole
        white = np.where(hole, np.float32(1), grey)
        channels = np.stack([white, known, hole.astype(np.float32)], axis=-1)
        network = on_device(self.edges, device)
        (output,) = run_network(network, (to_batch(channels),), device=device)
        likelihood = from_batch(output)[:, :, 0]
        if not self.line_thresholds:
            return likelihood
        low, high = self.line_thresholds
        return lines_of(np.where(hole, likelihood, known), low=low, high=high)

    def colour(
        self, request: FillRequest, edges: Floats, *, device: torch.device | None = None
    ) -> Floats:
        """The whole picture as the completion generator sees it: (H, W, 3) sRGB in [0, 1]."""
        device = device or self.device
        white = np.where(request.hole[:, :, None], np.float32(1), request.photo)
        channels = np.concatenate([white, edges[:, :, None]], axis=2)
        network = on_device(self.completion, device)
        (output,) = run_in_poses(
            network,
            (to_batch(channels),),
            poses=self.poses,
            device=device,
            multiple_of=_HALVINGS,
        )
        return from_batch(output)


def open_engine(setup: EngineSetup) -> EdgeConnectEngine:
    """Load both generators of the card.

    Raises:
        WeightsError: no card, or a file is missing, broken or another network.
        UsageError: the device is not there.
    """
    card = required_card(setup, "edgeconnect")
    device = choose_device(setup.device)
    settle(device)
    edges = load_part(setup, "edges", EdgeGenerator)
    completion = load_part(setup, "completion", CompletionGenerator)
    rule = size_rule_of(card, multiple_of=_HALVINGS)
    return EdgeConnectEngine(
        settled_on(edges, device),
        settled_on(completion, device),
        rule,
        device,
        line_thresholds=card.line_thresholds,
        poses=MOVED_AND_TURNED if card.poses > 1 else AS_IT_IS,
    )


def _merge_of(request: FillRequest) -> EdgeMerge:
    merge = request.options.get("edge_merge", "merged")
    if merge not in ("merged", "raw"):
        raise UsageError(f"Edges can be merged in two ways: merged or raw, not “{merge}”.")
    return merge
