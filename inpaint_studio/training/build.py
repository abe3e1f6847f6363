"""The networks of a run, new or from files, and the stage that trains them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from inpaint_studio.errors import UsageError
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.training.config import Config
from inpaint_studio.training.edge_connect_stages import CompletionStage, EdgeStage
from inpaint_studio.training.feature_files import locate_features
from inpaint_studio.training.features import FeatureNetwork, open_features
from inpaint_studio.training.group import share_batch_norm
from inpaint_studio.training.partial_conv_stage import PartialConvStage
from inpaint_studio.training.stage import Machine, Stage
from inpaint_studio.weights.architectures import load_network

Wanted = TypeVar("Wanted", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Built:
    """A stage ready to train."""

    stage: Stage
    features: FeatureNetwork | None


def build_stage(config: Config, *, on: Machine) -> Built:
    """Make the stage the config names; random weights come from torch's own generator.

    Raises:
        WeightsError, UsageError: a file it begins with cannot be read or is of another kind.
    """
    features = None
    if config.features.file and config.stage != "edges":
        features = open_features(locate_features(Path(config.features.file)), device=on.device)
    looking = features.features if features else None
    if config.is_partial_conv:
        network = _channels_last(_partial_conv(config).to(on.device))
        if on.group.size > 1:
            share_batch_norm(network)
        return Built(PartialConvStage(network, config, features=looking, on=on), features)
    if config.stage == "edges":
        edges = _edges(config.network.start, config, learning=True).to(on.device)
        return Built(EdgeStage(edges, config, on=on), None)
    edge_network = None
    if config.network.edges and config.stage != "completion":
        joint = config.stage == "joint"
        edge_network = _edges(config.network.edges, config, learning=joint).to(on.device)
    completion = _completion(config).to(on.device)
    stage = CompletionStage(completion, config, edge_network=edge_network, features=looking, on=on)
    return Built(stage, features)


def _partial_conv(config: Config) -> PartialConvUNet:
    if not config.network.start:
        sizes = PartialConvConfig(width=config.network.width, levels=config.network.levels)
        return PartialConvUNet(sizes)
    network = _loaded(config.network.start, PartialConvUNet, "partial-convolution network")
    multiple = 2**network.config.levels
    if config.run.crop % multiple:
        raise UsageError(
            f"The network in {config.network.start} takes crops that are multiples of {multiple}; "
            f"{config.run.crop} is none."
        )
    return network.requires_grad_(True)


def _edges(start: str, config: Config, *, learning: bool) -> EdgeGenerator:
    """The edge generator; while it learns its weights are constrained, as the paper has it."""
    sizes = config.network
    if not start:
        return EdgeGenerator(EdgeConnectConfig(sizes.width, sizes.blocks, spectral=sizes.spectral))
    loaded = _loaded(start, EdgeGenerator, "edge generator")
    if not (learning and sizes.spectral):
        return loaded.requires_grad_(learning)
    constrained = EdgeGenerator(
        EdgeConnectConfig(loaded.config.width, loaded.config.blocks, spectral=True)
    )
    _constrain(constrained, loaded)
    return constrained


def _completion(config: Config) -> CompletionGenerator:
    sizes = config.network
    if sizes.start:
        start = _loaded(sizes.start, CompletionGenerator, "completion generator")
        return start.requires_grad_(True)
    return CompletionGenerator(EdgeConnectConfig(sizes.width, sizes.blocks))


def _constrain(network: nn.Module, finished: nn.Module) -> None:
    """Take finished weights into a network with spectral norm, which divides them by about one."""
    state = network.state_dict()
    for key, tensor in finished.state_dict().items():
        original = f"{key.removesuffix('weight')}parametrizations.weight.original"
        state[original if original in state else key] = tensor
    network.load_state_dict(state)
    settle_spectral_norm(network)


def settle_spectral_norm(network: nn.Module, *, passes: int = 30) -> None:
    """Let the estimates of the largest singular values converge to those of the present weights."""
    network.train()
    with torch.no_grad():
        for module in network.modules():
            if hasattr(module, "parametrizations"):
                for _ in range(passes):
                    _ = module.weight


def _loaded(path: str, kind: type[Wanted], named: str) -> Wanted:
    network = load_network(Path(path))
    if not isinstance(network, kind):
        raise UsageError(f"{path} holds no {named}.")
    return network


def _channels_last(network: PartialConvUNet) -> PartialConvUNet:
    """Memory in the order its convolutions are twice as fast in; EdgeConnect's are not."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network
