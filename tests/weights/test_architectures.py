"""Every published layout is recognised by its keys and computes the same after conversion."""

import re

import pytest
import torch
from safetensors import safe_open
from torch.nn.utils import spectral_norm as old_spectral_norm

from inpaint_studio.errors import WeightsError
from inpaint_studio.networks.discriminator import PatchDiscriminator
from inpaint_studio.networks.edge_connect import (
    CompletionGenerator,
    EdgeConnectConfig,
    EdgeGenerator,
)
from inpaint_studio.networks.partial_conv import PartialConvConfig, PartialConvUNet
from inpaint_studio.weights.architectures import (
    build,
    canonicalise,
    load_network,
    load_weights,
    recognise,
    save_network,
    save_weights,
)
from inpaint_studio.weights.checkpoint import clean_state

PUBLISHED = {
    "naoto0804": {"first_bias": False},
    "mmagic": {},
    "tanimutomo": {"first_bias": False, "batch_norm": False, "last_ratio_twice": True},
}


def assert_same_unet(ours: torch.nn.Module, theirs: torch.nn.Module, side=64):
    picture = torch.rand(1, 3, side, side)
    valid = torch.ones(1, 1, side, side)
    valid[..., 9:40, 13:31] = 0
    with torch.inference_mode():
        (found, found_valid), (expected, expected_valid) = (
            n(picture, valid) for n in (ours, theirs)
        )
    assert torch.equal(found_valid, expected_valid)
    assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()


def assert_same_generator(ours: torch.nn.Module, theirs: torch.nn.Module, *, channels: int):
    x = torch.rand(1, channels, 32, 48)
    with torch.inference_mode():
        torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("layout", PUBLISHED)
@pytest.mark.parametrize(("width", "levels"), [(4, 3), (6, 5)])
def test_partial_conv_layouts(unet, published_pconv, layout, width, levels):
    network = unet(width=width, levels=levels, **PUBLISHED[layout])
    state = clean_state({"model": published_pconv(network, layout)}, "generated")
    assert recognise(state).layout == layout
    converted = build(canonicalise(state))
    assert converted.config == network.config
    assert not converted.training
    assert_same_unet(converted, network, side=64)


def test_sizes_of_the_published_networks_are_read_from_shapes():
    with torch.device("meta"):
        network = PartialConvUNet()
    found = canonicalise_shapes(network)
    assert found == PartialConvConfig(width=64, levels=7)


def canonicalise_shapes(network):
    state = {key: torch.empty_like(t, device="meta") for key, t in network.state_dict().items()}
    return recognise(state).architecture.build(state, {}).config


def test_edge_connect_folders_files(edge_folder, edge_generator, completion_generator):
    edges = load_network(edge_folder / "EdgeModel_gen.pth")
    completion = load_network(edge_folder / "InpaintingModel_gen.pth")
    assert isinstance(edges, EdgeGenerator)
    assert isinstance(completion, CompletionGenerator)
    assert_same_generator(edges, edge_generator, channels=3)
    assert_same_generator(completion, completion_generator, channels=4)


def with_old_spectral_norm(config: EdgeConnectConfig) -> EdgeGenerator:
    """As the authors of EdgeConnect built it: weight_orig, weight_u, weight_v."""
    torch.manual_seed(4)
    network = EdgeGenerator(config)
    for name, module in network.named_modules():
        transposed = isinstance(module, torch.nn.ConvTranspose2d)
        if (transposed or isinstance(module, torch.nn.Conv2d)) and name != "decoder.7":
            old_spectral_norm(module, dim=int(transposed))
    network(torch.rand(1, 3, 32, 32))  # one step, so that u and v are not yet singular vectors
    return network.eval()


def test_spectral_norm_of_old_files_is_folded_exactly():
    network = with_old_spectral_norm(EdgeConnectConfig(width=4, blocks=1))
    state = network.state_dict()
    assert "encoder.1.weight_v" in state
    assert_same_generator(build(canonicalise(state)), network, channels=3)


def test_files_without_v_and_without_u_still_open():
    network = with_old_spectral_norm(EdgeConnectConfig(width=4, blocks=1))
    for _ in range(40):
        network.train()(torch.rand(1, 3, 32, 32))
    network.eval()
    for dropped in (r".*_v", r".*_[uv]"):
        state = {k: t for k, t in network.state_dict().items() if not re.fullmatch(dropped, k)}
        rebuilt = build(canonicalise(state))
        weight = rebuilt.state_dict()["encoder.4.weight"]
        torch.testing.assert_close(weight, network.encoder[4].weight, rtol=1e-2, atol=1e-3)


