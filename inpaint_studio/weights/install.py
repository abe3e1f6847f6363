"""The work behind `weights.conversion`: what a published file is, and its conversion."""

from pathlib import Path

from inpaint_studio.weights.architectures import (
    canonicalise,
    load_weights,
    recognise,
    save_weights,
)
from inpaint_studio.weights.checkpoint import read_checkpoint
from inpaint_studio.weights.conversion import Identity


def identify(source: Path) -> Identity:
    """Tell architecture, layout, colours and size rule of the weights in `source`."""
    state = read_checkpoint(source).state
    found = recognise(state, source=source)
    canonical = canonicalise(state, source=source)
    architecture = found.architecture
    return Identity(
        architecture.id,
        architecture.engine,
        architecture.role,
        found.layout,
        architecture.colours(found.layout),
        architecture.size_rule(canonical.state),
    )


def convert(source: Path, target: Path) -> None:
    """Write `source` to `target` in this program's layout."""
    save_weights(load_weights(source), target)
