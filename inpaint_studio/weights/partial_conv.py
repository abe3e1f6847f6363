"""Partial-convolution U-Nets: the published layouts and how each becomes this program's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.weights.card import Dialect
from inpaint_studio.weights.checkpoint import State

_LAYOUTS: Mapping[str, tuple[str, str]] = {
    "naoto0804": ("enc_1.conv.input_conv.weight", "dec_1.conv.input_conv.weight"),
    "tanimutomo": ("enc_1.conv.weight", "dec_1.conv.weight"),
    "mmagic": ("encoder.enc1.conv.weight_mask_updater", "decoder.dec1.conv.weight"),
    "studio": ("encoder.0.conv.conv.weight", "decoder.0.conv.conv.weight"),
}
"""Layout -> two keys that only it has."""

_COLOURS: Mapping[str, Dialect] = {
    "naoto0804": "rgb-imagenet",
    "tanimutomo": "rgb-unit",
    "mmagic": "bgr-symmetric",
    "studio": "rgb-unit",
}

_PUBLISHED_KEY = re.compile(
    r"(?:encoder\.|decoder\.)?(?P<half>enc|dec)_?(?P<number>\d+)\.(?P<layer>conv|bn)\."
    r"(?:input_conv\.)?(?P<tensor>\w+)"
)
"""`enc_1.conv.input_conv.weight`, `enc_1.conv.weight` and `encoder.enc1.conv.weight` alike."""


@dataclass(frozen=True, slots=True)
class PartialConvArchitecture:
    """The U-Net of Liu et al. 2018 (see `networks.partial_conv`)."""

    id: str = "pconv-unet"
    engine: str = "pconv"
    role: str = "generator"

    def detect(self, state: State) -> str | None:
        for layout, keys in _LAYOUTS.items():
            if all(key in state for key in keys):
                return layout
        return None

    def colours(self, layout: str) -> Dialect:
        return _COLOURS[layout]

    def convert(self, state: State, layout: str) -> tuple[State, Mapping[str, str]]:
        """Rename, and undo what a dialect computes differently.

        naoto0804 divides by sum(M) without multiplying by sum(1): weights / sum(1) make up for
        it, exactly. tanimutomo multiplies its one biased layer by the ratio twice: no weights can
        make up for that, so it is a switch. mmagic is canonical.
        """
        if layout == "studio":
            return state, {}
        if layout == "tanimutomo":
            return _renamed(state, _levels(state) - 1), {"last_ratio_twice": "true"}
        renamed = _renamed(state, _levels(state))
        if layout == "naoto0804":
            renamed = {key: _divided_by_window(key, tensor) for key, tensor in renamed.items()}
        return renamed, {}

    def size_rule(self, state: State) -> SizeRule:
        smallest = 2 ** _own_levels(state)
        return SizeRule(minimum=smallest, multiple_of=smallest, working=max(256, smallest))

    def build(self, state: State, switches: Mapping[str, str]) -> nn.Module:
        config = PartialConvConfig(
            width=state["encoder.0.conv.conv.weight"].shape[0],
            levels=_own_levels(state),
            batch_norm="encoder.1.norm.weight" in state,
            first_bias="encoder.0.conv.bias" in state,
            last_ratio_twice=switches.get("last_ratio_twice") == "true",
        )
        return PartialConvUNet(config)

    def switches_of(self, network: nn.Module) -> Mapping[str, str] | None:
        if not isinstance(network, PartialConvUNet):
            return None
        return {"last_ratio_twice": "true"} if network.config.last_ratio_twice else {}


PARTIAL_CONV = PartialConvArchitecture()


def _levels(state: State) -> int:
    found = (_PUBLISHED_KEY.fullmatch(key) for key in state)
    return max(int(match["number"]) for match in found if match and match["half"] == "enc")


def _own_levels(state: State) -> int:
    return sum(bool(re.fullmatch(r"encoder\.\d+\.conv\.conv\.weight", key)) for key in state)


def _renamed(state: State, levels: int) -> State:
    """Rename to our own; layers beyond `levels` are never run (tanimutomo ships an eighth)."""
    renamed: State = {}
    for key, tensor in state.items():
        match = _PUBLISHED_KEY.fullmatch(key)
        if match and match["tensor"] != "weight_mask_updater" and int(match["number"]) <= levels:
            renamed[_own_key(match, levels)] = tensor
    return renamed


def _own_key(match: re.Match[str], levels: int) -> str:
    number = int(match["number"])
    block = f"encoder.{number - 1}" if match["half"] == "enc" else f"decoder.{levels - number}"
    if match["layer"] == "bn":
        return f"{block}.norm.{match['tensor']}"
    return f"{block}.conv.{'conv.weight' if match['tensor'] == 'weight' else match['tensor']}"


def _divided_by_window(key: str, tensor: Tensor) -> Tensor:
    return tensor / tensor[0].numel() if key.endswith(".conv.conv.weight") else tensor
