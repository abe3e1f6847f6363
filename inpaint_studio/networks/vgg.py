"""VGG feature slices for perceptual and style losses (Johnson et al. 2016, Gatys et al. 2016)."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class NormalisedVGG19(nn.Module):
    """VGG-19 up to relu3_1, each filter scaled to a mean activation of one (Gatys et al.).

    Takes RGB (B, 3, H, W) in [0, 1]; its first 1x1 convolution turns that into what VGG expects.
    """

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.input = nn.Conv2d(3, 3, 1)
        self.conv1_1 = nn.Conv2d(3, 64, 3)
        self.conv1_2 = nn.Conv2d(64, 64, 3)
        self.conv2_1 = nn.Conv2d(64, 128, 3)
        self.conv2_2 = nn.Conv2d(128, 128, 3)
        self.conv3_1 = nn.Conv2d(128, 256, 3)
        self.load_state_dict(state)
        self.requires_grad_(False)
        self.eval()

    def forward(self, picture: Tensor) -> list[Tensor]:
        """relu1_1, relu2_1 and relu3_1: (B, 64, H, W), (B, 128, H/2, W/2), (B, 256, H/4, W/4)."""
        first = _relu_conv(self.conv1_1, self.input(picture))
        second = _relu_conv(self.conv2_1, _pooled(_relu_conv(self.conv1_2, first)))
        third = _relu_conv(self.conv3_1, _pooled(_relu_conv(self.conv2_2, second)))
        return [first, second, third]


def gram(features: Tensor) -> Tensor:
    """How much each pair of channels agrees, F F^T / (C H W): (B, C, C)."""
    batch, channels, height, width = features.shape
    flat = features.reshape(batch, channels, height * width)
    return torch.bmm(flat, flat.transpose(1, 2)) / (channels * height * width)


def _relu_conv(conv: nn.Conv2d, x: Tensor) -> Tensor:
    return F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), conv.weight, conv.bias))


def _pooled(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=True)
