"""`stack.xml`: the layers of an OpenRaster file, top first, as the specification lays them down.

Source: OpenRaster baseline 0.0.3 (freedesktop.org): File Layout, Layer Stack.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from inpaint_studio.imaging.decoded import UnreadableError
from inpaint_studio.imaging.entities import declares_entities
from inpaint_studio.imaging.limits import check_pixels

VERSION = "0.0.3"
NORMAL = "svg:src-over"
_MOST_BYTES = 16 << 20
_MOST_DEPTH = 64
_KNOWN = ("name", "src", "x", "y", "opacity", "visibility", "composite-op")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What layers and stacks have in common."""

    name: str = ""
    opacity: float = 1.0
    visible: bool = True
    operator: str = NORMAL
    others: Mapping[str, str] = field(default_factory=dict[str, str])
    """Attributes that other programs, or later specifications, brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureEntry(Entry):
    """A layer: the PNG at `src`, its top left pixel at (`x`, `y`) of the image."""

    src: str
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEntry(Entry):
    """A group: its members top first."""

    members: tuple["PictureEntry | StackEntry", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The whole image."""

    width: int
    height: int
    members: tuple[PictureEntry | StackEntry, ...]
    resolution: tuple[int, int] | None = None
    """Pixels per inch."""


def write_stack(stack: Stack) -> bytes:
    """The XML of a stack."""
    image = ElementTree.Element("image", version=VERSION, w=str(stack.width), h=str(stack.height))
    if stack.resolution is not None:
        image.set("xres", str(stack.resolution[0]))
        image.set("yres", str(stack.resolution[1]))
    root = ElementTree.SubElement(image, "stack")
    for member in stack.members:
        _write(root, member)
    ElementTree.indent(image)
    return ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True)


def read_stack(data: bytes) -> Stack:
    """The stack that XML describes.

    Raises:
        UnreadableError: it is not XML, or not of an OpenRaster file.
    """
    if len(data) > _MOST_BYTES or declares_entities(data):
        raise UnreadableError("its list of layers is not one an OpenRaster file may have")
    try:
        image = ElementTree.fromstring(data)
        root = image.find("stack")
        if image.tag != "image" or root is None:
            raise UnreadableError("its list of layers is missing")
        width, height = int(image.get("w", "")), int(image.get("h", ""))
        resolution = _resolution(image)
        members = tuple(_read(child, 0) for child in root if child.tag in ("layer", "stack"))
    except (ElementTree.ParseError, ValueError, OverflowError):
        raise UnreadableError("its list of layers is damaged") from None
    if min(width, height) < 1:
        raise UnreadableError("it has no pixels")
    check_pixels(width, height)
    return Stack(width=width, height=height, members=members, resolution=resolution)


def _write(parent: ElementTree.Element, entry: PictureEntry | StackEntry) -> None:
    tag = "stack" if isinstance(entry, StackEntry) else "layer"
    attributes = {**entry.others, "name": _printable(entry.name)}
    if isinstance(entry, PictureEntry):
        attributes |= {"src": entry.src, "x": str(entry.x), "y": str(entry.y)}
    attributes |= {
        "opacity": f"{entry.opacity:.10g}",
        "visibility": "visible" if entry.visible else "hidden",
        "composite-op": entry.operator,
    }
    element = ElementTree.SubElement(parent, tag, attributes)
    if isinstance(entry, StackEntry):
        for member in entry.members:
            _write(element, member)


def _read(element: ElementTree.Element, depth: int) -> PictureEntry | StackEntry:
    if depth > _MOST_DEPTH:
        raise UnreadableError("its groups lie in each other without end")
    name = element.get("name", "")
    opacity = _share(element.get("opacity", "1"))
    visible = element.get("visibility", "visible") != "hidden"
    operator = element.get("composite-op", NORMAL)
    others = {key: value for key, value in element.attrib.items() if key not in _KNOWN}
    if element.tag == "stack":
        members = tuple(_read(child, depth + 1) for child in element if child.tag in _TAGS)
        return StackEntry(
            name=name,
            opacity=opacity,
            visible=visible,
            operator=operator,
            others=others,
            members=members,
        )
    return PictureEntry(
        name=name,
        opacity=opacity,
        visible=visible,
        operator=operator,
        others=others,
        src=element.get("src", ""),
        x=round(float(element.get("x", "0"))),
        y=round(float(element.get("y", "0"))),
    )


_TAGS = ("layer", "stack")


def _share(text: str) -> float:
    """A number from 0 to 1; ValueError where it is none."""
    number = float(text)
    if math.isnan(number):
        raise ValueError("not a number")
    return min(max(number, 0.0), 1.0)


def _resolution(image: ElementTree.Element) -> tuple[int, int] | None:
    x, y = image.get("xres"), image.get("yres")
    if x is None or y is None:
        return None
    found = round(float(x)), round(float(y))
    return found if min(found) > 0 else None


def _printable(name: str) -> str:
    """Without the control characters XML cannot hold."""
    return "".join(c for c in name if c >= " " and c not in "\ufffe\uffff")
