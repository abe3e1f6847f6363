"""Where things live: in a checkout, an installed wheel or a frozen app; and the user's folders."""

import os
import sys
from pathlib import Path

import platformdirs

APP = "inpaint-studio"
HOME_VARIABLE = "INPAINT_STUDIO_HOME"
"""When set (or `--temp-home` is given), everything the program writes for itself goes there."""


def _shipped(checkout: str, wheel: str) -> Path:
    frozen = getattr(sys, "_MEIPASS", None)
    package = Path(frozen, "inpaint_studio") if frozen else Path(__file__).resolve().parent
    installed = package / wheel
    return installed if installed.is_dir() else package.parent / checkout


def resources_dir() -> Path:
    """Icons, style sheets, sample photos."""
    return _shipped("resources", "_resources")


def shipped_cards_dir() -> Path:
    """The model cards that came with the program."""
    return _shipped("models/cards", "_models/cards")


def shipped_weights_dir() -> Path:
    """The weights that came with the program."""
    return _shipped("models/weights", "_models/weights")


def _home(kind: str) -> Path:
    override = os.environ.get(HOME_VARIABLE)
    if override:
        return Path(override) / kind
    folders = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
        "state": platformdirs.user_state_path,
    }
    return folders[kind](APP, appauthor=False)


def config_dir() -> Path:
    """Settings."""
    return _home("config")


def user_models_dir() -> Path:
    """Cards and weights the user imported or fetched."""
    return _home("data") / "models"


def cache_dir() -> Path:
    """Spilled undo steps and half-finished downloads: may be deleted when nothing runs."""
    return _home("cache")


def state_dir() -> Path:
    """What is needed to go on after the program ended unexpectedly."""
    return _home("state")
