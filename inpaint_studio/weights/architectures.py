"""From tensors to a network that can run: which architecture, which published layout, what sizes.

Every architecture is converted once to this program's own layout and stored as safetensors; from
then on `load_network` is all there is. To add one, write an `Architecture` and name it in
`ARCHITECTURES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from torch import nn

from inpaint_studio.errors import WeightsError
from inpaint_studio.imaging.atomic import reason, reason_in, write_atomically
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.weights.card import Dialect
from inpaint_studio.weights.checkpoint import State, read_checkpoint
from inpaint_studio.weights.edge_connect import COMPLETION, EDGES
from inpaint_studio.weights.partial_conv import PARTIAL_CONV
from inpaint_studio.weights.strangers import name_stranger

Switches = Mapping[str, str]
"""What tensor shapes cannot tell, stored beside the tensors."""


class Architecture(Protocol):
    """One kind of network and all the layouts its weights are published in."""

    @property
    def id(self) -> str: ...

    @property
    def engine(self) -> str:
        """The engine that runs it."""
        ...

    @property
    def role(self) -> str:
        """Its place in a model card's `files`."""
        ...

    def detect(self, state: State) -> str | None:
        """The layout of `state`, None where it is not this architecture."""
        ...

    def convert(self, state: State, layout: str) -> tuple[State, Switches]:
        """Bring `state` to this program's layout."""
        ...

    def colours(self, layout: str) -> Dialect:
        """The colours that networks of this layout were trained on."""
        ...

    def size_rule(self, state: State) -> SizeRule:
        """Which picture sizes the network of `state` (in this program's layout) takes."""
        ...

    def build(self, state: State, switches: Switches) -> nn.Module:
        """The network of the sizes found in `state` (in this program's layout), not loaded."""
        ...

    def switches_of(self, network: nn.Module) -> Switches | None:
        """What must be stored beside `network`; None where it is not this architecture."""
        ...


ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {architecture.id: architecture for architecture in (PARTIAL_CONV, EDGES, COMPLETION)}
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a state dict is."""

    architecture: Architecture
    layout: str
    """"studio" is this program's own; the others are named after who published them."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """Weights in this program's layout."""

    architecture: Architecture
    state: State
    switches: Switches = field(default_factory=lambda: MappingProxyType({}))


def recognise(state: State, *, source: Path | str = "The file") -> Recognised:
    """Tell the architecture and layout by the names and shapes of tensors.

    Raises:
        WeightsError: naming what it is instead where that can be told.
    """
    for architecture in ARCHITECTURES.values():
        layout = architecture.detect(state)
        if layout is not None:
            return Recognised(architecture, layout)
    raise WeightsError(name_stranger(state, source))


def canonicalise(state: State, *, source: Path | str = "The file") -> Canonical:
    """Bring any known layout to this program's, float32.

    Raises:
        WeightsError: the architecture is unknown, or the tensors do not fit together.
    """
    found = recognise(state, source=source)
    try:
        converted, switches = found.architecture.convert(state, found.layout)
    except (KeyError, RuntimeError) as error:
        raise _misfit(found.architecture, source) from error
    canonical = Canonical(found.architecture, _float32(converted), switches)
    build(canonical, source=source)
    return canonical


def build(weights: Canonical, *, source: Path | str = "The file") -> nn.Module:
    """The network with these weights, in eval mode, taking no gradients.

    Raises:
        WeightsError: a tensor is missing, left over, or of the wrong shape.
    """
    try:
        with torch.device("meta"):
            network = weights.architecture.build(weights.state, weights.switches)
        network.load_state_dict(weights.state, strict=True, assign=True)
    except (KeyError, RuntimeError, IndexError) as error:
        raise _misfit(weights.architecture, source) from error
    return network.eval().requires_grad_(False)


def save_weights(weights: Canonical, path: Path, *, half: bool = False) -> None:
    """Write safetensors atomically; `half` stores floats as 16 bit."""
    state = {key: _stored(tensor, half=half) for key, tensor in weights.state.items()}
    metadata = {"format": "pt", "architecture": weights.architecture.id, **weights.switches}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(
            path, lambda part: save_file(state, part, metadata=metadata), overwrite=True
        )
    except OSError as error:
        raise WeightsError(f"{path} could not be written: {reason(error)}.") from error
    except SafetensorError as error:
        why = reason_in(str(error)) or "the disk refused it"
        raise WeightsError(f"{path} could not be written: {why}.") from error


def save_network(network: nn.Module, path: Path, *, half: bool = False) -> None:
    """Write a network of this program as weights that `load_network` reads.

    Constraints of training (spectral norm) are folded into the weights.
    """
    for architecture in ARCHITECTURES.values():
        switches = architecture.switches_of(network)
        if switches is not None:
            state, _ = architecture.convert(network.state_dict(), "studio")
            save_weights(Canonical(architecture, state, switches), path, half=half)
            return
    raise ValueError(f"{type(network).__name__} is not an architecture this program knows")


def load_weights(path: Path) -> Canonical:
    """Weights from any file: safetensors of this program as they are, others converted."""
    checkpoint = read_checkpoint(path)
    architecture = ARCHITECTURES.get(checkpoint.metadata.get("architecture", ""))
    if architecture is None:
        return canonicalise(checkpoint.state, source=path)
    known = ("format", "architecture")
    switches = {key: text for key, text in checkpoint.metadata.items() if key not in known}
    return Canonical(architecture, _float32(checkpoint.state), switches)


def load_network(path: Path) -> nn.Module:
    """A network ready to run: eval mode, float32, on the CPU, taking no gradients.

    Raises:
        WeightsError: in one sentence, whatever is wrong with the file.
    """
    return build(load_weights(path), source=path)


def _float32(state: State) -> State:
    return {key: t.float() if t.is_floating_point() else t for key, t in state.items()}


def _stored(tensor: torch.Tensor, *, half: bool) -> torch.Tensor:
    tensor = tensor.detach().cpu()
    if tensor.is_floating_point():
        tensor = tensor.to(torch.float16 if half else torch.float32)
    return tensor.clone(memory_format=torch.contiguous_format)


def _misfit(architecture: Architecture, source: Path | str) -> WeightsError:
    return WeightsError(
        f"{source} looks like {architecture.id} weights, but its layers do not fit together; "
        "it may be a variant that this version does not know."
    )
