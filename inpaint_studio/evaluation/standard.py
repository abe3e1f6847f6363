"""LPIPS and FID as everybody computes them, through torchmetrics, where all they need is here.

Nothing is ever downloaded: where the library or a network's weights are missing, the measure is
left out, and `StandardMeters.notes` says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from inpaint_studio.evaluation.metrics import Picture
from inpaint_studio.evaluation.perceptual import Vectors, hub_folder

if TYPE_CHECKING:
    from torch import Tensor

ALEXNET_FILE = "alexnet-owt-7be5be79.pth"
INCEPTION_FILE = "weights-inception-2015-12-05-6726825d.pth"


@dataclass(frozen=True, slots=True)
class StandardMeters:
    """What there is of the standard measures; None where something is missing."""

    lpips: Callable[[Picture, Picture], float] | None = None
    """LPIPS (Zhang et al. 2018) with AlexNet of the whole pictures."""
    inception: Callable[[Picture], Vectors] | None = None
    """(2048,) features of Inception-v3, of whose sets FID is the Fréchet distance."""
    notes: tuple[str, ...] = ()


def open_standard_meters() -> StandardMeters:
    """Open LPIPS and FID's network, or say what they lack."""
    without_lpips = _lacking("LPIPS", ("torchmetrics", "torchvision"), ALEXNET_FILE)
    without_fid = _lacking("FID", ("torchmetrics", "torch_fidelity"), INCEPTION_FILE)
    return StandardMeters(
        None if without_lpips else _open_lpips(),
        None if without_fid else _open_inception(),
        tuple(note for note in (without_lpips, without_fid) if note),
    )


def _lacking(measure: str, modules: tuple[str, ...], file: str) -> str:
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        return f"{measure} was left out: not installed: {', '.join(missing)}."
    if not (hub_folder() / file).is_file():
        return f"{measure} was left out: its weights {file} are not in {hub_folder()}."
    return ""


def _open_lpips() -> Callable[[Picture, Picture], float]:
    module = cast("Any", import_module("torchmetrics.image.lpip"))
    metric = module.LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True)

    def measure(result: Picture, truth: Picture) -> float:
        import torch

        with torch.inference_mode():
            return float(metric(_batch(result) / 255, _batch(truth) / 255))

    return measure


def _open_inception() -> Callable[[Picture], Vectors]:
    module = cast("Any", import_module("torchmetrics.image.fid"))
    network = module.NoTrainInceptionV3(name="inception-v3-compat", features_list=["2048"])

    def look(picture: Picture) -> Vectors:
        import torch

        with torch.inference_mode():
            return network(_batch(picture).to(torch.uint8)).reshape(-1).numpy().astype(np.float32)

    return look


def _batch(picture: Picture) -> "Tensor":
    import torch

    return torch.from_numpy(picture.transpose(2, 0, 1)[np.newaxis].astype(np.float32))
