"""Partial convolution and its U-Net: Liu et al., Image Inpainting for Irregular Holes Using
Partial Convolutions, ECCV 2018 (arXiv 1804.07723)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

Part = tuple[Tensor, Tensor]
"""Features (B, C, H, W) and where they are valid, (B, 1, H, W) or (B, C, H, W), 1 = valid."""


class PartialConv2d(nn.Module):
    """Convolve valid pixels only, scale up for those that are missing, shrink the hole (eq. 1, 2).

    Several parts are concatenated first, features with features; each brings its own validity.
    Zero padding counts as hole, also outside the picture.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel: int,
        stride: int = 1,
        bias: bool = False,
        ratio_twice: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel, stride=stride, padding=kernel // 2, bias=False
        )
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.ratio_twice = ratio_twice
        """One published dialect multiplies output *and bias* by the ratio once more."""

    def forward(self, parts: Sequence[Part]) -> Part:
        """Features (B, out, H / stride, W / stride), and (B, 1, ...) where they are valid."""
        ratio, valid = self.window(parts)
        known = torch.cat([features * mask.to(features.dtype) for features, mask in parts], dim=1)
        out = cast(Tensor, self.conv(known)) * ratio.to(known.dtype)
        if self.bias is not None:
            out = out + self.bias[:, None, None]
        if self.ratio_twice:
            out = out * ratio.to(out.dtype)
        return out * valid.to(out.dtype), valid

    def window(self, parts: Sequence[Part]) -> Part:
        """sum(1) / sum(M) over each window and all channels (0 where sum(M) = 0), and the new mask.

        All channels of a part share one mask, so the sum over channels is taken first and the
        window is summed over a single channel, whatever the width. In float32: counts reach
        thousands, which 16-bit floats cannot hold apart.
        """
        (kernel, _), (stride, _) = self.conv.kernel_size, self.conv.stride
        count = torch.stack([_valid_channels(*part) for part in parts]).sum(0)
        mean = nn.functional.avg_pool2d(count, kernel, stride, padding=kernel // 2)
        valid = (mean > 0).float()
        ratio = (self.conv.in_channels / mean).masked_fill(mean == 0, 0.0)
        return ratio, valid


def _valid_channels(features: Tensor, mask: Tensor) -> Tensor:
    """How many channels are valid at each pixel: (B, 1, H, W) float32."""
    if mask.shape[1] == 1:
        return mask.float() * features.shape[1]
    return mask.float().sum(1, keepdim=True)


@dataclass(frozen=True, slots=True)
class PartialConvConfig:
    """What tells one PConv U-Net from another; all of it can be read from tensor shapes but the
    last field."""

    width: int = 64
    levels: int = 7
    """Halvings of the picture: its sides must be multiples of 2 ** levels."""
    batch_norm: bool = True
    first_bias: bool = True
    """Whether the first encoder layer, which has no batch norm, has a bias."""
    last_ratio_twice: bool = False

    def channels(self, level: int) -> int:
        """Output channels of encoder layer `level`, counted from 0."""
        return self.width * min(2**level, 8)


class PartialConvLayer(nn.Module):
    """Partial convolution, batch norm (holes included, as published), activation."""

    def __init__(self, conv: PartialConv2d, *, norm: bool, activation: nn.Module) -> None:
        super().__init__()
        self.conv = conv
        self.norm = nn.BatchNorm2d(conv.conv.out_channels) if norm else nn.Identity()
        self.activation = activation

    def forward(self, parts: Sequence[Part]) -> Part:
        features, valid = cast(Part, self.conv(parts))
        return cast(Tensor, self.activation(self.norm(features))), valid


class PartialConvUNet(nn.Module):
    """The U-Net of section 3.2: stride-2 encoder, nearest-upsampling decoder, skips of features
    and of masks; the last layer sees the input picture and its mask."""

    def __init__(self, config: PartialConvConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or PartialConvConfig()
        self.encoder = nn.ModuleList(_encoder_layer(config, at) for at in range(config.levels))
        self.decoder = nn.ModuleList(
            _decoder_layer(config, at) for at in reversed(range(config.levels))
        )

    def forward(self, picture: Tensor, valid: Tensor) -> Part:
        """Fill the holes of a batch.

        Args:
            picture: (B, 3, H, W), H and W multiples of 2 ** levels, in the colours it was
                trained on.
            valid: (B, 1 | 3, H, W), 1 = known pixel, 0 = hole.

        Returns:
            The whole picture as the network sees it, (B, 3, H, W), not clamped, known pixels
            included; and where it is valid, (B, 1, H, W).
        """
        skips: list[Part] = [(picture, valid)]
        for layer in self.encoder:
            skips.append(cast(Part, layer([skips[-1]])))  # (B, c, H / 2^i, W / 2^i)
        below = skips.pop()
        for layer in self.decoder:
            below = cast(Part, layer([_doubled(below), skips.pop()]))  # (B, c, H / 2^i, W / 2^i)
        return below

    def freeze_encoder_norm(self) -> None:
        """Stop the encoder's batch norm from learning, for fine-tuning (section 4.2): the many
        holes of training pictures would otherwise keep shifting its statistics."""
        for module in self.encoder.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
                module.requires_grad_(False)


def _doubled(part: Part) -> Part:
    features, valid = part
    return (
        nn.functional.interpolate(features, scale_factor=2, mode="nearest"),
        nn.functional.interpolate(valid, scale_factor=2, mode="nearest"),
    )


def _encoder_layer(config: PartialConvConfig, level: int) -> PartialConvLayer:
    kernel = {0: 7, 1: 5, 2: 5}.get(level, 3)
    inputs = 3 if level == 0 else config.channels(level - 1)
    conv = PartialConv2d(
        inputs,
        config.channels(level),
        kernel=kernel,
        stride=2,
        bias=level == 0 and config.first_bias,
    )
    return PartialConvLayer(conv, norm=config.batch_norm and level > 0, activation=nn.ReLU())


def _decoder_layer(config: PartialConvConfig, level: int) -> PartialConvLayer:
    """The layer that brings features back to the size that encoder layer `level` was given."""
    last = level == 0
    skip = 3 if last else config.channels(level - 1)
    conv = PartialConv2d(
        config.channels(level) + skip,
        skip,
        kernel=3,
        bias=last,
        ratio_twice=last and config.last_ratio_twice,
    )
    activation = nn.Identity() if last else nn.LeakyReLU(0.2)
    return PartialConvLayer(conv, norm=config.batch_norm and not last, activation=activation)
