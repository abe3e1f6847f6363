"""Partial convolution gives what three published programs give, each from its own weights."""

import numpy as np
import pytest
import torch

from inpaint_studio.networks.partial_conv import PartialConv2d
from inpaint_studio.weights.architectures import build, canonicalise
from inpaint_studio.weights.checkpoint import clean_state

DIALECTS = ("naoto0804", "tanimutomo", "mmagic")
MEAN = np.array([0.485, 0.456, 0.406], np.float32)[:, None, None]
STD = np.array([0.229, 0.224, 0.225], np.float32)[:, None, None]

pytestmark = pytest.mark.data


def assert_parity(ours, theirs, tolerance=1e-4):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@pytest.fixture(scope="module", params=DIALECTS)
def dialect(request):
    return request.param


@pytest.fixture(scope="module")
def network(dialect, published):
    return build(canonicalise(clean_state(published(f"pconv_{dialect}"), "generated")))


@pytest.fixture(scope="module")
def pairs(dialect, parity):
    return parity(f"pconv_unet_{dialect}")


def run(network, picture, valid):
    with torch.inference_mode():
        output, mask = network(torch.as_tensor(picture), torch.as_tensor(valid))
    return output.numpy(), mask.numpy()


def enter(dialect, rgb_u8, hole_u8):
    """The picture in the network's colours with the hole at 0, and where it is valid."""
    rgb = rgb_u8.transpose(2, 0, 1).astype(np.float32)
    valid = np.repeat((hole_u8 == 0)[None].astype(np.float32), 3, axis=0)
    colours = {
        "naoto0804": (rgb / 255 - MEAN) / STD,
        "tanimutomo": rgb / 255,
        "mmagic": (rgb[::-1] - 127.5) / 127.5,
    }
    return (colours[dialect] * valid)[None].astype(np.float32), valid[None]


def leave(dialect, picture, output, valid):
    """What the published program makes of its network's output."""
    if dialect == "tanimutomo":
        return valid * picture + (1 - valid) * output.clip(0, 1)
    merged = valid * picture + (1 - valid) * output
    return merged * STD + MEAN if dialect == "naoto0804" else (merged * 127.5 + 127.5).clip(0, 255)


def test_unet_on_a_photo(dialect, network, pairs):
    picture, valid = enter(dialect, pairs["photo128_rgb_u8"], pairs["photo128_hole_u8"])
    assert_parity(picture, pairs["photo128_net_input"])
    output, mask = run(network, picture, valid)
    assert_parity(output, pairs["photo128_net_output"])
    assert_parity(leave(dialect, picture, output, valid), pairs["photo128_final"])
    if dialect != "tanimutomo":  # that program hands its input mask back
        np.testing.assert_array_equal(np.repeat(mask, 3, axis=1), pairs["photo128_mask_out"])


def test_unet_on_a_larger_photo(dialect, network, pairs):
    picture, valid = enter(dialect, pairs["photo256_rgb_u8"], pairs["photo256_hole_u8"])
    output, _ = run(network, picture, valid)
    assert_parity(output[:, :, 64:192, 64:192], pairs["photo256_net_output_crop_64_192"])


def test_unet_on_noise_with_a_mask_for_each_channel(dialect, network, pairs):
    output, mask = run(network, pairs["noise_net_input"], pairs["noise_mask"])
    assert_parity(output, pairs["noise_net_output"])
    if dialect != "tanimutomo":
        np.testing.assert_array_equal(np.repeat(mask, 3, axis=1), pairs["noise_mask_out"])


def layer_of(array, dialect):
    """The canonical layer that should do what `dialect` does with these weights."""
    weight, bias = array["weight"], array.get("bias")
    out, channels, kernel, _ = weight.shape
    stride, padding = (int(number) for number in array["stride_padding"])
    assert padding == kernel // 2
    layer = PartialConv2d(
        channels,
        out,
        kernel=kernel,
        stride=stride,
        bias=bias is not None,
        ratio_twice=dialect == "demo" and bias is not None,
    )
    window = weight[0].size if dialect == "naoto" else 1
    layer.conv.weight = torch.nn.Parameter(torch.from_numpy(weight / np.float32(window)))
    if bias is not None:
        layer.bias = torch.nn.Parameter(torch.from_numpy(bias))
    return layer


def test_every_case_of_one_layer_in_every_dialect(parity):
    pairs = parity("partial_conv_layer")
    cases = [str(case) for case in pairs["cases"] if "softmask" not in str(case)]
    compared = 0
    for case in cases:
        array = {k.removeprefix(f"{case}_"): v for k, v in pairs.items() if k.startswith(case)}
        part = torch.from_numpy(array["input"]), torch.from_numpy(array["mask"])
        for dialect in ("canonical", "mmagic", "mmagic1", "demo", "naoto"):
            if f"{dialect}_out" not in array:
                continue
            with torch.inference_mode():
                out, valid = layer_of(array, dialect)([part])
            assert_parity(out, array[f"{dialect}_out"], 1e-5)
            if f"{dialect}_newmask" in array:
                theirs = array[f"{dialect}_newmask"]
                np.testing.assert_array_equal(valid.expand(theirs.shape), theirs)
            compared += 1
    assert compared >= 40
