"""Weights made by the rule that the parity fixtures state, and the fixtures themselves."""

import json
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

State = dict[str, torch.Tensor]


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def parity(data_dir) -> Callable[[str], dict[str, np.ndarray]]:
    """Load one .npz of the parity fixtures by name."""
    return partial(_read_arrays, data_dir / "parity")


@pytest.fixture(scope="session")
def layout(data_dir) -> Callable[[str], dict]:
    """One layout of the parity fixtures by name: keys, shapes, checks."""

    def read(name: str) -> dict:
        return json.loads((data_dir / "parity" / "layouts" / f"{name}.json").read_text())

    return read


@pytest.fixture(scope="session")
def published(layout) -> Callable[[str], State]:
    """The state dict of a published layout, filled by the stated rule, checked as stated."""

    def make(name: str) -> State:
        stated = layout(name)
        state = {
            key: torch.from_numpy(np.asarray(_fill(key, tuple(shape), stated)))
            for key, (shape, _) in stated["state_dict"].items()
        }
        _check(state, stated)
        return state

    return make


def _read_arrays(folder: Path, name: str) -> dict[str, np.ndarray]:
    with np.load(folder / f"{name}.npz") as arrays:
        return dict(arrays)


def _fill(key: str, shape: tuple[int, ...], stated: dict) -> np.ndarray:
    name = key.rpartition(".")[2]
    if name == "num_batches_tracked":
        return np.int64(0)
    if key.endswith("mask_conv.weight") or name == "weight_mask_updater":
        return np.ones(shape, np.float32)
    if name == "fuse_kernel":
        return np.eye(shape[-1], dtype=np.float32).reshape(shape)
    seed = zlib.crc32(key.replace("features.", "conv1.").encode())
    z = np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
    return _scaled(z, key, stated)


def _scaled(z: np.ndarray, key: str, stated: dict) -> np.ndarray:
    name = key.rpartition(".")[2]
    if name in ("weight_u", "weight_v"):
        return (z / np.sqrt((z.astype(np.float64) ** 2).sum())).astype(np.float32)
    simple = {
        "running_mean": lambda: np.float32(0.1) * z,
        "running_var": lambda: 1 + np.float32(0.1) * np.abs(z),
        "bias": lambda: np.float32(0.05) * z,
    }
    if name in simple:
        return simple[name]()
    if z.ndim == 1:
        return 1 + np.float32(0.1) * z
    fan_in = int(np.prod(z.shape[1:]))
    gain = stated["weight_gain"]
    exception = stated["weight_gain_exception"]
    if exception and key.endswith(exception["suffix"]):
        gain *= fan_in
    return z * np.float32(gain / np.sqrt(fan_in))


def _check(state: State, stated: dict) -> None:
    for key, values in stated["check_first_values"].items():
        np.testing.assert_allclose(state[key].flatten()[: len(values)], values, rtol=1e-6)
    total = sum(float(tensor.double().abs().sum()) for tensor in state.values())
    assert total == pytest.approx(stated["check_sum_of_absolute_values"], rel=1e-6)