def test_files_that_keep_the_divided_weight_are_run_with_it():
    state = EdgeGenerator(EdgeConnectConfig(width=4, blocks=1)).state_dict()
    old = {**state, "encoder.4.weight_orig": state["encoder.4.weight"] * 3}
    old["encoder.4.weight_u"] = torch.rand(8)
    found = canonicalise(old).state
    assert found.keys() == state.keys()
    assert torch.equal(found["encoder.4.weight"], state["encoder.4.weight"])


def test_a_network_in_training_is_saved_ready_to_run(tmp_path):
    network = EdgeGenerator(EdgeConnectConfig(width=4, blocks=1, spectral=True)).eval()
    save_network(network, tmp_path / "edges.safetensors")
    found = load_network(tmp_path / "edges.safetensors")
    assert found.config == EdgeConnectConfig(width=4, blocks=1)
    assert_same_generator(found, network, channels=3)


@pytest.mark.parametrize("half", [False, True])
def test_save_and_reload(tmp_path, unet, half):
    network = unet(first_bias=False, last_ratio_twice=True)
    path = tmp_path / "sub" / "own.safetensors"
    save_network(network, path, half=half)
    found = load_network(path)
    assert found.config == network.config
    assert all(t.dtype != torch.float16 for t in found.state_dict().values())
    assert not any(parameter.requires_grad for parameter in found.parameters())
    tolerance = {"rtol": 1e-3, "atol": 1e-3} if half else {"rtol": 0, "atol": 0}
    for key, tensor in network.state_dict().items():
        torch.testing.assert_close(found.state_dict()[key], tensor, **tolerance)
    with safe_open(path, "pt") as file:
        assert file.metadata()["architecture"] == "pconv-unet"
        stored = file.get_tensor("encoder.0.conv.conv.weight").dtype
    assert stored == (torch.float16 if half else torch.float32)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_conversion_keeps_the_switch_that_shapes_cannot_tell(tmp_path, unet, published_pconv):
    network = unet(**PUBLISHED["tanimutomo"])
    torch.save({"model": published_pconv(network, "tanimutomo")}, tmp_path / "published.pth")
    save_weights(load_weights(tmp_path / "published.pth"), tmp_path / "own.safetensors")
    assert_same_unet(load_network(tmp_path / "own.safetensors"), network)


def test_saving_where_nothing_can_be_written(tmp_path, unet):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WeightsError, match="could not be written"):
        save_network(unet(), tmp_path / "file" / "own.safetensors")


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("generator.stage1.encoder.enc1.conv.weight", "is a DeepFill v1 file; this version cannot"),
        ("generator.dilation_neck.dilation_convs.0.conv.weight", "is a GL .*cannot run it yet"),
        ("generator.model.1.ffc.convl2l.weight", "is a LaMa file; this version cannot run it yet"),
        ("discriminator.conv5.0.weight_orig", "does not know"),
        ("conv5.0.weight_orig", "is a discriminator"),
        ("features.0.weight", "does not know"),
    ],
)
def test_what_cannot_be_run_is_named(key, sentence):
    state = clean_state({"state_dict": {key: torch.rand(2, 2, 3, 3)}}, "x.pth")
    with pytest.raises(WeightsError, match=f"^x.pth {sentence}|^x.pth holds.*{sentence}"):
        recognise(state, source="x.pth")


def test_our_own_discriminator_is_named_too():
    with pytest.raises(WeightsError, match="is a discriminator"):
        recognise(PatchDiscriminator(3, width=4).state_dict())


@pytest.mark.parametrize("spoil", ["missing", "shape", "extra"])
def test_tensors_that_do_not_fit_together(unet, published_pconv, spoil):
    state = published_pconv(unet(), "mmagic")
    key = "generator.decoder.dec2.conv.weight"
    if spoil == "missing":
        del state[key]
    elif spoil == "shape":
        state[key] = state[key][:, :-1]
    else:
        state["generator.encoder.enc1.bn.weight"] = torch.ones(4)
    with pytest.raises(WeightsError, match="do not fit together"):
        canonicalise(clean_state(state, "x.pth"))


def test_unknown_networks_are_not_saved(tmp_path):
    with pytest.raises(ValueError, match="Conv2d"):
        save_network(torch.nn.Conv2d(1, 1, 1), tmp_path / "x.safetensors")
