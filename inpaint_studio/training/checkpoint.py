"""What a run leaves in its folder so that it can go on: one checkpoint, written whole or not."""

from pathlib import Path
from typing import Any, cast

import torch

from inpaint_studio.errors import TrainingError
from inpaint_studio.imaging.atomic import reason, reason_in, write_atomically
from inpaint_studio.training.config import Config
from inpaint_studio.training.trainer import FORMAT, Trainer

NAME = "checkpoint.pt"


def save_checkpoint(trainer: Trainer, path: Path) -> None:
    """Replace the checkpoint by one of now.

    Raises:
        TrainingError: it could not be written; the one before is still there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda part: torch.save(trainer.state(), part), overwrite=True)
    except OSError as error:
        raise _unwritten(path, reason(error)) from error
    except RuntimeError as error:  # torch's own writer, when the disk refuses
        raise _unwritten(path, reason_in(str(error)) or "the disk refused it") from error


def load_checkpoint(trainer: Trainer, path: Path, config: Config) -> None:
    """Have the trainer go on from a checkpoint.

    Raises:
        TrainingError: there is none, it cannot be read, or it is of another stage or network.
    """
    state = read_checkpoint(path)
    stage = state.get("stage")
    if state.get("format") != FORMAT or not isinstance(stage, str):
        raise TrainingError(f"{path} is no checkpoint of this version of the program.")
    if stage != config.stage:
        raise TrainingError(
            f"{path} is a checkpoint of the stage {stage}, the config asks for {config.stage}; "
            "choose another folder for out."
        )
    try:
        trainer.load(state)
    except (KeyError, RuntimeError, ValueError, TypeError) as error:
        raise TrainingError(
            f"{path} is of a network with other sizes than the config has; give the config the "
            "sizes it was begun with, or another folder for out."
        ) from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The content of a checkpoint, tensors only.

    Raises:
        TrainingError: there is none, or it cannot be read.
    """
    if not path.is_file():
        raise TrainingError(f"There is nothing to resume at {path}; start without --resume.")
    try:
        state: object = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise TrainingError(f"{path} could not be read: {reason(error)}.") from error
    except Exception as error:  # torch gives whatever its readers meet in a broken file
        raise TrainingError(f"{path} is damaged and cannot be resumed.") from error
    if not isinstance(state, dict):
        raise TrainingError(f"{path} is no checkpoint of this program.")
    return cast("dict[str, Any]", state)


def _unwritten(path: Path, why: str) -> TrainingError:
    return TrainingError(
        f"The checkpoint {path} could not be written: {why}. The one before is still there."
    )
