"""Which feature network the perceptual and style losses look through."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor, nn

from inpaint_studio.errors import WeightsError
from inpaint_studio.networks.vgg import NormalisedVGG19, StandardVGG
from inpaint_studio.training.losses import FeatureMaps, Features
from inpaint_studio.weights.checkpoint import State, read_state_dict
from inpaint_studio.weights.fingerprint import fingerprint

VGG16_POOLS = (4, 9, 16)
"""pool1 to pool3, as Liu et al. compare them."""
VGG19_PERCEPTUAL = (1, 6, 11, 20, 29)
"""relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1, as Nazeri et al. compare them."""
VGG19_STYLE = (8, 17, 26, 31)
"""relu2_2, relu3_4, relu4_4 and relu5_2."""

PUBLISHED: Mapping[str, str] = MappingProxyType({"VGG-16": "397923af", "VGG-19": "dcbb9e9d"})
"""How the SHA-256 of torchvision's files begins; it is part of their names."""


@dataclass(frozen=True, slots=True)
class FeatureNetwork:
    """A feature network and what a model card says of it."""

    features: Features
    name: str


def open_features(path: Path, *, device: torch.device) -> FeatureNetwork:
    """Tell by its tensors what the file holds.

    Raises:
        WeightsError: it is none of the feature networks this program knows.
    """
    state = read_state_dict(path)
    try:
        features, name = _read(state, device)
    except (KeyError, RuntimeError, ValueError, IndexError) as error:
        raise WeightsError(
            f"{path} holds no feature network for training. Use torchvision's VGG-16 or VGG-19, or "
            "the normalised VGG-19 up to relu3_1."
        ) from error
    return FeatureNetwork(features, _provenance(path, name))


def _read(state: State, device: torch.device) -> tuple[Features, str]:
    if "conv3_1.weight" in state:
        name = "normalised VGG-19 up to relu3_1"
        return _on_same_layers(NormalisedVGG19(state).to(device)), name
    if "features.34.weight" in state:
        layers = sorted({*VGG19_PERCEPTUAL, *VGG19_STYLE})
        return _vgg19(StandardVGG(state, layers=layers, normalise=False).to(device)), "VGG-19"
    if "features.28.weight" in state:
        return _on_same_layers(StandardVGG(state, layers=VGG16_POOLS).to(device)), "VGG-16"
    raise ValueError("neither VGG-16 nor VGG-19")


def _on_same_layers(network: nn.Module) -> Features:
    def features(picture: Tensor) -> FeatureMaps:
        found: list[Tensor] = network(picture)
        return FeatureMaps(found, found)

    return features


def _vgg19(network: StandardVGG) -> Features:
    layers = sorted({*VGG19_PERCEPTUAL, *VGG19_STYLE})

    def features(picture: Tensor) -> FeatureMaps:
        found = dict(zip(layers, network(picture), strict=True))
        look, texture = VGG19_PERCEPTUAL, VGG19_STYLE
        return FeatureMaps([found[at] for at in look], [found[at] for at in texture])

    return features


def _provenance(path: Path, name: str) -> str:
    """The network's name, and whether the file is the published one."""
    wanted = PUBLISHED.get(name)
    if wanted is None:
        return name
    digest = fingerprint(path).sha256
    if digest.startswith(wanted):
        return f"{name} of torchvision"
    return f"{name}, not torchvision's file (SHA-256 {digest[:8]})"
