"""What `fill` tells the engine beside photo, mask and edges."""

from pathlib import Path

from inpaint_studio.cli.fill import FillArguments
from inpaint_studio.engines.api import Hole
from inpaint_studio.engines.registry import EngineEntry
from inpaint_studio.errors import UsageError
from inpaint_studio.imaging.files import read_mask
from inpaint_studio.imaging.geometry import Size


def engine_options(order: FillArguments, engine: EngineEntry) -> dict[str, float | str]:
    """Options of the engine itself, by name.

    Raises:
        UsageError: the engine has no such option.
    """
    options: dict[str, float | str] = {}
    if order.strength is not None:
        if engine.strength is None:
            raise UsageError(
                f"The engine {engine.name} has no strength. Leave out --strength, or choose "
                "--engine edgeconnect+patchmatch."
            )
        options["strength"] = order.strength
    for option, value in (
        ("sources", order.copy_from),
        ("mirrored", "yes" if order.mirrored else None),
        ("turned", "yes" if order.turned else None),
    ):
        if value is not None:
            _check_copies(engine)
            options[option] = value
    return options


def area_in(picture: Path | None, engine: EngineEntry, size: Size) -> Hole | None:
    """(H, W) bool: what is white in the picture of an area to copy from, or not to; None for None.

    Raises:
        UsageError: the engine copies nothing.
        MaskError: the picture cannot be read, or has another size than the photo.
    """
    if picture is None:
        return None
    _check_copies(engine)
    return read_mask(picture, size=size).mask.coverage > 0


def _check_copies(engine: EngineEntry) -> None:
    if not engine.copies:
        raise UsageError(
            f"The engine {engine.name} copies no texture, so that it does not matter where from. "
            "Leave out --source, --avoid, --copy-from, --mirrored and --turned, or choose "
            "--engine patchmatch."
        )
