"""VGG feature slices for perceptual and style losses (Johnson et al. 2016, Gatys et al. 2016)."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import cast

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


class StandardVGG(nn.Module):
    """The convolutions of torchvision's VGG-16 or VGG-19 (Simonyan and Zisserman 2015), up to the
    deepest layer asked for.

    Takes RGB (B, 3, H, W) in [0, 1], and subtracts the ImageNet mean and divides by its deviation
    where `normalise` is set, as the weights expect; EdgeConnect was published without.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self, state: Mapping[str, Tensor], *, layers: Sequence[int], normalise: bool = True
    ) -> None:
        """`layers` are indices into torchvision's `features`, in ascending order.

        Raises:
            KeyError, RuntimeError: the tensors are not those of such a network.
        """
        super().__init__()
        found = (re.fullmatch(r"features\.(\d+)\.weight", key) for key in state)
        depth = {int(match[1]) for match in found if match}
        self._layers = tuple(layers)
        self._normalise = normalise
        self.features = nn.ModuleList(_vgg_layers(max(depth) + 2, convolutions=depth, state=state))
        del self.features[self._layers[-1] + 1 :]
        wanted = {f"features.{at}" for at in range(len(self.features))}
        self.load_state_dict({k: t for k, t in state.items() if k.rpartition(".")[0] in wanted})
        self.register_buffer("mean", _per_channel(0.485, 0.456, 0.406), persistent=False)
        self.register_buffer("deviation", _per_channel(0.229, 0.224, 0.225), persistent=False)
        self.requires_grad_(False)
        self.eval()

    def forward(self, picture: Tensor) -> list[Tensor]:
        """What each of the layers asked for gives, shallow ones first."""
        x = (picture - self.mean) / self.deviation if self._normalise else picture
        found: list[Tensor] = []
        for at, layer in enumerate(self.features):
            x = cast(Tensor, layer(x))
            if at in self._layers:
                found.append(x)
        return found


def gram(features: Tensor) -> Tensor:
    """How much each pair of channels agrees, F F^T / (C H W): (B, C, C)."""
    batch, channels, height, width = features.shape
    flat = features.reshape(batch, channels, height * width)
    return torch.bmm(flat, flat.transpose(1, 2)) / (channels * height * width)


def _relu_conv(conv: nn.Conv2d, x: Tensor) -> Tensor:
    return F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), conv.weight, conv.bias))


def _pooled(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=True)


def _vgg_layers(
    count: int, *, convolutions: Set[int], state: Mapping[str, Tensor]
) -> Iterator[nn.Module]:
    """Convolution and ReLU by turns, and pooling wherever neither is due."""
    for at in range(count):
        if at in convolutions:
            outputs, inputs = state[f"features.{at}.weight"].shape[:2]
            yield nn.Conv2d(inputs, outputs, 3, padding=1)
        elif at - 1 in convolutions:
            yield nn.ReLU()
        else:
            yield nn.MaxPool2d(2)


def _per_channel(*values: float) -> Tensor:
    return torch.tensor(values)[:, None, None]
