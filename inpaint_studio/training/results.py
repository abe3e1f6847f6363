"""What a run is for: the averaged networks as weights, their card, sheets of samples."""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from inpaint_studio.errors import TrainingError
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically
from inpaint_studio.training.build import settle_spectral_norm
from inpaint_studio.training.config import Config
from inpaint_studio.training.trainer import Trainer
from inpaint_studio.weights.architectures import (
    load_network,
    load_weights,
    save_network,
)
from inpaint_studio.weights.card import ModelCard, WeightsFile, card_toml
from inpaint_studio.weights.fingerprint import fingerprint

GAP = 4
"""White pixels between the pictures of a sheet."""


def write_results(
    trainer: Trainer, config: Config, *, photos: int, features: str
) -> tuple[Path, ...]:
    """Write each kept network's average as weights, and their card where they make a model.

    EdgeConnect's model needs both generators: a run that had the other one from a file copies it.

    Raises:
        TrainingError, WeightsError: something could not be written.
    """
    folder = Path(config.out)
    written: dict[str, Path] = {}
    for learner in trainer.stage.learners:
        for name, network in learner.networks.items():
            if name in trainer.averages:
                averaged = _averaged(network, trainer.averages[name].state)
                written[name] = folder / f"{config.card.name}-{name}.safetensors"
                save_network(averaged, written[name], half=True)
    if not config.is_partial_conv and config.network.edges and "edges" not in written:
        written["edges"] = folder / f"{config.card.name}-edges.safetensors"
        save_network(load_network(Path(config.network.edges)), written["edges"], half=True)
    if "generator" not in written and len(written) < 2:
        return tuple(written.values())
    card = folder / f"{config.card.name}.toml"
    described = _card(config, written, standing=trainer.standing.step, told=(photos, features))
    try:
        write_bytes_atomically(card, card_toml(described), overwrite=True)
    except OSError as error:
        raise TrainingError(f"{card} could not be written: {reason(error)}.") from error
    return (*written.values(), card)


def write_sheet(path: Path, columns: Sequence[Tensor]) -> None:
    """A PNG with a row for each picture of the batch: columns are (B, 1 | 3, H, W) in [0, 1].

    Raises:
        TrainingError: it could not be written.
    """
    gap = nn.ConstantPad2d((0, GAP, 0, GAP), 1.0)
    pictures = [gap(column.expand(-1, 3, -1, -1).cpu()) for column in columns]
    rows = torch.cat(pictures, dim=3)  # (B, 3, H + gap, columns * (W + gap))
    sheet = torch.cat(list(rows), dim=1).permute(1, 2, 0)
    pixels = (sheet.clamp(0, 1) * 255).round().numpy().astype(np.uint8)
    _, encoded = cv2.imencode(".png", np.ascontiguousarray(pixels[..., ::-1]))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes_atomically(path, encoded.tobytes(), overwrite=True)
    except OSError as error:
        raise TrainingError(f"The sheet {path} could not be written: {reason(error)}.") from error


def _averaged(network: nn.Module, state: Mapping[str, Tensor]) -> nn.Module:
    averaged = copy.deepcopy(network)
    averaged.load_state_dict(state)
    settle_spectral_norm(averaged)
    return averaged.eval()


def _card(
    config: Config, files: Mapping[str, Path], *, standing: int, told: tuple[int, str]
) -> ModelCard:
    photos, features = told
    text = config.card
    weights = load_weights(next(iter(files.values())))
    method = "Liu et al. 2018" if config.is_partial_conv else "Nazeri et al. 2019"
    return ModelCard(
        name=text.name,
        title=text.title or text.name,
        engine=weights.architecture.engine,
        files={role: _described(path) for role, path in files.items()},
        licence=text.licence,
        commercial_use=text.commercial_use,
        origin=f"Trained with Inpaint Studio, after {method}",
        trained_on=text.trained_on or f"{photos} photos",
        good_at=text.good_at or "pictures like those it was trained on",
        dialect=config.network.dialect,
        size_rule=weights.architecture.size_rule(weights.state),
        line_thresholds=config.completion.lines,
        poses=text.poses,
        notes=f"Stage {config.stage}, {standing} steps at {config.run.crop} px; {features}.",
    )


def _described(path: Path) -> WeightsFile:
    found = fingerprint(path)
    return WeightsFile(file=path.name, sha256=found.sha256, bytes=found.bytes)
