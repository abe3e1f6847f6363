"""EdgeConnect's generators: shapes, ranges, and what they may not look at."""

import pytest
import torch

from inpaint_studio.networks.discriminator import PatchDiscriminator
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)

SMALL = EdgeConnectConfig(width=4, blocks=2)


@pytest.mark.parametrize(
    ("network", "inputs", "outputs"),
    [(EdgeGenerator(SMALL), 3, 1), (CompletionGenerator(SMALL), 4, 3)],
    ids=["edges", "completion"],
)
def test_same_size_out_in_unit_range(network, inputs, outputs):
    with torch.inference_mode():
        out = network(torch.rand(2, inputs, 64, 92))
    assert out.shape == (2, outputs, 64, 92)
    assert out.min() >= 0
    assert out.max() <= 1


def test_dilation_widens_what_a_block_sees():
    """A dilated 3x3 and a plain 3x3: 7 pixels wide."""
    block = EdgeGenerator(SMALL).middle[0].conv_block[:2]
    x = torch.zeros(1, 16, 21, 21)
    x[:, :, 10, 10] = 1
    with torch.inference_mode():
        reached = (block(x) - block(torch.zeros_like(x))).abs().sum(1)[0] > 0
    assert torch.nonzero(reached.any(0)).flatten().tolist() == [8, 10, 12]


def test_discriminator_judges_patches_of_70_pixels():
    network = PatchDiscriminator(3, width=4).eval()
    x = torch.zeros(1, 3, 160, 160, requires_grad=True)
    judged = network.features(x)[-1]
    assert judged.shape == (1, 1, 18, 18)
    judged[0, 0, 9, 9].backward()
    seen = torch.nonzero(x.grad.abs().sum((0, 1)).any(0)).flatten()
    assert int(seen.max() - seen.min()) + 1 == 70
