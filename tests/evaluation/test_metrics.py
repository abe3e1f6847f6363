"""Metrics agree with scikit-image and torchmetrics, and mean what they say."""

import math
import warnings

import numpy as np
import pytest
from skimage import metrics as reference

from inpaint_studio.evaluation.metrics import (
    PSNR_CEILING,
    Tally,
    changed_percent,
    distances,
    hole_ssim,
    l1_percent,
    psnr,
    ssim,
)

SSIM = {
    "gaussian_weights": True,
    "sigma": 1.5,
    "use_sample_covariance": False,
    "data_range": 255,
    "channel_axis": 2,
}


@pytest.fixture
def hole(rgb):
    hole = np.zeros(rgb.shape[:2], np.bool_)
    hole[10:50, 30:100] = True
    hole[80:, :6] = True
    return hole


@pytest.fixture(params=[2, 25, 90])
def worse(request, rgb, rng):
    noisy = rgb + rng.normal(0, request.param, rgb.shape)
    return noisy.clip(0, 255).astype(np.uint8)


@pytest.fixture
def torchmetrics():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("torchmetrics.functional.image", exc_type=ImportError)


def test_psnr_and_ssim_are_those_of_scikit_image(rgb, worse):
    wanted = reference.peak_signal_noise_ratio(rgb, worse, data_range=255)
    assert psnr(worse, rgb) == pytest.approx(wanted, abs=1e-6)
    wanted = reference.structural_similarity(rgb, worse, **SSIM)
    assert ssim(worse, rgb) == pytest.approx(wanted, abs=1e-6)


def test_measures_in_the_hole_are_those_of_scikit_image(rgb, worse, hole):
    inside, truth = worse[hole].astype(float), rgb[hole].astype(float)
    wanted = reference.peak_signal_noise_ratio(truth, inside, data_range=255)
    assert psnr(worse, rgb, hole) == pytest.approx(wanted, abs=1e-6)
    _, full = reference.structural_similarity(rgb, worse, full=True, **SSIM)
    assert hole_ssim(worse, rgb, hole) == pytest.approx(full[hole].mean(), abs=1e-6)


def test_psnr_and_ssim_are_those_of_torchmetrics(rgb, worse, torchmetrics):
    import torch

    found, truth = (
        torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float64))
        for picture in (worse, rgb)
    )
    wanted = torchmetrics.peak_signal_noise_ratio(found, truth, data_range=255.0)
    assert psnr(worse, rgb) == pytest.approx(float(wanted), rel=1e-6)  # it rounds to float32
    _, full = torchmetrics.structural_similarity_index_measure(
        found, truth, data_range=255.0, return_full_image=True
    )
    inner = float(full[..., 5:-5, 5:-5].mean())  # it also counts windows over the border
    assert ssim(worse, rgb) == pytest.approx(inner, abs=1e-6)


def test_l1_is_a_percentage_of_white(rgb, hole):
    black, white = np.zeros_like(rgb), np.full_like(rgb, 255)
    assert l1_percent(white, black) == 100
    half = np.where(hole[..., None], np.uint8(51), black)
    assert l1_percent(half, black, hole) == pytest.approx(20)
    assert l1_percent(half, black) == pytest.approx(20 * hole.mean())


def test_equal_pictures(rgb, hole):
    assert l1_percent(rgb, rgb) == 0
    assert psnr(rgb, rgb, hole) == math.inf
    assert ssim(rgb, rgb) == pytest.approx(1)
    assert changed_percent(rgb, rgb, hole) == 0


def test_hole_ssim_does_not_see_far_away(rgb, hole):
    elsewhere = rgb.copy()
    elsewhere[60:, 80:] = 0  # further from the hole than a window reaches
    assert hole_ssim(elsewhere, rgb, hole) == pytest.approx(1)
    assert ssim(elsewhere, rgb) < 0.9


def test_ssim_of_a_picture_smaller_than_its_window_is_refused(rgb):
    with pytest.raises(ValueError, match="11 pixels"):
        ssim(rgb[:10], rgb[:10])


def test_pixels_changed_outside_the_hole_are_counted(rgb, hole):
    result = rgb.copy()
    result[hole] ^= 255
    assert changed_percent(result, rgb, hole) == 0
    result[0, :10] ^= 1
    assert changed_percent(result, rgb, hole) == pytest.approx(1000 / (~hole).sum())


def test_a_tally_leaves_out_what_is_missing():
    tally = Tally()
    tally.add({"lpips": None, "seconds": 900.0})
    tally.add({"lpips": 0.5, "seconds": 100.0})
    assert tally.means() == {"lpips": 0.5, "seconds": 500}


def test_all_measures_of_a_picture_are_those_one_by_one(rgb, worse, hole):
    found = distances(worse, rgb, hole)
    assert found["ssim"] == ssim(worse, rgb)
    assert found["hole_ssim"] == hole_ssim(worse, rgb, hole)
    assert found["hole_psnr"] == psnr(worse, rgb, hole)
    assert found["changed"] == changed_percent(worse, rgb, hole)
    assert distances(rgb, rgb, hole)["psnr"] == PSNR_CEILING
