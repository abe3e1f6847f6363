"""EdgeConnect's generators: the published layout, with or without spectral norm, and our own.

Both use the same names; what differs is how a layer constrained by spectral norm is stored. Here
the constraint is folded in: the weight divided by sigma = u^T W v, with the *stored* u and v.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.weights.card import Dialect
from inpaint_studio.weights.checkpoint import State

_TRAINED = re.compile(r"(?P<layer>.+)\.(?:weight_orig|parametrizations\.weight\.original)")
"""A constrained weight, as torch stored it up to 1.x and stores it now."""
_CONSTRAINT = re.compile(r".+\.(?:weight_(?:orig|u|v)|parametrizations\.weight\..+)")

_POWER_ITERATIONS = 50


@dataclass(frozen=True, slots=True)
class EdgeConnectArchitecture:
    """One of the two generators of Nazeri et al. 2019 (see `networks.edge_connect`)."""

    id: str
    role: str
    generator: type[EdgeGenerator] | type[CompletionGenerator]
    channels: tuple[int, int]
    """In and out: what tells the two apart."""
    engine: str = "edgeconnect"

    def detect(self, state: State) -> str | None:
        first = next((state[key] for key in _stored_as("encoder.1") if key in state), None)
        last = state.get("decoder.7.weight")
        if first is None or last is None or "middle.0.conv_block.1" not in _layers(state):
            return None
        shape = (*first.shape[1:2], *last.shape[:1])
        return "edgeconnect" if shape == self.channels else None

    def colours(self, layout: str) -> Dialect:
        return "rgb-unit"

    def convert(self, state: State, layout: str) -> tuple[State, Mapping[str, str]]:
        folded = {k: t for k, t in state.items() if not _CONSTRAINT.fullmatch(k)}
        for key, weight in state.items():
            match = _TRAINED.fullmatch(key)
            # Files of torch 0.4 keep the divided weight too; it is what they were run with.
            if match and f"{match['layer']}.weight" not in folded:
                folded[f"{match['layer']}.weight"] = _folded(state, match["layer"], weight)
        return folded, {}

    def size_rule(self, state: State) -> SizeRule:
        return SizeRule(minimum=64, multiple_of=4, working=256)

    def build(self, state: State, switches: Mapping[str, str]) -> nn.Module:
        config = EdgeConnectConfig(
            width=state["encoder.1.weight"].shape[0],
            blocks=sum(bool(re.fullmatch(r"middle\.\d+\.conv_block\.1\.weight", k)) for k in state),
        )
        return self.generator(config)

    def switches_of(self, network: nn.Module) -> Mapping[str, str] | None:
        return {} if isinstance(network, self.generator) else None


EDGES = EdgeConnectArchitecture("edgeconnect-edges", "edges", EdgeGenerator, (3, 1))
COMPLETION = EdgeConnectArchitecture(
    "edgeconnect-completion", "completion", CompletionGenerator, (4, 3)
)


def _stored_as(layer: str) -> tuple[str, ...]:
    names = ("weight", "weight_orig", "parametrizations.weight.original")
    return tuple(f"{layer}.{name}" for name in names)


def _layers(state: State) -> set[str]:
    return {key.split(".parametrizations")[0].rpartition(".weight")[0] for key in state} | {
        key.split(".parametrizations")[0] for key in state
    }


def _folded(state: State, layer: str, weight: Tensor) -> Tensor:
    """W / sigma; in float64, since sigma may be a small difference of large numbers."""
    matrix = _as_matrix(layer, weight).double()
    u = _vector(state, layer, "u")
    v = _vector(state, layer, "v")
    if u is None:
        u, v = _leading_vectors(matrix)
    elif v is None:  # files of torch 0.4 store u alone
        v = functional.normalize(matrix.T @ u, dim=0)
    assert v is not None
    sigma = torch.dot(u, matrix @ v)
    return (weight.double() / sigma).float()


def _as_matrix(layer: str, weight: Tensor) -> Tensor:
    """Rows are output channels; transposed convolutions store them second."""
    transposed = layer.startswith("decoder.")
    return (weight.transpose(0, 1) if transposed else weight).flatten(1)


def _vector(state: State, layer: str, name: str) -> Tensor | None:
    for key in (f"{layer}.weight_{name}", f"{layer}.parametrizations.weight.0._{name}"):
        if key in state:
            return state[key].double()
    return None


def _leading_vectors(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """The singular vectors of the largest singular value, which training approximates."""
    u = functional.normalize(matrix.sum(1), dim=0)
    v = functional.normalize(matrix.T @ u, dim=0)
    for _ in range(_POWER_ITERATIONS):
        u = functional.normalize(matrix @ v, dim=0)
        v = functional.normalize(matrix.T @ u, dim=0)
    return u, v
