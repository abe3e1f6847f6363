"""Generated photos and the configs that train on them."""

import cv2
import msgspec
import numpy as np
import pytest
import torch

from inpaint_studio.training import config as c


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def photos(tmp_path, rng):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        picture = np.full((70, 90, 3), rng.integers(0, 255, 3), np.uint8)
        picture[20:50, 30:60] = rng.integers(0, 255, 3)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder


@pytest.fixture
def config_for(tmp_path, photos):
    """A config of a stage on those photos, as small as it can be; tables may be given as dicts."""

    def make(stage, **tables):
        given = {
            "stage": stage,
            "out": str(tmp_path / stage),
            "photos": {"folders": [str(photos)], "short_side": 64},
            "network": {"width": 4, "levels": 3, "blocks": 1, "discriminator_width": 4},
            "run": {"steps": 6, "batch": 2, "crop": 32, "sheet_every": 0, "workers": 1},
            "optimiser": {"rate": 3e-3},
        }
        for name, table in tables.items():
            given[name] = {**given.get(name, {}), **table} if isinstance(table, dict) else table
        given["photos"].setdefault("store", given["out"])
        return msgspec.convert(given, c.Config)

    return make


@pytest.fixture
def trained():
    """Run a generator of training events to its end: the losses of each step and the outcome."""

    def run(events):
        steps = []
        while True:
            try:
                event = next(events)
            except StopIteration as done:
                return steps, done.value
            if hasattr(event, "losses"):
                steps.append(dict(event.losses))

    return run
