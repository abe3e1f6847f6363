import gc
import weakref

import numpy as np
import pytest
import torch

from inpaint_studio.engines import fallback
from inpaint_studio.engines.api import EdgeMap, FillRequest, FillResult, Progress
from inpaint_studio.engines.device import CPU
from inpaint_studio.engines.fallback import fill_with_fallback, plan_attempts
from inpaint_studio.errors import EngineError
from inpaint_studio.imaging.geometry import Size, SizeRule

RULE = SizeRule(minimum=64, multiple_of=64, working=512)
GPU = torch.device("cuda")


class Scarce:
    """An engine's `_fill_on` that fits into so many pixels per device."""

    def __init__(self, error=torch.OutOfMemoryError, words="CUDA out of memory.", **pixels):
        self.error = error, words
        self.pixels = pixels
        self.tried = []
        self.held = None
        self.alive_at_retry = []

    def __call__(self, request, device):
        gc.collect()
        if self.held is not None:
            self.alive_at_retry.append(self.held() is not None)
        self.tried.append((device.type, request.hole.shape))
        yield Progress("Finding edges", 0.0)
        yield EdgeMap(request.hole.astype(np.float32), request.hole, Size(*request.hole.shape).box)
        tensor = torch.ones(10)
        self.held = weakref.ref(tensor)
        if request.hole.size > self.pixels.get(device.type, 0):
            kind, words = self.error
            raise kind(words)
        return FillResult(request.photo + np.float32(0.1), edges=request.hole.astype(np.float32))


@pytest.fixture
def request_512():
    photo = np.full((512, 384, 3), 0.4, np.float32)
    hole = np.zeros((512, 384), bool)
    hole[100:200, 100:200] = True
    return FillRequest(photo, hole, edges=hole.astype(np.float32))


@pytest.fixture(autouse=True)
def freed(monkeypatch):
    freed = []
    monkeypatch.setattr(fallback, "free_memory", freed.append)
    return freed


def test_all_is_well_with_enough_memory(request_512, finish):
    scarce = Scarce(cuda=10**6)
    _, (result, notes) = finish(fill_with_fallback(request_512, scarce, device=GPU, rule=RULE))
    assert notes == ()
    assert scarce.tried == [("cuda", (512, 384))]
    assert result.pixels.shape == (512, 384, 3)


def test_first_a_smaller_size_is_tried_and_brought_back(request_512, finish, freed):
    scarce = Scarce(cuda=256 * 256)
    events, (result, notes) = finish(fill_with_fallback(request_512, scarce, device=GPU, rule=RULE))
    assert scarce.tried == [("cuda", (512, 384)), ("cuda", (256, 192))]
    assert result.pixels.shape == (512, 384, 3)
    assert result.edges.shape == (512, 384)
    assert result.pixels[50, 50] == pytest.approx(0.5, abs=1e-4)
    assert all(e.edges.shape == (512, 384) for e in events if isinstance(e, EdgeMap))
    assert notes == (
        "The GPU's memory was full, so the fill was computed at a smaller size of 256 pixels.",
    )
    assert freed == [GPU]
    assert scarce.alive_at_retry == [False]  # the failed pass holds nothing


def test_then_the_cpu(request_512, finish):
    scarce = Scarce(cpu=10**6)
    _, (_, notes) = finish(fill_with_fallback(request_512, scarce, device=GPU, rule=RULE))
    assert [device for device, _ in scarce.tried] == ["cuda", "cuda", "cpu"]
    assert notes == ("The GPU's memory was full, so the fill was computed on the CPU.",)


def test_the_cpu_can_run_out_as_well(request_512, finish):
    words = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."
    scarce = Scarce(RuntimeError, words, cpu=10**5)
    _, (_, notes) = finish(fill_with_fallback(request_512, scarce, device=CPU, rule=RULE))
    assert notes == ("Memory ran out, so the fill was computed at a smaller size of 256 pixels.",)


def test_in_the_end_it_is_said_what_to_do(request_512):
    with pytest.raises(EngineError, match="close other programs"):
        list(fill_with_fallback(request_512, Scarce(), device=GPU, rule=RULE))


def test_other_errors_are_no_reason_to_try_again(request_512):
    scarce = Scarce(RuntimeError, "Expected 4 channels.\nmore")
    with pytest.raises(EngineError, match="Expected 4 channels"):
        list(fill_with_fallback(request_512, scarce, device=GPU, rule=RULE))
    assert len(scarce.tried) == 1


def test_small_requests_are_not_made_smaller():
    assert [a.working for a in plan_attempts(CPU, Size(128, 128), RULE)] == [0]
    assert [a.working for a in plan_attempts(CPU, Size(512, 128), RULE)] == [0, 256]
