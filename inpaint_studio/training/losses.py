"""What the networks are trained on, term by term."""

import torch
import torch.nn.functional as F
from torch import Tensor

from inpaint_studio.networks.vgg import NormalisedVGG19, gram


def composed(output: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Output inside the hole, truth outside: (B, C, H, W); `hole` is (B, 1, H, W), 1 = hole."""
    return hole * output + (1 - hole) * truth


def l1_valid_and_hole(output: Tensor, truth: Tensor, hole: Tensor) -> tuple[Tensor, Tensor]:
    """Mean absolute difference over all pixels, known ones only and hole ones only (Liu et al.)."""
    difference = (output - truth).abs()
    return ((1 - hole) * difference).mean(), (hole * difference).mean()


def total_variation(composite: Tensor, hole: Tensor) -> Tensor:
    """Neighbour differences where both neighbours lie in the hole dilated by one pixel."""
    region = F.max_pool2d(hole, 3, stride=1, padding=1)
    across = region[..., :, 1:] * region[..., :, :-1]
    down = region[..., 1:, :] * region[..., :-1, :]
    horizontal = (across * (composite[..., :, 1:] - composite[..., :, :-1]).abs()).mean()
    return horizontal + (down * (composite[..., 1:, :] - composite[..., :-1, :]).abs()).mean()


def perceptual_and_style(
    vgg: NormalisedVGG19, picture: Tensor, truth: Tensor
) -> tuple[Tensor, Tensor]:
    """L1 between VGG features, and between their Gram matrices, summed over the slices."""
    with torch.no_grad():
        wanted = vgg(truth)
    found = vgg(picture)
    pairs = list(zip(found, wanted, strict=True))
    perceptual = torch.stack([F.l1_loss(a, b) for a, b in pairs]).sum()
    style = torch.stack([F.l1_loss(gram(a), gram(b)) for a, b in pairs]).sum()
    return perceptual, style


def balanced_edge_entropy(logits: Tensor, edges: Tensor, hole: Tensor) -> Tensor:
    """Cross entropy of edge pixels inside the hole; the few edges weigh as much as the rest."""
    positives = (edges * hole).sum()
    weight = ((hole.sum() - positives) / positives.clamp(min=1)).clamp(1, 4)
    loss = F.binary_cross_entropy_with_logits(logits, edges, pos_weight=weight, reduction="none")
    return (loss * (hole + 0.05)).sum() / (hole + 0.05).sum()
