"""The work behind `weights.conversion`: what a published file is, and its conversion."""

from collections.abc import Sequence
from pathlib import Path

from inpaint_studio.errors import WeightsError
from inpaint_studio.weights.architectures import (
    canonicalise,
    load_weights,
    recognise,
    save_weights,
)
from inpaint_studio.weights.checkpoint import read_checkpoint
from inpaint_studio.weights.conversion import Conversion, Identity


def identify_all(sources: Sequence[Path]) -> list[Identity | WeightsError]:
    """What each file is, or why it is nothing this program can run."""
    return [_identity_or_error(source) for source in sources]


def convert_all(conversions: Sequence[Conversion]) -> None:
    """Write each source to its target in this program's layout."""
    for source, target in conversions:
        save_weights(load_weights(source), target)


def identify(source: Path) -> Identity:
    """Tell architecture, layout, colours and size rule of the weights in `source`.

    Raises:
        WeightsError: it is nothing this program can run.
    """
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


def _identity_or_error(source: Path) -> Identity | WeightsError:
    try:
        return identify(source)
    except WeightsError as error:
        return error
