"""Every layout of the parity fixtures is told from all the others by its keys."""

import pytest
import torch

from inpaint_studio.errors import WeightsError
from inpaint_studio.weights.architectures import canonicalise, recognise
from inpaint_studio.weights.checkpoint import clean_state

pytestmark = pytest.mark.data


def shapes(stated: dict, prefix: str = "") -> dict:
    """The state dict without its numbers: names and shapes are all that recognition needs."""
    return {
        f"{prefix}{key}": torch.empty(shape, dtype=getattr(torch, dtype), device="meta")
        for key, (shape, dtype) in stated["state_dict"].items()
    }


def as_saved(stated: dict, state: dict) -> dict:
    """The whole file: what wraps the state dict, and what lies beside it."""
    wrapped = {key: {"lr": 1} for key in stated["top_level"]}
    return {**wrapped, stated["state_dict_key"]: state}


@pytest.mark.parametrize(
    ("name", "architecture", "published_as"),
    [
        ("pconv_naoto0804", "pconv-unet", "naoto0804"),
        ("pconv_tanimutomo", "pconv-unet", "tanimutomo"),
        ("pconv_mmagic", "pconv-unet", "mmagic"),
        ("edgeconnect_edgemodel_gen", "edgeconnect-edges", "edgeconnect"),
        ("edgeconnect_inpaintingmodel_gen", "edgeconnect-completion", "edgeconnect"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "module."])
def test_layouts_that_run(layout, name, architecture, published_as, prefix):
    stated = layout(name)
    found = clean_state(as_saved(stated, shapes(stated, prefix)), name)
    recognised = recognise(found)
    assert (recognised.architecture.id, recognised.layout) == (architecture, published_as)
    assert canonicalise(found).architecture.id == architecture


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gl_mmagic", r"is a GL .* this version cannot run it yet"),
        ("deepfillv1_mmagic", r"is a DeepFill v1 file; this version cannot run it yet"),
        ("edgeconnect_edgemodel_dis", r"is a discriminator"),
        ("edgeconnect_inpaintingmodel_dis", r"is a discriminator"),
    ],
)
def test_layouts_that_do_not_run_are_named(layout, name, sentence):
    stated = layout(name)
    state = clean_state(as_saved(stated, shapes(stated)), name)
    with pytest.raises(WeightsError, match=sentence):
        recognise(state)
