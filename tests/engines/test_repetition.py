"""What beside a hole comes again elsewhere, tried out on known pixels."""

import cv2
import numpy as np
import pytest

from inpaint_studio.engines.repetition import RIM, gain_of_copying
from inpaint_studio.imaging.geometry import Box

SIDE = 12
TRIAL = Box(60, 70, 60 + SIDE + 2 * RIM, 70 + SIDE + 2 * RIM)
SIZE = (160, 200)


def lattice():
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return (0.2 + 0.6 * ((rows // 9 + columns // 9) % 2)).astype(np.float32)


def clouds():
    noise = np.random.default_rng(0).normal(0, 1, SIZE).astype(np.float32)
    return (0.5 + 0.9 * cv2.GaussianBlur(noise, (0, 0), 4)).clip(0, 1)


def test_a_lattice_is_told_by_copying_and_clouds_are_not():
    known = np.ones(SIZE, bool)
    assert gain_of_copying(lattice(), known, TRIAL) > 0.2
    assert gain_of_copying(clouds(), known, TRIAL) < -0.2


@pytest.mark.parametrize("spread", [0.0, 0.03])
def test_flat_and_grainy_pictures_say_nothing(spread):
    grain = np.random.default_rng(1).normal(0.5, spread, SIZE).astype(np.float32)
    assert gain_of_copying(grain, np.ones(SIZE, bool), TRIAL) is None


def test_only_known_pixels_are_copied():
    known = np.zeros(SIZE, bool)
    known[TRIAL.slices] = True
    assert gain_of_copying(lattice(), known, TRIAL) is None
    known[:] = True
    known[:, 140:] = False
    noise = np.random.default_rng(2).random(SIZE).astype(np.float32)
    hidden = np.where(known, lattice(), noise)
    shown = np.where(known, lattice(), 0)
    assert gain_of_copying(hidden, known, TRIAL) == gain_of_copying(shown, known, TRIAL)


def test_a_square_is_never_its_own_copy():
    unique = clouds()
    unique[:, :] += np.linspace(0, 0.1, SIZE[1], dtype=np.float32)
    assert gain_of_copying(unique, np.ones(SIZE, bool), TRIAL) < 0
