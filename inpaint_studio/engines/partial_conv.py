"""The partial-convolution engine: Liu et al. 2018 around any of its published weights."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inpaint_studio.engines.api import (
    EngineSetup,
    FillRequest,
    FillResult,
    FillRun,
    Floats,
    Hole,
    Progress,
)
from inpaint_studio.engines.device import (
    choose_device,
    from_batch,
    on_device,
    settle,
    settled_on,
    to_batch,
)
from inpaint_studio.engines.fallback import fill_with_fallback
from inpaint_studio.engines.model import load_part, required_card, size_rule_of
from inpaint_studio.engines.poses import AS_IT_IS, TURNED_OVER, Pose, run_in_poses
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.imaging.levels import spread_smoothly
from inpaint_studio.networks.partial_conv import PartialConvUNet
from inpaint_studio.weights.card import Dialect

_TOO_DEEP = (
    "The middle of a hole lies further from its rim than this network can see, so there it was "
    "continued smoothly: fill the hole in parts."
)


_SEEN_BY_ALL = 0.999
"""The mean over the poses of what was seen, 0 or 1 in each."""


@dataclass(frozen=True, slots=True)
class Colours:
    """How a network wants its colours: (channel - mean) / deviation, in RGB or BGR order."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    blue_first: bool = False

    def encode(self, photo: Floats, hole: Hole) -> Tensor:
        """(H, W, 3) sRGB in [0, 1] -> (1, 3, H, W), 0 in the hole."""
        encoded = photo if self.is_plain else (photo - self._mean) / self._deviation
        encoded = encoded * ~hole[:, :, None]
        return to_batch(encoded[:, :, ::-1] if self.blue_first else encoded)

    def decode(self, output: Tensor) -> Floats:
        """(1, 3, H, W) -> (H, W, 3) sRGB, clipped to [0, 1]."""
        pixels = from_batch(output)
        pixels = pixels[:, :, ::-1] if self.blue_first else pixels
        decoded = pixels if self.is_plain else pixels * self._deviation + self._mean
        return decoded.clip(0, 1)

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to scale."""
        return not any(self.mean) and set(self.deviation) == {1.0}

    @property
    def _mean(self) -> npt.NDArray[np.float32]:
        return np.array(self.mean, np.float32)

    @property
    def _deviation(self) -> npt.NDArray[np.float32]:
        return np.array(self.deviation, np.float32)


COLOURS: Mapping[Dialect, Colours] = {
    "rgb-unit": Colours((0, 0, 0), (1, 1, 1)),
    "rgb-imagenet": Colours((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "bgr-symmetric": Colours((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), blue_first=True),
}


@dataclass(slots=True)
class PartialConvEngine:
    """Runs one PConv U-Net. Turns the mask round: networks are told what is valid."""

    network: PartialConvUNet
    colours: Colours
    size_rule: SizeRule
    device: torch.device
    notes: tuple[str, ...] = ()
    poses: tuple[Pose, ...] = AS_IT_IS
    """Those in which the network sees the picture."""

    def fill(self, request: FillRequest) -> FillRun:
        self.notes = ()
        result, notes = yield from fill_with_fallback(
            request, self._fill_on, device=self.device, rule=self.size_rule
        )
        self.notes = (*notes, *self.notes)
        return result

    def _fill_on(self, request: FillRequest, device: torch.device) -> FillRun:
        yield Progress("Filling in colour", 0.0)
        network = on_device(self.network, device)
        valid = to_batch(~request.hole[:, :, None])
        output, seen = run_in_poses(
            network,
            (self.colours.encode(request.photo, request.hole), valid),
            poses=self.poses,
            device=device,
        )
        pixels = self._continued(self.colours.decode(output), seen[0, 0].numpy() > _SEEN_BY_ALL)
        yield Progress("Filling in colour", 1.0)
        return FillResult(pixels)

    def _continued(self, pixels: Floats, seen: Hole) -> Floats:
        """The network leaves at 0 what it could not see: continue its surroundings there."""
        if seen.all():
            return pixels
        self.notes = (_TOO_DEEP,)
        return spread_smoothly(pixels, seen.astype(np.float32)).clip(0, 1)


def open_engine(setup: EngineSetup) -> PartialConvEngine:
    """Load the network of the card.

    Raises:
        WeightsError: no card, or its file is missing, broken or another network.
        UsageError: the device is not there.
    """
    card = required_card(setup, "pconv")
    device = choose_device(setup.device)
    settle(device)
    network = load_part(setup, "generator", PartialConvUNet)
    rule = size_rule_of(card, multiple_of=2**network.config.levels)
    return PartialConvEngine(
        settled_on(network, device),
        COLOURS[card.dialect],
        rule,
        device,
        poses=TURNED_OVER if card.poses > 1 else AS_IT_IS,
    )
