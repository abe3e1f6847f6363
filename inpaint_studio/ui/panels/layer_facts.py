"""What is written about a layer: in its row, and in its tooltip."""

from typing import Final

from PySide6.QtCore import QCoreApplication

from inpaint_studio.document.asked import asked_words
from inpaint_studio.document.layer import Layer
from inpaint_studio.document.pile import Node, layers_of
from inpaint_studio.imaging.blend import Blend

CONTEXT: Final = "LayerFacts"
BLEND_TITLES: Final[dict[Blend, str]] = {
    "normal": "Normal",
    "luminosity": "Luminosity",
    "color": "Color",
}
BLEND_TIPS: Final[dict[Blend, str]] = {
    "normal": "The layer covers what lies below it",
    "luminosity": "The layer's brightness with the colour of what lies below",
    "color": "The layer's colour with the brightness of what lies below",
}
PHOTO_TIP: Final = "The photo itself is never changed"
GROUP_TIP: Final = "Layers that are shown, hidden and faded together"
STALE_TIP: Final = "Out of date: what lies below it has changed since it was filled."


def say(text: str) -> str:
    """`text` in the user's language."""
    return QCoreApplication.translate(CONTEXT, text)


def facts_line(node: Node, *, edited: bool = False, stale: bool = False) -> str:
    """What is worth knowing at a glance, for example "60 % · Luminosity · PatchMatch · 1.4 s"."""
    if edited:
        return say("being edited")
    opacity = node.opacity if isinstance(node, Layer) else node.group.opacity
    share = f"{opacity * 100:.0f} %" if opacity < 1 else ""
    if not isinstance(node, Layer):
        count = sum(1 for _ in layers_of((node,)))
        noun = say("1 layer") if count == 1 else say("{0} layers").format(count)
        return _joined(share, noun)
    blend = say(BLEND_TITLES[node.blend]) if node.blend != "normal" else ""
    old = say("out of date") if stale else ""
    return _joined(old, share, blend, provenance_line(node))


def provenance_line(layer: Layer) -> str:
    """As far as it is known, for example "EdgeConnect · CUDA · 1.4 s"."""
    made = layer.provenance
    if made is None:
        return ""
    if made.merged:
        return say("merged")
    return _joined(made.title or made.engine, device_name(made.device), duration(made.seconds))


def duration(seconds: float) -> str:
    """As fine as anyone wants to know it, for example "1.4 s" or "12 min"; empty for 0."""
    if not seconds:
        return ""
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def device_name(device: str) -> str:
    """How a device is written; empty where it was left to the engine and is not known."""
    return "" if device == "auto" else device.upper()


def details(layer: Layer, *, stale: bool = False) -> str:
    """Everything that is known of the layer and of how it was made, a line each."""
    box = layer.box
    place = say("{0} × {1} px at {2}, {3}").format(box.width, box.height, box.left, box.top)
    lines = [layer.name, place]
    if layer.blend != "normal":
        lines.append(say(BLEND_TIPS[layer.blend]) + ".")
    lines += _made(layer)
    if stale:
        lines.append(f"{say(STALE_TIP)} {say('Run Again fills it from what is there now.')}")
    elif layer.recipe is not None and not layer.locked:
        lines.append(say("Double-click to change the mask or the engine and fill it again."))
    return "\n".join(lines)


def _made(layer: Layer) -> list[str]:
    made = layer.provenance
    if made is None:
        return []
    if made.merged:
        names = dict.fromkeys(part.title or part.engine for part in made.sources())
        return [f"{say('Merged from')}: {', '.join(name for name in names if name)}"]
    facts = (
        (say("Engine"), made.engine),
        (say("Model"), made.title or made.card),
        (say("Device"), device_name(made.device)),
        (say("Time"), f"{made.seconds:.2f} s" if made.seconds else ""),
        (say("Seed"), str(made.seed)),
        (say("Weights"), made.weights[:12]),
    )
    asked = {} if layer.recipe is None else asked_words(layer.recipe)
    told = [*facts, *((say(name.capitalize()), value) for name, value in asked.items())]
    return [f"{label}: {value}" for label, value in told if value] + list(made.notes)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
