"""VGG-11 with batch norm (Simonyan and Zisserman 2015), as far as pictures are measured with it."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


class VGG11Features(nn.Module):
    """torchvision's VGG-11 with batch norm up to its third pooling, for measuring.

    Takes RGB (B, 3, H, W) in [0, 1] and normalises it as ImageNet's pictures were. `state` is
    torchvision's: keys `features.N.*`, of which those up to 12 are used.
    """

    CHANNELS = (64, 128, 256)

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_conv_norm_relu(3, 64),
            nn.MaxPool2d(2),
            *_conv_norm_relu(64, 128),
            nn.MaxPool2d(2),
            *_conv_norm_relu(128, 256),
            *_conv_norm_relu(256, 256),
            nn.MaxPool2d(2),
        )
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.tensor(_IMAGENET_MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer(
            "deviation", torch.tensor(_IMAGENET_DEVIATION).view(3, 1, 1), persistent=False
        )
        wanted = self.state_dict()
        counters = {key: value for key, value in wanted.items() if key not in state}
        needed = {key: state[key] for key in wanted if key in state}
        if any(not key.endswith("num_batches_tracked") for key in counters):
            raise KeyError(f"not a VGG-11 with batch norm: {next(iter(counters))} is missing")
        self.load_state_dict(needed | counters)
        self.requires_grad_(False)
        self.eval()

    def forward(self, picture: Tensor) -> list[Tensor]:
        """pool1, pool2, pool3: (B, 64, H/2, W/2), (B, 128, H/4, W/4), (B, 256, H/8, W/8)."""
        x = (picture - self.mean) / self.deviation
        pools: list[Tensor] = []
        for layer in self.features:
            x = layer(x)
            if isinstance(layer, nn.MaxPool2d):
                pools.append(x)
        return pools


def _conv_norm_relu(channels: int, filters: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(channels, filters, 3, padding=1), nn.BatchNorm2d(filters), nn.ReLU()
