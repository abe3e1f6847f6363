"""How different two pictures look to a network: a VGG-11 feature distance, and a Fréchet distance.

Neither is LPIPS nor FID, and neither may be called so: numbers of one network cannot be compared
with those of another. Those two are in `standard`, where their own weights are on this disk.
torch is imported when a `FeatureMeter` is opened.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.errors import WeightsError
from inpaint_studio.evaluation.metrics import Hole, Picture
from inpaint_studio.paths import user_models_dir

if TYPE_CHECKING:
    from torch import Tensor

    from inpaint_studio.networks.vgg11 import VGG11Features

Vectors = npt.NDArray[np.float32]

FEATURE_FILE = "vgg11_bn_pool3.safetensors"
TORCHVISION_FILE = "vgg11_bn-6002323d.pth"
DATA_VARIABLE = "INPAINT_STUDIO_DATA"


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What VGG-11 sees in one picture.

    `pools` are pool1 to pool3, (1, C, h, w), every pixel's vector scaled to length one; `mean` is
    (256,) float32: pool3 as it is, averaged over the picture.
    """

    pools: tuple["Tensor", ...]
    mean: Vectors


class FeatureMeter:
    """Looks at pictures with VGG-11 and compares what it saw."""

    def __init__(self, network: "VGG11Features") -> None:
        self._network = network

    def look(self, picture: Picture) -> Features:
        """The features of one (H, W, 3) picture of at least 8 pixels a side."""
        import torch
        import torch.nn.functional as F

        batch = torch.from_numpy(picture.transpose(2, 0, 1)[np.newaxis].astype(np.float32) / 255)
        with torch.inference_mode():
            pools = self._network(batch)
            mean = pools[-1].mean(dim=(2, 3))[0].numpy()
            return Features(tuple(F.normalize(pool, dim=1) for pool in pools), mean)

    def distance(self, found: Features, wanted: Features, hole: Hole) -> float:
        """The VGG-11 feature distance inside the hole, from 0 to the square root of 2.

        At each pooling: the Euclidean distance of the two unit vectors, averaged over all cells
        that any hole pixel falls in; then the mean of the three.
        """
        import torch
        import torch.nn.functional as F

        mask = torch.from_numpy(hole[np.newaxis, np.newaxis].astype(np.float32))
        distances: list[float] = []
        for a, b in zip(found.pools, wanted.pools, strict=True):
            mask = F.max_pool2d(mask, 2)
            apart = (a - b).square().sum(dim=1, keepdim=True).sqrt()
            distances.append(float((apart * mask).sum() / mask.sum().clamp(min=1)))
        return sum(distances) / len(distances)


def find_feature_file() -> Path | None:
    """The weights of VGG-11, where there are any on this disk.

    Looked for in INPAINT_STUDIO_DATA/features, in the user's models folder under features, and
    where torchvision keeps what it downloads.
    """
    places = [user_models_dir() / "features" / FEATURE_FILE]
    if data := os.environ.get(DATA_VARIABLE):
        places.insert(0, Path(data) / "features" / FEATURE_FILE)
    places.append(hub_folder() / TORCHVISION_FILE)
    return next((place for place in places if place.is_file()), None)


def hub_folder() -> Path:
    """Where torch keeps downloaded weights."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = os.environ.get("TORCH_HOME") or Path(cache) / "torch"
    return Path(home) / "hub" / "checkpoints"


def open_meter(path: Path) -> FeatureMeter:
    """Load VGG-11 from a file.

    Raises:
        WeightsError: the file cannot be read or holds another network.
    """
    from inpaint_studio.networks.vgg11 import VGG11Features
    from inpaint_studio.weights.checkpoint import read_state_dict

    state = read_state_dict(path)
    try:
        return FeatureMeter(VGG11Features(state))
    except (KeyError, RuntimeError):
        raise WeightsError(
            f"{path} does not hold a VGG-11 with batch norm, which the feature distance needs; "
            "name another file with --features."
        ) from None


def frechet_distance(found: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> float:
    """The Fréchet distance of two sets of feature vectors, (N, D) and (M, D), each seen as normal.

    |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^½) of Heusel et al. 2017, with unbiased covariances. The
    trace of the root is the sum of the singular values of A Bᵀ, A and B the centred sets: exact,
    also for fewer pictures than features. The smaller the sets, the larger it is; compare only
    sets of the same size.

    Raises:
        ValueError: fewer than two vectors.
    """
    if min(len(found), len(wanted)) < 2:
        raise ValueError("a Fréchet distance needs at least two pictures")
    a, b = _centred(found), _centred(wanted)
    apart = found.mean(axis=0, dtype=np.float64) - wanted.mean(axis=0, dtype=np.float64)
    overlap = np.linalg.svd(_shortened(a) @ _shortened(b).T, compute_uv=False).sum()
    return float(max(0.0, apart @ apart + (a * a).sum() + (b * b).sum() - 2 * overlap))


def _centred(vectors: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    values = vectors.astype(np.float64)
    return (values - values.mean(axis=0)) / np.sqrt(len(values) - 1)


def _shortened(centred: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A matrix of no more rows than columns with the same AᵀA."""
    rows, columns = centred.shape
    return np.asarray(np.linalg.qr(centred, mode="r")) if rows > columns else centred
