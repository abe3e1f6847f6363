"""Weights this version cannot run, told apart so that the message can say what they are."""

from pathlib import Path

from inpaint_studio.weights.checkpoint import State

_STRANGERS = {
    "stage1.encoder.enc1.conv.weight": "DeepFill v1",
    "dilation_neck.dilation_convs.0.conv.weight": "GL (globally and locally consistent completion)",
    "model.1.ffc.convl2l.weight": "LaMa",
    "1.ffc.convl2l.weight": "LaMa",
}
_DISCRIMINATORS = ("conv5.0.weight_orig", "layers.4.parametrizations.weight.original")


def name_stranger(state: State, source: Path | str) -> str:
    """One sentence about weights that no architecture of this program claims."""
    for key, name in _STRANGERS.items():
        if key in state:
            return f"{source} is a {name} file; this version cannot run it yet."
    if any(key in state for key in _DISCRIMINATORS):
        return (
            f"{source} is a discriminator, which is needed for training only; choose the file of "
            "the generator beside it."
        )
    return (
        f"{source} holds weights of a network that this program does not know; it runs partial "
        "convolution and EdgeConnect."
    )
