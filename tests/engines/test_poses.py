import pytest
import torch
from torch import nn

from inpaint_studio.engines.poses import (
    AS_IT_IS,
    MOVED_AND_TURNED,
    TURNED_OVER,
    run_in_poses,
)

CPU = torch.device("cpu")


class Watched(nn.Module):
    """Gives its inputs back, the first with a pattern that stays where it is laid before it."""

    def __init__(self, pattern=None):
        super().__init__()
        self.pattern = pattern
        self.seen = []

    def forward(self, picture, *others):
        self.seen.append(picture)
        if self.pattern is not None:
            rows, columns = (torch.arange(length) % 4 for length in picture.shape[2:])
            picture = picture + self.pattern(rows[:, None], columns)
        return (picture, *others)


@pytest.fixture
def picture():
    return torch.rand(1, 3, 16, 24, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("poses", [AS_IT_IS, TURNED_OVER, MOVED_AND_TURNED])
def test_answers_are_laid_back_as_the_picture_lay(picture, poses):
    mask = (picture[:, :1] > 0.5).float()
    network = Watched()
    one, other = run_in_poses(network, (picture, mask), poses=poses, device=CPU, multiple_of=4)
    torch.testing.assert_close(one, picture)
    torch.testing.assert_close(other, mask)
    assert len(network.seen) == len(poses)


def test_the_network_sees_the_picture_moved_and_turned(picture):
    network = Watched()
    run_in_poses(network, (picture,), poses=MOVED_AND_TURNED, device=CPU, multiple_of=4)
    first, second, *_ = network.seen
    assert torch.equal(first, picture)
    assert second.shape == (1, 3, 20, 28)
    assert torch.equal(second.flip(3)[:, :, 2:18, :24], picture)


@pytest.mark.parametrize("along", [lambda rows, _: rows, lambda _, columns: columns])
def test_a_pattern_of_four_pixels_is_lost(picture, along):
    network = Watched(lambda rows, columns: (along(rows, columns) == 0).float())
    (one,) = run_in_poses(network, (picture,), poses=MOVED_AND_TURNED, device=CPU, multiple_of=4)
    torch.testing.assert_close(one, picture + 0.25)  # its mean is all that is left
    (as_it_is,) = run_in_poses(network, (picture,), poses=AS_IT_IS, device=CPU)
    assert (as_it_is - picture).std() > 0.4
