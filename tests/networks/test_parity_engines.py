"""The engines, from a photo and a hole to filled pixels, against the original programs."""

import numpy as np
import pytest

from inpaint_studio.engines.api import EdgeMap, FillRequest
from inpaint_studio.engines.device import CPU
from inpaint_studio.engines.edge_connect import EdgeConnectEngine
from inpaint_studio.engines.partial_conv import COLOURS, PartialConvEngine
from inpaint_studio.imaging.geometry import SizeRule
from inpaint_studio.weights.architectures import build, canonicalise
from inpaint_studio.weights.checkpoint import clean_state

pytestmark = pytest.mark.data

TOLERANCE = 1e-4


def run(engine, request):
    events = []
    fill = engine.fill(request)
    while True:
        try:
            events.append(next(fill))
        except StopIteration as finished:
            return events, finished.value


def request_of(pairs, name, *, hole, **more):
    photo = pairs[f"{name}_rgb_u8"].astype(np.float32) / 255
    return FillRequest(photo, pairs[f"{name}_{hole}"] > 0, **more)


@pytest.fixture(scope="module")
def edge_connect(published):
    edges, completion = (
        build(canonicalise(published(f"edgeconnect_{name}")))
        for name in ("edgemodel_gen", "inpaintingmodel_gen")
    )
    return EdgeConnectEngine(edges, completion, SizeRule(64, 4, 256), CPU)


@pytest.mark.parametrize("name", ["photo0", "photo1"])
def test_edge_maps_are_those_of_the_original(parity, edge_connect, name):
    pairs = parity("edgeconnect_edge")
    events, result = run(edge_connect, request_of(pairs, name, hole="mask_u8"))
    (shown,) = [event.edges for event in events if isinstance(event, EdgeMap)]
    assert np.abs(result.edges - pairs[f"{name}_edges_merged"][0, 0]).max() <= TOLERANCE
    assert np.array_equal(shown, result.edges)


@pytest.mark.parametrize("merge", ["raw", "merged"])
@pytest.mark.parametrize("name", ["photo0", "photo1"])
def test_edge_connect_fills_as_the_original(parity, edge_connect, name, merge):
    pairs = parity("edgeconnect_inpaint")
    request = request_of(pairs, name, hole="mask_u8", options={"edge_merge": merge})
    _, result = run(edge_connect, request)
    output = pairs[f"{name}_{merge}_gen_output"][0].transpose(1, 2, 0)
    assert np.abs(result.pixels - output).max() <= TOLERANCE * output.max()
    assert off_by(result.pixels, request, pairs[f"{name}_{merge}_result_u8"]) <= 1


@pytest.mark.parametrize("name", ["photo0", "photo1"])
def test_drawn_edges_skip_the_edge_generator(parity, edge_connect, name):
    """With known edges only, as the original's test script does for its second model alone."""
    pairs = parity("edgeconnect_inpaint")
    none = np.zeros(pairs[f"{name}_mask_u8"].shape, np.float32)
    request = request_of(pairs, name, hole="mask_u8", edges=none)
    _, result = run(edge_connect, request)
    assert off_by(result.pixels, request, pairs[f"{name}_canny_result_u8"]) <= 1


def off_by(pixels, request, expected):
    composite = np.where(request.hole[:, :, None], pixels, request.photo)
    steps = np.abs((composite * 255 + 1e-4).astype(int) - expected.astype(int))
    assert (steps > 0).mean() < 0.01
    return steps.max()


@pytest.mark.parametrize(
    ("layout_name", "colours"),
    [("naoto0804", "rgb-imagenet"), ("tanimutomo", "rgb-unit"), ("mmagic", "bgr-symmetric")],
)
def test_partial_convolution_fills_as_the_original(parity, published, layout_name, colours):
    network = build(canonicalise(clean_state(published(f"pconv_{layout_name}"), layout_name)))
    engine = PartialConvEngine(network, COLOURS[colours], SizeRule(128, 128, 512), CPU)
    pairs = parity(f"pconv_unet_{layout_name}")
    request = request_of(pairs, "photo128", hole="hole_u8")
    _, result = run(engine, request)
    final = pairs["photo128_final"][0].transpose(1, 2, 0)
    if layout_name == "mmagic":
        final = final[:, :, ::-1] / 255
    off = np.abs(result.pixels - final.clip(0, 1))[request.hole]
    assert off.max() <= TOLERANCE
