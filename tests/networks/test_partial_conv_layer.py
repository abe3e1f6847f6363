"""Partial convolution against the equation, window by window; the U-Net's promises."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inpaint_studio.networks.partial_conv import (
    PartialConv2d,
    PartialConvConfig,
    PartialConvUNet,
)


def by_the_equation(x, mask, weight, bias, stride):
    """x' = W^T (X * M) sum(1) / sum(M) + b and m', for one picture, pixel by pixel."""
    out, channels, kernel, _ = weight.shape
    pad = kernel // 2
    x = np.pad(x * mask, ((0, 0), (pad, pad), (pad, pad)))
    mask = np.pad(mask, ((0, 0), (pad, pad), (pad, pad)))
    rows = range(0, x.shape[1] - kernel + 1, stride)
    columns = range(0, x.shape[2] - kernel + 1, stride)
    result = np.zeros((out, len(rows), len(columns)))
    valid = np.zeros((1, len(rows), len(columns)))
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            window = np.s_[:, row : row + kernel, column : column + kernel]
            known = mask[window].sum()
            if known > 0:
                scale = channels * kernel * kernel / known
                result[:, i, j] = (weight * x[window]).sum((1, 2, 3)) * scale + bias
                valid[:, i, j] = 1
    return result, valid


@given(
    seed=st.integers(0, 2**32 - 1),
    kernel=st.sampled_from([3, 5, 7]),
    stride=st.sampled_from([1, 2]),
    missing=st.floats(0, 1),
    shared=st.booleans(),
    biased=st.booleans(),
)
def test_layer_computes_the_equation(seed, kernel, stride, missing, shared, biased):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, 8, 10))
    mask = (rng.random((1 if shared else 3, 8, 10)) >= missing).astype(np.float64)
    layer = PartialConv2d(3, 2, kernel=kernel, stride=stride, bias=biased).double()
    bias = np.zeros(2)
    if layer.bias is not None:
        bias = rng.normal(size=2)
        layer.bias.data = torch.from_numpy(bias)
    with torch.inference_mode():
        out, valid = layer([(torch.from_numpy(x)[None], torch.from_numpy(mask)[None])])
    expected, expected_valid = by_the_equation(
        x, np.broadcast_to(mask, x.shape), layer.conv.weight.detach().numpy(), bias, stride
    )
    np.testing.assert_allclose(out[0].numpy(), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(valid[0].numpy(), expected_valid)


def test_parts_are_one_concatenated_picture(rng):
    layer = PartialConv2d(5, 4, kernel=3, bias=True)
    deep = torch.rand(2, 3, 8, 8), (torch.rand(2, 1, 8, 8) > 0.5).float()
    skip = torch.rand(2, 2, 8, 8), (torch.rand(2, 1, 8, 8) > 0.5).float()
    together = (
        torch.cat([deep[0], skip[0]], 1),
        torch.cat([deep[1].expand(-1, 3, -1, -1), skip[1].expand(-1, 2, -1, -1)], 1),
    )
    with torch.inference_mode():
        for ours, theirs in zip(layer([deep, skip]), layer([together]), strict=True):
            torch.testing.assert_close(ours, theirs)


@pytest.fixture
def network():
    torch.manual_seed(2)
    return PartialConvUNet(PartialConvConfig(width=4, levels=4)).eval()


def test_what_lies_in_the_hole_never_matters(network):
    valid = torch.ones(1, 1, 64, 64)
    valid[:, :, 20:44, 10:50] = 0
    picture = torch.rand(1, 3, 64, 64)
    changed = torch.where(valid > 0, picture, torch.full_like(picture, 1e3))
    with torch.inference_mode():
        assert torch.equal(network(picture, valid)[0], network(changed, valid)[0])


def test_one_known_pixel_fills_everything_and_none_fills_nothing(network):
    picture, valid = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    with torch.inference_mode():
        output, mask = network(picture, valid)
        assert torch.isfinite(output).all()
        assert not mask.any()
        valid[..., 40, 9] = 1
        output, mask = network(picture, valid)
    assert torch.isfinite(output).all()
    assert mask[..., 40, 9].all()


def test_gradients_stay_finite_where_windows_are_all_hole(network):
    picture, valid = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    valid[..., :8, :8] = 1
    network.train()
    network(picture, valid)[0].square().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None)
