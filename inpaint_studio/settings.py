"""The user's settings: typed, versioned, saved atomically, never a reason not to start."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from inpaint_studio.errors import StudioError
from inpaint_studio.imaging.atomic import reason, write_bytes_atomically
from inpaint_studio.paths import config_dir

VERSION = 1
RECENT_FILES = 12

Fraction = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
HexColor = Annotated[str, msgspec.Meta(pattern="^#[0-9a-fA-F]{6}$")]


class ExportChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen in the last export."""

    format: Literal["jpeg", "png", "tiff", "webp"] | None = None
    """None: by the file's suffix."""
    quality: Annotated[int, msgspec.Meta(ge=1, le=100)] = 92
    depth: Literal["uint8", "uint16", "float32"] | None = None
    """None: as the photo."""
    keep_metadata: bool = True
    provenance: bool = True
    """Write into the file how its fills were made."""
    folder: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the program remembers. A change is a new value: `msgspec.structs.replace`."""

    version: int = VERSION
    recent_files: tuple[str, ...] = ()
    """Newest first, at most 12."""
    mask_color: HexColor = "#ff3b30"
    mask_opacity: Fraction = 0.5
    history_budget_mb: Annotated[int, msgspec.Meta(ge=16, le=65536)] = 512
    last_engine: str = ""
    last_models: dict[str, str] = {}
    """Engine name -> card name."""
    brush_size: Annotated[float, msgspec.Meta(ge=1, le=2000)] = 60.0
    brush_hardness: Fraction = 0.8
    window_geometry: str = ""
    """As Qt saved it, base64."""
    window_state: str = ""
    device: str = "auto"
    shortcuts: dict[str, tuple[str, ...]] = {}
    """Action -> its keys, where they are not those the program came with."""
    panel_width: int = 0
    """Of the column of panels, in logical pixels; 0 for the usual one."""
    folded: tuple[str, ...] = ()
    """Panels that are folded away."""
    tour_seen: bool = False
    ui_scale: Annotated[float, msgspec.Meta(ge=0.5, le=3.0)] = 1.0
    """How large the interface is drawn; takes effect at the next start."""
    fill_speeds: dict[str, float] = {}
    """Engine -> by how much its fills take longer here than estimated."""
    brush_fills: bool = False
    """Fill each stroke of the mask when the button is let go."""
    edges_auto: bool = True
    """Fill again whenever an edge was drawn."""
    export: ExportChoice = ExportChoice()
    journal: bool = True
    """Keep every step on disk, so that a crash costs nothing."""
    journal_folder: str = ""
    """Where; empty for the user's own state folder."""
    autosave_minutes: Annotated[int, msgspec.Meta(ge=0, le=120)] = 0
    """How often a project that has a file is saved to it; 0 for never."""

    def with_recent(self, path: Path) -> "Settings":
        """With `path` as the newest of the recent files."""
        name = str(path.absolute())
        others = (other for other in self.recent_files if other != name)
        return msgspec.structs.replace(self, recent_files=(name, *others)[:RECENT_FILES])

    def with_model(self, engine: str, card: str) -> "Settings":
        """With `card` remembered as the last model used for `engine`, which was used last."""
        models = {**self.last_models, engine: card}
        return msgspec.structs.replace(self, last_engine=engine, last_models=models)


def settings_path() -> Path:
    return config_dir() / "settings.json"


def load_settings(path: Path | None = None) -> tuple[Settings, str | None]:
    """The saved settings, and a sentence for the user when they could not be used.

    Missing: defaults, nothing said. Unreadable, broken, or of a newer version: defaults; the file
    is kept beside it as settings.broken.json.
    """
    path = settings_path() if path is None else path
    try:
        return _decode(path.read_bytes()), None
    except FileNotFoundError:
        return Settings(), None
    except OSError as error:
        return Settings(), _set_aside(path, reason(error))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return Settings(), _set_aside(path, str(error))


def saved_scale(path: Path | None = None) -> float:
    """How large the interface is to be drawn; 1 where nothing sensible is saved.

    Reads no more than that: a file that cannot be used is left for `load_settings` to tell of.
    """
    path = settings_path() if path is None else path
    try:
        return min(max(msgspec.json.decode(path.read_bytes(), type=_Scale).ui_scale, 0.5), 3.0)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return 1.0


class _Scale(msgspec.Struct):
    ui_scale: float = 1.0


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings so that a crash leaves either the old or the new file.

    Raises:
        StudioError: the folder cannot be written.
    """
    path = settings_path() if path is None else path
    data = msgspec.json.format(msgspec.json.encode(settings), indent=2)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes_atomically(path, data, overwrite=True)
    except OSError as error:
        raise StudioError(
            f"Your settings could not be saved to {path} ({reason(error)}); "
            "check the folder and the disk it is on."
        ) from error


def update_settings(change: Callable[[Settings], Settings], path: Path | None = None) -> Settings:
    """Read, change and save in one go, so that what another window saved is not lost."""
    settings = change(load_settings(path)[0])
    save_settings(settings, path)
    return settings


def _decode(data: bytes) -> Settings:
    settings = msgspec.json.decode(data, type=Settings)
    if settings.version != VERSION:
        raise msgspec.ValidationError(f"they are of version {settings.version}")
    return settings


def _set_aside(path: Path, why: str) -> str:
    backup = path.with_suffix(".broken.json")
    try:
        path.replace(backup)
    except OSError:
        backup = path
    return (
        f"Your settings could not be used ({why}); the program starts with its defaults, "
        f"and the old file is kept as {backup}."
    )
