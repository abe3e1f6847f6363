"""One stage of training: which network learns, from what, on which losses."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inpaint_studio.networks.edge_connect import CompletionGenerator, EdgeGenerator
from inpaint_studio.networks.partial_conv import PartialConvUNet
from inpaint_studio.networks.vgg import NormalisedVGG19
from inpaint_studio.training.losses import (
    balanced_edge_entropy,
    composed,
    l1_valid_and_hole,
    perceptual_and_style,
    total_variation,
)
from inpaint_studio.training.photos import Batch

Losses = dict[str, Tensor]


class Stage(Protocol):
    """A network and the weighted losses whose sum it is to make small."""

    @property
    def network(self) -> nn.Module: ...

    def losses(self, batch: Batch, number: int) -> Losses: ...


class PartialConvStage:
    """The U-Net on the losses of Liu et al.; features at half size, every eighth step.

    The features of the normalised VGG-19 are larger than those of the paper's VGG-16, and a Gram
    matrix grows with their square: style weighs 4 here where the paper has 120.
    """

    def __init__(self, network: PartialConvUNet, vgg: NormalisedVGG19 | None) -> None:
        self.network = network
        self._vgg = vgg

    def losses(self, batch: Batch, number: int) -> Losses:
        truth, hole = _picture(batch), _channel(batch.hole)
        output, _ = self.network(truth * (1 - hole), 1 - hole)
        composite = composed(output, truth, hole)
        valid, missing = l1_valid_and_hole(output, truth, hole)
        found = {
            "valid": valid,
            "hole": 6 * missing,
            "tv": 0.1 * total_variation(composite, hole),
        }
        if self._vgg is not None and number % 8 == 0:
            found |= _features(self._vgg, composite, truth, perceptual=0.05 * 4, style=4.0 * 4)
        return found


class EdgeStage:
    """G1: draw the Canny edges that lie in the hole."""

    def __init__(self, network: EdgeGenerator) -> None:
        self.network = network

    def losses(self, batch: Batch, number: int) -> Losses:
        edges, hole = _channel(batch.edges), _channel(batch.hole)
        seen = edge_input(_picture(batch), edges, hole).contiguous()
        return {"edges": balanced_edge_entropy(self.network.logits(seen), edges, hole)}


class CompletionStage:
    """G2: colour the hole in, on true edges and, every other batch, on those G1 draws."""

    def __init__(
        self,
        network: CompletionGenerator,
        *,
        edge_network: EdgeGenerator | None,
        vgg: NormalisedVGG19 | None,
    ) -> None:
        self.network = network
        self._edge_network = edge_network
        self._vgg = vgg

    def losses(self, batch: Batch, number: int) -> Losses:
        truth, hole = _picture(batch), _channel(batch.hole)
        edges = self._edges(truth, _channel(batch.edges), hole, number)
        seen = torch.cat([truth * (1 - hole) + hole, edges], dim=1)
        output = self.network(seen.contiguous())
        valid, missing = l1_valid_and_hole(output, truth, hole)
        found = {"l1": (valid + missing) / hole.mean()}
        if self._vgg is not None and number % 2 == 0:
            composite = composed(output, truth, hole)
            found |= _features(self._vgg, composite, truth, perceptual=0.1 * 2, style=4.0 * 2)
        return found

    def _edges(self, truth: Tensor, edges: Tensor, hole: Tensor, number: int) -> Tensor:
        if self._edge_network is None or number % 2 == 1:
            return edges
        with torch.no_grad():
            drawn = self._edge_network(edge_input(truth, edges, hole).contiguous())
        return drawn * hole + edges * (1 - hole)


def edge_input(picture: Tensor, edges: Tensor, hole: Tensor) -> Tensor:
    """What G1 sees, (B, 3, H, W): grey with the hole white, known edges, hole."""
    weights = picture.new_tensor([0.2125, 0.7154, 0.0721])[:, None, None]
    grey = (picture * weights).sum(1, keepdim=True)
    return torch.cat([grey * (1 - hole) + hole, edges * (1 - hole), hole], dim=1)


def _features(
    vgg: NormalisedVGG19, picture: Tensor, truth: Tensor, *, perceptual: float, style: float
) -> Losses:
    """At half size: a quarter of the cost, and the texture that blurs away first is still seen."""
    found = perceptual_and_style(vgg, F.avg_pool2d(picture, 2), F.avg_pool2d(truth, 2))
    return {"perceptual": perceptual * found[0], "style": style * found[1]}


def _picture(batch: Batch) -> Tensor:
    return torch.from_numpy(batch.photo).permute(0, 3, 1, 2).float() / 255  # (B, 3, H, W)


def _channel(values: npt.NDArray[np.bool_]) -> Tensor:
    return torch.from_numpy(values)[:, None].float()
