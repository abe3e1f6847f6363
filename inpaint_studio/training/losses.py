"""What the networks are trained on, term by term.

Pictures are (B, C, H, W) float32; a hole is (B, 1, H, W), 1 = hole. L1 is the mean of absolute
differences over all elements. Each term is given without its weight.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from inpaint_studio.networks.vgg import gram


class FeatureMaps(NamedTuple):
    """What a feature network says of a picture, the layers to compare, shallow ones first."""

    perceptual: Sequence[Tensor]
    style: Sequence[Tensor]


Mean = Callable[[Tensor], Tensor]
"""The mean of what each process that trains together has; what a lone one has as it is."""

Features = Callable[[Tensor], FeatureMaps]
"""A feature network: RGB (B, 3, H, W) in [0, 1] to its maps, each (B, C, H / 2^n, W / 2^n)."""


def composed(output: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Output inside the hole, truth outside: (B, C, H, W)."""
    return hole * output + (1 - hole) * truth


def l1_valid_and_hole(output: Tensor, truth: Tensor, hole: Tensor) -> tuple[Tensor, Tensor]:
    """L1 over all pixels, of the known ones only and of the hole only (Liu et al.)."""
    difference = (output - truth).abs()
    return ((1 - hole) * difference).mean(), (hole * difference).mean()


def l1_per_hole(
    output: Tensor, truth: Tensor, hole: Tensor, *, mean: Mean = torch.detach
) -> Tensor:
    """L1 of the whole picture over the share of the hole in the batch (Nazeri et al.)."""
    return F.l1_loss(output, truth) / mean(hole.mean())


def total_variation(composite: Tensor, hole: Tensor) -> Tensor:
    """Neighbour differences where both neighbours lie in the hole dilated by one pixel.

    A mean over all pairs of neighbours of the picture, across plus down, as published.
    """
    region = F.max_pool2d(hole, 3, stride=1, padding=1)
    across = region[..., :, 1:] * region[..., :, :-1]
    down = region[..., 1:, :] * region[..., :-1, :]
    horizontal = (across * (composite[..., :, 1:] - composite[..., :, :-1]).abs()).mean()
    return horizontal + (down * (composite[..., 1:, :] - composite[..., :-1, :]).abs()).mean()


def perceptual(found: Iterable[Tensor], wanted: Iterable[Tensor]) -> Tensor:
    """L1 between feature maps, summed over the layers (Johnson et al. 2016)."""
    pairs = zip(found, wanted, strict=True)
    return torch.stack([F.l1_loss(a.float(), b.float()) for a, b in pairs]).sum()


def style(found: Iterable[Tensor], wanted: Iterable[Tensor]) -> Tensor:
    """L1 between Gram matrices, summed over the layers (Gatys et al. 2016).

    In float32: sums over a whole map are more than 16 bits hold.
    """
    pairs = zip(found, wanted, strict=True)
    return torch.stack([F.l1_loss(gram(a.float()), gram(b.float())) for a, b in pairs]).sum()


def balanced_edge_entropy(
    logits: Tensor, edges: Tensor, hole: Tensor, *, mean: Mean = torch.detach
) -> Tensor:
    """Cross entropy of edge pixels inside the hole; the few edges weigh as much as the rest."""
    positives = mean((edges * hole).sum())
    weight = ((mean(hole.sum()) - positives) / positives.clamp(min=1)).clamp(1, 4)
    loss = F.binary_cross_entropy_with_logits(logits, edges, pos_weight=weight, reduction="none")
    return (loss * (hole + 0.05)).sum() / mean((hole + 0.05).sum())
