"""EdgeConnect gives what the original gives, weights made by a stated rule (relative 1e-4)."""

import numpy as np
import pytest
import torch
from torch.nn.utils.parametrizations import spectral_norm

from inpaint_studio.networks.discriminator import PatchDiscriminator
from inpaint_studio.weights.architectures import build, canonicalise

pytestmark = pytest.mark.data


def assert_parity(ours, theirs, tolerance=1e-4):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@pytest.fixture(scope="module")
def edges(published):
    return build(canonicalise(published("edgeconnect_edgemodel_gen")))


@pytest.fixture(scope="module")
def completion(published):
    return build(canonicalise(published("edgeconnect_inpaintingmodel_gen")))


@pytest.fixture(scope="module")
def edge_pairs(parity):
    return parity("edgeconnect_edge")


@pytest.fixture(scope="module")
def colour_pairs(parity):
    return parity("edgeconnect_inpaint")


def run(network, array):
    with torch.inference_mode():
        return network(torch.as_tensor(array)).numpy()


def masked(pairs, photo):
    """(1, 3, H, W) RGB with the hole white, and (1, 1, H, W) hole."""
    rgb = pairs[f"{photo}_rgb_u8"].transpose(2, 0, 1)[None].astype(np.float32) / 255
    hole = (pairs[f"{photo}_mask_u8"] > 0)[None, None].astype(np.float32)
    return rgb, rgb * (1 - hole) + hole, hole


@pytest.mark.parametrize("photo", ["photo0", "photo1"])
def test_edge_generator_on_photos(edges, edge_pairs, photo):
    given = edge_pairs[f"{photo}_gen_input"]
    output = run(edges, given)
    assert_parity(output, edge_pairs[f"{photo}_gen_output"])
    mask, canny = edge_pairs[f"{photo}_mask"], edge_pairs[f"{photo}_canny_test"]
    assert_parity(output * mask + canny * (1 - mask), edge_pairs[f"{photo}_edges_merged"])


@pytest.mark.parametrize("photo", ["photo0", "photo1"])
def test_edge_generator_input_is_made_as_published(edge_pairs, photo):
    grey, hole = edge_pairs[f"{photo}_gray"], edge_pairs[f"{photo}_mask"]
    canny = edge_pairs[f"{photo}_canny_test"]
    ours = np.concatenate([grey * (1 - hole) + hole, canny * (1 - hole), hole], axis=1)
    np.testing.assert_array_equal(ours, edge_pairs[f"{photo}_gen_input"])


def test_generators_on_noise(edges, completion, edge_pairs, colour_pairs):
    for network, pairs in ((edges, edge_pairs), (completion, colour_pairs)):
        assert_parity(run(network, pairs["noise_gen_input"]), pairs["noise_gen_output"])


@pytest.mark.parametrize("photo", ["photo0", "photo1"])
@pytest.mark.parametrize("variant", ["raw", "merged", "canny"])
def test_completion_from_every_kind_of_edges(
    edges, completion, edge_pairs, colour_pairs, photo, variant
):
    rgb, white, hole = masked(colour_pairs, photo)
    canny = edge_pairs[f"{photo}_canny_test"]
    drawn = run(edges, edge_pairs[f"{photo}_gen_input"])
    maps = {"raw": drawn, "merged": drawn * hole + canny * (1 - hole), "canny": canny}
    given = np.concatenate([white, maps[variant]], axis=1)
    if (key := f"{photo}_{variant}_gen_input") in colour_pairs:
        assert_parity(given, colour_pairs[key])
    output = run(completion, given)
    assert_parity(output, colour_pairs[f"{photo}_{variant}_gen_output"])
    composite = output * hole + rgb * (1 - hole)
    if (key := f"{photo}_{variant}_composite") in colour_pairs:
        assert_parity(composite, colour_pairs[key])
    result = (composite[0].transpose(1, 2, 0) * 255).astype(np.uint8)
    off = np.abs(result.astype(int) - colour_pairs[f"{photo}_{variant}_result_u8"])
    assert off.max() <= 1
    assert (off > 0).mean() < 0.01


@pytest.mark.parametrize("which", ["edge", "inpaint"])
def test_discriminators(which, published, parity):
    theirs = published(
        {"edge": "edgeconnect_edgemodel_dis"}.get(which, "edgeconnect_inpaintingmodel_dis")
    )
    pairs = parity(f"edgeconnect_{which}")
    network = PatchDiscriminator(pairs["dis_input"].shape[1])
    state = {
        f"layers.{at}.parametrizations.weight.{ours}": theirs[f"conv{at + 1}.0.weight_{name}"]
        for at in range(5)
        for name, ours in (("orig", "original"), ("u", "0._u"), ("v", "0._v"))
    }
    network.load_state_dict(state)
    network.eval()
    with torch.inference_mode():
        features = network.features(torch.from_numpy(pairs["dis_input"]))
        output = network(torch.from_numpy(pairs["dis_input"]))
    assert_parity(features[0][:, :8], pairs["dis_conv1"])
    assert_parity(features[3][:, :16], pairs["dis_conv4"])
    assert_parity(features[4], pairs["dis_conv5_logits"])
    assert_parity(output, pairs["dis_output"])


def test_spectral_norm_uses_the_stored_vectors(published, edge_pairs):
    theirs = published("edgeconnect_edgemodel_gen")
    folded = canonicalise(theirs).state
    assert len(edge_pairs["gen_sigma_keys"]) == 21
    for key, sigma in zip(edge_pairs["gen_sigma_keys"], edge_pairs["gen_sigma"], strict=True):
        weight = theirs[f"{key}.weight_orig"]
        torch.testing.assert_close(folded[f"{key}.weight"] * sigma, weight, rtol=1e-4, atol=1e-5)


def test_folding_equals_torchs_own_spectral_norm_in_eval_mode():
    """Independent of the fixtures: the same vectors through torch's parametrization."""
    layer = spectral_norm(torch.nn.ConvTranspose2d(6, 4, 4, stride=2, padding=1)).eval()
    state = layer.parametrizations.weight
    matrix = state.original.detach().transpose(0, 1).flatten(1)
    sigma = torch.dot(state[0]._u, matrix @ state[0]._v)
    torch.testing.assert_close(layer.weight, state.original / sigma)
