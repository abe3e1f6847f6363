"""One picture shown to a network in several poses, its answers averaged.

A small network leaves traces of its own grid in wide holes: a weave as fine as the pixels it halves
away, blocks along rows and columns. They stand still when the picture is moved or turned over, so
that the mean loses them and keeps what the network knows (cycle spinning: Coifman and Donoho 1995).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inpaint_studio.engines.device import run_network


class Pose(NamedTuple):
    """How a picture is laid before the network: moved by pixels, then turned over."""

    down: int = 0
    right: int = 0
    upside_down: bool = False
    mirrored: bool = False


AS_IT_IS = (Pose(),)
TURNED_OVER = (Pose(), Pose(mirrored=True), Pose(upside_down=True), Pose(0, 0, True, True))
"""For networks whose sides must be multiples of a large number: moving would cost them much."""
MOVED_AND_TURNED = (Pose(), Pose(2, 0, mirrored=True), Pose(0, 2, True), Pose(2, 2, True, True))
"""For networks that halve twice and take sides that are multiples of 4: each row and each column
stands once in every place of the 4 x 4 grid."""


def run_in_poses(
    network: nn.Module,
    inputs: tuple[Tensor, ...],
    *,
    poses: Sequence[Pose],
    device: torch.device,
    multiple_of: int = 1,
) -> tuple[Tensor, ...]:
    """One pass of the network for each pose; the mean of its outputs, as the inputs lie.

    Inputs and outputs are (1, C, H, W). Sides of moved pictures grow by `multiple_of`, filled by
    reflection, so that the network still takes them; no pose may move further.
    """
    total: list[Tensor] = []
    for pose in poses:
        posed = tuple(_posed(tensor, pose, room=multiple_of) for tensor in inputs)
        outputs = run_network(network, posed, device=device)
        lying = [_as_it_lay(output, pose, like=inputs[0]) for output in outputs]
        total = [one + other for one, other in zip(total, lying, strict=True)] if total else lying
    return tuple(one / len(poses) for one in total)


def _posed(tensor: Tensor, pose: Pose, *, room: int) -> Tensor:
    if pose.down or pose.right:
        sides = (pose.right, room - pose.right, pose.down, room - pose.down)
        tensor = F.pad(tensor, sides, mode="reflect")
    return tensor.flip(_turned(pose))


def _as_it_lay(tensor: Tensor, pose: Pose, *, like: Tensor) -> Tensor:
    height, width = like.shape[2:]
    lying = tensor.flip(_turned(pose))
    return lying[:, :, pose.down : pose.down + height, pose.right : pose.right + width]


def _turned(pose: Pose) -> list[int]:
    return [axis for axis, turned in ((2, pose.upside_down), (3, pose.mirrored)) if turned]
