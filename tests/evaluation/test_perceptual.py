"""The feature distances are what their names say, with any weights."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from inpaint_studio.errors import WeightsError
from inpaint_studio.evaluation import perceptual
from inpaint_studio.evaluation.perceptual import FeatureMeter, frechet_distance, open_meter
from inpaint_studio.evaluation.standard import open_standard_meters
from inpaint_studio.networks.vgg11 import VGG11Features


@pytest.fixture(scope="module")
def state():
    """Random weights in torchvision's layout."""
    torch.manual_seed(0)
    shapes = {0: (64, 3), 4: (128, 64), 8: (256, 128), 11: (256, 256)}
    state = {}
    for at, (filters, channels) in shapes.items():
        state[f"features.{at}.weight"] = torch.randn(filters, channels, 3, 3) / channels**0.5
        state[f"features.{at}.bias"] = torch.zeros(filters)
        for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            state[f"features.{at + 1}.{name}"] = torch.full((filters,), float(value))
    return state


@pytest.fixture(scope="module")
def meter(state):
    return FeatureMeter(VGG11Features(state))


@pytest.fixture
def hole(rgb):
    hole = np.zeros(rgb.shape[:2], np.bool_)
    hole[32:48, 40:72] = True
    return hole


def test_features_are_of_unit_length_and_their_mean_is_not_scaled(meter, rgb):
    seen = meter.look(rgb)
    assert [tuple(pool.shape) for pool in seen.pools] == [
        (1, 64, 48, 64),
        (1, 128, 24, 32),
        (1, 256, 12, 16),
    ]
    for pool in seen.pools:
        torch.testing.assert_close(pool.norm(dim=1), torch.ones(pool.shape[0], *pool.shape[2:]))
    assert seen.mean.shape == (256,)
    assert seen.mean.max() > 1


def test_the_distance_is_nothing_for_equal_pictures_and_grows(meter, rgb, rng, hole):
    truth = meter.look(rgb)
    found = []
    for strength in (0, 10, 80):
        noisy = (rgb + rng.normal(0, strength, rgb.shape)).clip(0, 255).astype(np.uint8)
        found.append(meter.distance(meter.look(noisy), truth, hole))
    assert found[0] == 0
    assert 0 < found[1] < found[2] < 2**0.5


def test_only_the_cells_of_the_hole_count(meter, rgb, hole):
    """By its definition, cell by cell."""
    other = np.roll(rgb, 9, axis=1)
    one, two = meter.look(other), meter.look(rgb)
    wanted = []
    for level, (a, b) in enumerate(zip(one.pools, two.pools, strict=True), start=1):
        step = 2**level
        apart = [
            np.linalg.norm(a[0, :, row, column] - b[0, :, row, column])
            for row in range(a.shape[2])
            for column in range(a.shape[3])
            if hole[row * step : (row + 1) * step, column * step : (column + 1) * step].any()
        ]
        wanted.append(np.mean(apart))
    assert meter.distance(one, two, hole) == pytest.approx(np.mean(wanted), rel=1e-5)


@pytest.mark.parametrize("pictures", [5, 40])
def test_frechet_is_that_of_the_matrix_root(pictures, rng):
    mix = rng.normal(size=(12, 12))
    a = rng.normal(size=(pictures, 12)) @ mix
    b = rng.normal(0.5, 1.5, size=(pictures + 3, 12))
    c1, c2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.sqrt(np.linalg.eigvals(c1 @ c2).real.clip(0)).sum()
    wanted = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c1 + c2) - 2 * root
    assert frechet_distance(a, b) == pytest.approx(wanted, rel=1e-6)
    if pictures > 12:  # scipy cannot take the root of a singular matrix
        wanted += 2 * root - 2 * np.trace(sqrtm(c1 @ c2)).real
        assert frechet_distance(a, b) == pytest.approx(wanted, rel=1e-6)


def test_frechet_of_a_set_with_itself_is_nothing(rng):
    a = rng.normal(size=(30, 8))
    assert frechet_distance(a, a[::-1]) == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match="two"):
        frechet_distance(a, a[:1])


def test_other_networks_are_refused(tmp_path, state):
    torch.save({key: value for key, value in state.items() if ".8." not in key}, tmp_path / "x.pth")
    with pytest.raises(WeightsError, match=r"VGG-11.*--features"):
        open_meter(tmp_path / "x.pth")


def test_weights_are_found_where_torchvision_keeps_them(tmp_path, state, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert perceptual.find_feature_file() is None
    place = tmp_path / "hub" / "checkpoints" / perceptual.TORCHVISION_FILE
    place.parent.mkdir(parents=True)
    torch.save(state, place)
    assert perceptual.find_feature_file() == place
    open_meter(place)


def test_lpips_and_fid_are_left_out_and_said_so():
    meters = open_standard_meters()
    assert meters.lpips is None
    assert meters.inception is None
    assert [note.split()[0] for note in meters.notes] == ["LPIPS", "FID"]


@pytest.mark.data
def test_the_small_file_is_torchvisions_vgg(data_dir, rgb):
    """ImageNet weights see the same thing in a picture and a slightly brighter one."""
    meter = open_meter(data_dir / "features" / perceptual.FEATURE_FILE)
    everywhere = np.ones(rgb.shape[:2], np.bool_)
    truth = meter.look(rgb)
    brighter = meter.look(np.minimum(rgb.astype(int) + 6, 255).astype(np.uint8))
    turned = meter.look(np.ascontiguousarray(rgb[::-1, ::-1]))
    assert 3 * meter.distance(brighter, truth, everywhere) < meter.distance(
        turned, truth, everywhere
    )
