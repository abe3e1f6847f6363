"""Where feature networks lie, and how torchvision's are fetched. No torch here."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from inpaint_studio.errors import DownloadError, UsageError, WeightsError
from inpaint_studio.evaluation.perceptual import DATA_VARIABLE, hub_folder
from inpaint_studio.paths import user_models_dir
from inpaint_studio.weights.card import WeightsFile
from inpaint_studio.weights.download import OFFLINE_VARIABLE, Download, Patience, download

VGG16_FILE = "vgg16-397923af.pth"
VGG19_FILE = "vgg19-dcbb9e9d.pth"
SMALL_FILE = "vgg19_normalised_relu3_1.safetensors"

_ADDRESS = "https://download.pytorch.org/models"
TORCHVISION: Mapping[str, WeightsFile] = MappingProxyType(
    {
        VGG16_FILE: WeightsFile(VGG16_FILE, f"{_ADDRESS}/{VGG16_FILE}", sha256="397923af"),
        VGG19_FILE: WeightsFile(VGG19_FILE, f"{_ADDRESS}/{VGG19_FILE}", sha256="dcbb9e9d"),
    }
)
"""torchvision's files; how their SHA-256 begins is part of their names."""


def find_features(*, partial_conv: bool) -> Path | None:
    """A feature network on this disk to train with: torchvision's for the method, else the small
    one."""
    published = VGG16_FILE if partial_conv else VGG19_FILE
    return _in_folders(published) or _in_folders(SMALL_FILE)


def locate_features(path: Path) -> Path:
    """The file a config names: where it says, else of that name where feature networks are kept.

    Raises:
        WeightsError: it is nowhere; says how to get it.
    """
    found = path if path.is_file() else _in_folders(path.name)
    if found:
        return found
    how = "set features.file to one that is here, or to nothing, to train without"
    if path.name in TORCHVISION:
        how = f"add --fetch-features to have it fetched, or {how}"
    raise WeightsError(f"The feature network {path} is not there; {how}.")


def fetch_features(
    path: Path,
    *,
    published: Mapping[str, WeightsFile] = TORCHVISION,
    patience: Patience | None = None,
) -> Download:
    """Fetch the file a config names into the user's folder, checked by its hash, unless it is here.

    Raises:
        UsageError: it is none of torchvision's.
        DownloadError: offline, or anything on the way fails.
    """
    if path.is_file() or _in_folders(path.name):
        return
    wanted = published.get(path.name)
    if wanted is None:
        names = " or ".join(published)
        raise UsageError(
            f"Only {names} can be fetched; the features.file of the config is “{path.name}”."
        )
    target = user_models_dir() / "features" / wanted.file
    if os.environ.get(OFFLINE_VARIABLE, "0") not in ("", "0"):
        raise DownloadError(
            f"{wanted.file} was not fetched, because {OFFLINE_VARIABLE} is set; get {wanted.url} "
            f"on another computer and put it into {target.parent}."
        )
    yield from download(wanted, target, patience=patience)


def _in_folders(name: str) -> Path | None:
    """In the user's models folder under features, in INPAINT_STUDIO_DATA/features, and where torch
    keeps what it downloads."""
    data = os.environ.get(DATA_VARIABLE)
    shared = (Path(data) / "features",) if data else ()
    folders = (user_models_dir() / "features", *shared, hub_folder())
    return next((folder / name for folder in folders if (folder / name).is_file()), None)
