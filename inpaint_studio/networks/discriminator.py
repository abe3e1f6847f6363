"""The 70x70 PatchGAN with spectral norm that trains EdgeConnect's generators (section 3.1)."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class PatchDiscriminator(nn.Module):
    """Says of each 70x70 patch whether it is real. `width` is 64 in the paper."""

    def __init__(self, in_channels: int, *, width: int = 64) -> None:
        super().__init__()
        channels = (in_channels, width, 2 * width, 4 * width, 8 * width, 1)
        strides = (2, 2, 2, 1, 1)
        self.layers = nn.ModuleList(
            spectral_norm(
                nn.Conv2d(channels[at], channels[at + 1], 4, stride=stride, padding=1, bias=False)
            )
            for at, stride in enumerate(strides)
        )

    def features(self, x: Tensor) -> list[Tensor]:
        """What each of the five layers gives; the last are logits, (B, 1, H/8 - 2, W/8 - 2).

        Feature matching compares all five (eq. 4).
        """
        found: list[Tensor] = []
        for at, layer in enumerate(self.layers):
            x = cast(Tensor, layer(x))
            if at < len(self.layers) - 1:
                x = nn.functional.leaky_relu(x, 0.2)
            found.append(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        """Probability that each patch is real."""
        return torch.sigmoid(self.features(x)[-1])
