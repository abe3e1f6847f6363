"""EdgeConnect's two generators: Nazeri et al., EdgeConnect: Generative Image Inpainting with
Adversarial Edge Learning, 2019 (arXiv 1901.00212)."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


@dataclass(frozen=True, slots=True)
class EdgeConnectConfig:
    """What tells one generator from another; all of it can be read from tensor shapes."""

    width: int = 64
    blocks: int = 8
    spectral: bool = False
    """Whether to constrain the weights while training. Finished weights have it folded in."""


class ResidualBlock(nn.Module):
    """Dilated 3x3, 3x3, and the input on top; nothing after the sum."""

    def __init__(self, channels: int, *, config: EdgeConnectConfig, bias: bool) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(2),
            _constrained(nn.Conv2d(channels, channels, 3, dilation=2, bias=bias), config),
            nn.InstanceNorm2d(channels),
            nn.ReLU(),
            nn.ReflectionPad2d(1),
            _constrained(nn.Conv2d(channels, channels, 3, bias=bias), config),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + cast(Tensor, self.conv_block(x))


class _Generator(nn.Module):
    """Down by four, residual blocks with dilation, up by four. Not a U-Net: there are no skips.

    Instance norm looks at the whole input: never run it on a grid of tiles.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, config: EdgeConnectConfig, bias: bool
    ) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.encoder = nn.Sequential(
            nn.ReflectionPad2d(3),
            _constrained(nn.Conv2d(in_channels, w, 7), config),
            *_norm_relu(w),  # (B, w, H, W)
            _constrained(nn.Conv2d(w, 2 * w, 4, stride=2, padding=1), config),
            *_norm_relu(2 * w),  # (B, 2w, H/2, W/2)
            _constrained(nn.Conv2d(2 * w, 4 * w, 4, stride=2, padding=1), config),
            *_norm_relu(4 * w),  # (B, 4w, H/4, W/4)
        )
        self.middle = nn.Sequential(
            *(ResidualBlock(4 * w, config=config, bias=bias) for _ in range(config.blocks))
        )
        self.decoder = nn.Sequential(
            _constrained(nn.ConvTranspose2d(4 * w, 2 * w, 4, stride=2, padding=1), config),
            *_norm_relu(2 * w),  # (B, 2w, H/2, W/2)
            _constrained(nn.ConvTranspose2d(2 * w, w, 4, stride=2, padding=1), config),
            *_norm_relu(w),  # (B, w, H, W)
            nn.ReflectionPad2d(3),
            nn.Conv2d(w, out_channels, 7),
        )

    def logits(self, x: Tensor) -> Tensor:
        """What the last convolution says, before it is squashed: (B, out, H, W)."""
        return cast(Tensor, self.decoder(self.middle(self.encoder(x))))


class EdgeGenerator(_Generator):
    """G1: draws the edges that are missing (section 3.1)."""

    def __init__(self, config: EdgeConnectConfig | None = None) -> None:
        super().__init__(3, 1, config=config or EdgeConnectConfig(), bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Edge probability (B, 1, H, W) in [0, 1], holes and known pixels alike.

        Args:
            x: (B, 3, H, W), sides multiples of 4: grey in [0, 1] with the hole white, known Canny
                edges (0 inside the hole), hole mask (1 = hole).
        """
        return torch.sigmoid(self.logits(x))


class CompletionGenerator(_Generator):
    """G2: colours the holes in, given the edges (section 3.2)."""

    def __init__(self, config: EdgeConnectConfig | None = None) -> None:
        super().__init__(4, 3, config=config or EdgeConnectConfig(), bias=True)

    def forward(self, x: Tensor) -> Tensor:
        """The whole picture, RGB (B, 3, H, W) in [0, 1].

        Args:
            x: (B, 4, H, W), sides multiples of 4: RGB in [0, 1] with the hole white, then the
                edge map of the whole picture. The mask itself is not an input.
        """
        return (torch.tanh(self.logits(x)) + 1) / 2


def _norm_relu(channels: int) -> tuple[nn.Module, nn.Module]:
    return nn.InstanceNorm2d(channels), nn.ReLU()


def _constrained(conv: nn.Module, config: EdgeConnectConfig) -> nn.Module:
    return spectral_norm(conv) if config.spectral else conv
