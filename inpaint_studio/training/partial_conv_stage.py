"""The stages `pconv` and `pconv-finetune`: Liu et al. 2018, sections 3.3 and 4.2."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from inpaint_studio.engines.partial_conv import COLOURS, Colours
from inpaint_studio.networks.partial_conv import PartialConvUNet
from inpaint_studio.training.config import Config
from inpaint_studio.training.losses import (
    Features,
    composed,
    l1_valid_and_hole,
    perceptual,
    style,
    total_variation,
)
from inpaint_studio.training.stage import Learner, Machine, Sample, Turn


class PartialConvStage:
    """The U-Net on all the paper's losses; to fine-tune, its encoder's batch norm stands still."""

    def __init__(
        self, network: PartialConvUNet, config: Config, *, features: Features | None, on: Machine
    ) -> None:
        self._network = network
        self._config = config
        self._features = features
        self._on = on
        self._palette = Palette.of(COLOURS[config.network.dialect], on.device)
        self.begin()
        # Settled only now: parameters that stand still are not the optimiser's.
        self.learners = (Learner("generator", {"generator": network}, config.rate, config.betas),)

    def begin(self) -> None:
        self._network.train()
        if self._config.stage == "pconv-finetune":
            self._network.freeze_encoder_norm()

    def turns(self, sample: Sample, step: int) -> Iterator[Turn]:
        weights = self._config.pconv
        output = self._fill(sample)
        truth, hole = sample.photo, sample.hole
        composite = composed(output, truth, hole)
        valid, missing = l1_valid_and_hole(output, truth, hole)
        losses = {
            "valid": weights.valid * valid,
            "hole": weights.hole * missing,
            "tv": weights.tv * total_variation(composite, hole),
        }
        if self._features is not None and step % self._config.features.every == 0:
            losses |= self._compare(self._features, output, composite, truth)
        yield Turn(self.learners[0], losses)

    def preview(self, sample: Sample) -> list[Tensor]:
        self._network.eval()
        filled = composed(self._fill(sample), sample.photo, sample.hole)
        return [sample.photo * (1 - sample.hole), filled, sample.photo]

    def _fill(self, sample: Sample) -> Tensor:
        known = 1 - sample.hole
        picture = self._palette.encode(sample.photo) * known
        with self._on.passing():
            output = self._network(picture, known)[0]
        return self._palette.decode(output.float())

    def _compare(
        self, features: Features, output: Tensor, composite: Tensor, truth: Tensor
    ) -> dict[str, Tensor]:
        weights = self._config.pconv
        pictures = (
            (output, weights.perceptual_out, weights.style_out),
            (composite, weights.perceptual_comp, weights.style_comp),
        )
        scaled = halved if self._config.features.half_size else _same
        with self._on.passing():
            with torch.no_grad():
                wanted = features(scaled(truth))
            found = [(features(scaled(x)), p, s) for x, p, s in pictures if p or s]
        look = [p * perceptual(maps.perceptual, wanted.perceptual) for maps, p, _ in found]
        texture = [s * style(maps.style, wanted.style) for maps, _, s in found]
        return {"perceptual": _sum(look, output), "style": _sum(texture, output)}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as a network wants them: batches (B, 3, H, W) of what `Colours` is for a picture."""

    mean: Tensor
    """(3, 1, 1), as `deviation`."""
    deviation: Tensor
    blue_first: bool
    plain: bool

    @classmethod
    def of(cls, colours: Colours, device: torch.device) -> Self:
        mean, deviation = (
            torch.tensor(values, device=device)[:, None, None]
            for values in (colours.mean, colours.deviation)
        )
        return cls(mean, deviation, colours.blue_first, colours.is_plain)

    def encode(self, picture: Tensor) -> Tensor:
        """RGB in [0, 1] to the network's colours."""
        encoded = picture if self.plain else (picture - self.mean) / self.deviation
        return encoded.flip(1) if self.blue_first else encoded

    def decode(self, output: Tensor) -> Tensor:
        """What the network gives to RGB in [0, 1], not clamped."""
        output = output.flip(1) if self.blue_first else output
        return output if self.plain else output * self.deviation + self.mean


def halved(picture: Tensor) -> Tensor:
    """At half size, (B, C, H / 2, W / 2): the texture that blurs away first is still seen."""
    return F.avg_pool2d(picture, 2)


def _same(picture: Tensor) -> Tensor:
    return picture


def _sum(terms: list[Tensor], like: Tensor) -> Tensor:
    return torch.stack(terms).sum() if terms else like.new_zeros(())
