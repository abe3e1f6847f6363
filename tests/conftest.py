"""Fixtures every test may use: the test data, throw-away homes, generated pictures."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _throwaway_home(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("INPAINT_STUDIO_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of photos and parity fixtures; tests that need it are skipped without it."""
    folder = Path(os.environ.get("INPAINT_STUDIO_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}: set INPAINT_STUDIO_DATA to run this test")
    return folder


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20181204)


@pytest.fixture
def rgb(rng) -> np.ndarray:
    """A (96, 128, 3) uint8 picture with a gradient, an edge and grain."""
    rows, columns = np.mgrid[:96, :128]
    picture = np.stack([columns * 1.6, rows * 2.2, (rows + columns) * 0.9], axis=-1)
    picture[30:60, 40:90] = (200, 60, 40)
    picture += rng.normal(0, 4, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)
