import pytest
import torch

from inpaint_studio.engines import device as device_module
from inpaint_studio.engines.device import (
    CPU,
    choose_device,
    from_batch,
    is_out_of_memory,
    run_network,
    settle,
    settled_on,
    to_batch,
)
from inpaint_studio.errors import UsageError


@pytest.fixture
def computer(monkeypatch):
    """Pretend which devices are there."""

    def build(*, cuda=0, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return build


@pytest.mark.parametrize(
    ("there", "chosen"),
    [({"cuda": 1, "mps": True}, "cuda"), ({"mps": True}, "mps"), ({}, "cpu")],
)
def test_auto_takes_the_fastest_device_there_is(computer, there, chosen):
    computer(**there)
    assert choose_device("auto").type == chosen


def test_a_device_can_be_named(computer):
    computer(cuda=2)
    assert choose_device("cuda:1") == torch.device("cuda:1")
    assert choose_device("cpu") == CPU


@pytest.mark.parametrize("name", ["cuda:2", "mps"])
def test_a_device_that_is_not_there_is_refused(computer, name):
    computer(cuda=2)
    with pytest.raises(UsageError, match=f"“{name}” is not available"):
        choose_device(name)


@pytest.mark.parametrize("name", ["gpu", "", "meta", "cuda:x"])
def test_a_device_that_does_not_exist_is_refused(name):
    with pytest.raises(UsageError, match="no device"):
        choose_device(name)


@pytest.mark.parametrize(
    ("error", "memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (
            RuntimeError(
                "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"
            ),
            True,
        ),
        (RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"), True),
        (MemoryError(), True),
        (RuntimeError("expected 3 channels"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_running_out_of_memory_is_recognised(error, memory):
    assert is_out_of_memory(error) == memory


def test_threads_are_as_many_as_asked_for(monkeypatch):
    before = torch.get_num_threads()
    try:
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        settle(CPU)
        assert torch.get_num_threads() == 1
        assert not torch.backends.cudnn.benchmark
    finally:
        torch.set_num_threads(before)


def test_a_picture_becomes_a_batch_and_comes_back(rng):
    picture = rng.random((5, 7, 3)).astype("float32")
    batch = to_batch(picture)
    assert batch.shape == (1, 3, 5, 7)
    assert (from_batch(batch) == picture).all()


def test_networks_run_without_gradients_and_answer_in_float32_on_the_cpu():
    network = settled_on(torch.nn.Conv2d(3, 2, 3), CPU)
    (output,) = run_network(network, (torch.rand(1, 3, 8, 8),), device=CPU)
    assert output.dtype == torch.float32
    assert not output.requires_grad


@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_half_precision_is_for_cuda_only(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: (8, 0))
    half = device_module._half_precision
    assert isinstance(half(torch.device("cuda")), torch.autocast)
    assert not isinstance(half(CPU), torch.autocast)
    assert not isinstance(half(torch.device("mps")), torch.autocast)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: (6, 1))
    assert not isinstance(half(torch.device("cuda")), torch.autocast)
