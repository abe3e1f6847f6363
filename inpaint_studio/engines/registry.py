"""Engines by name. They are named as strings so that nothing heavy loads before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from inpaint_studio.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from inpaint_studio.engines.api import Chooser, Engine, EngineSetup


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """What the program knows of an engine without loading it."""

    name: str
    title: str
    summary: str
    """One line: what it is good at."""
    needs_card: bool
    draws_edges: bool
    target: str
    """"module:function"; the function takes an `EngineSetup` and returns an `Engine`."""
    draws_lots: bool = False
    """Another seed makes another fill."""
    strength: float | None = None
    """How closely patches follow what leads them, 0 to 1, unless the option "strength" says
    otherwise; None for engines without that option."""
    cards_of: str = ""
    """The engine whose models it uses, where they are another's."""

    @property
    def copies(self) -> bool:
        """Whether it copies patches of the photo, so that it matters where from."""
        return self.draws_lots

    @property
    def card_engine(self) -> str:
        """The engine that its models' cards name."""
        return self.cards_of or self.name


ENGINES: Mapping[str, EngineEntry] = {
    entry.name: entry
    for entry in (
        EngineEntry(
            "auto",
            "Automatic",
            "Mends thin damage and fills larger holes, each with what suits its width and what is "
            "around it. No network.",
            needs_card=False,
            draws_edges=False,
            target="inpaint_studio.engines.auto:open_auto",
            draws_lots=True,
        ),
        EngineEntry(
            "patchmatch",
            "PatchMatch",
            "Copies the photo's own texture, grain included, at full size. Best for objects on "
            "grass, walls, sky, cloth.",
            needs_card=False,
            draws_edges=False,
            target="inpaint_studio.engines.patchmatch:open_patchmatch",
            draws_lots=True,
        ),
        EngineEntry(
            "edgeconnect",
            "EdgeConnect",
            "Draws the missing edges first, then colours them in. Best for objects with outlines.",
            needs_card=True,
            draws_edges=True,
            target="inpaint_studio.engines.edge_connect:open_engine",
        ),
        EngineEntry(
            "pconv",
            "Partial convolution",
            "Fills from the rim inwards. Best for many irregular holes and smooth surroundings.",
            needs_card=True,
            draws_edges=False,
            target="inpaint_studio.engines.partial_conv:open_engine",
        ),
        EngineEntry(
            "edgeconnect+patchmatch",
            "EdgeConnect, then patches",
            "EdgeConnect draws outlines and colours; the photo's own texture fills them at full "
            "size. Best for large objects with outlines.",
            needs_card=True,
            draws_edges=True,
            target="inpaint_studio.engines.guided:open_edge_connect",
            draws_lots=True,
            strength=0.3,
            cards_of="edgeconnect",
        ),
        EngineEntry(
            "pconv+patchmatch",
            "Partial convolution, then patches",
            "Partial convolution draws the colours; the photo's own texture fills them at full "
            "size. Best for large holes with soft structure.",
            needs_card=True,
            draws_edges=False,
            target="inpaint_studio.engines.guided:open_partial_conv",
            draws_lots=True,
            strength=0.3,
            cards_of="pconv",
        ),
        EngineEntry(
            "thin+patchmatch",
            "Smooth surface, then patches",
            "Brightness as a smooth surface has it, texture from the photo. Best for holes in sky, "
            "skin, shade, soft backgrounds. No network.",
            needs_card=False,
            draws_edges=False,
            target="inpaint_studio.engines.guided:open_surface",
            draws_lots=True,
            strength=0.2,
        ),
        EngineEntry(
            "thin",
            "Thin damage",
            "Continues the picture across scratches, dust and cracks, at full size. No network.",
            needs_card=False,
            draws_edges=False,
            target="inpaint_studio.engines.thin:open_thin",
        ),
        EngineEntry(
            "thin+texture",
            "Thin damage in texture",
            "As thin damage, with grain and edges taken from next to it where the picture looks "
            "alike. No network.",
            needs_card=False,
            draws_edges=False,
            target="inpaint_studio.engines.thin:open_textured",
        ),
        EngineEntry(
            "telea",
            "Telea",
            "Fast marching, no network. Best for scratches a few pixels wide.",
            needs_card=False,
            draws_edges=False,
            target="inpaint_studio.engines.diffusion:open_telea",
        ),
        EngineEntry(
            "navier-stokes",
            "Navier-Stokes",
            "Continues lines of equal brightness, no network. Best for thin cracks.",
            needs_card=False,
            draws_edges=False,
            target="inpaint_studio.engines.diffusion:open_navier_stokes",
        ),
    )
}

DEFAULT_ENGINE = next(iter(ENGINES))
"""What fills where nobody has chosen: the engine that does best with nothing downloaded."""


def engine_entry(name: str) -> EngineEntry:
    """The entry of `name`.

    Raises:
        UsageError: naming the engines there are.
    """
    try:
        return ENGINES[name]
    except KeyError:
        known = ", ".join(ENGINES)
        raise UsageError(f"There is no engine “{name}”. Choose one of: {known}.") from None


def open_engine(name: str, setup: "EngineSetup") -> "Engine | Chooser":
    """Import the engine's module and make it ready to fill."""
    module, _, function = engine_entry(name).target.partition(":")
    opener = cast(
        "Callable[[EngineSetup], Engine | Chooser]", getattr(import_module(module), function)
    )
    return opener(setup)
