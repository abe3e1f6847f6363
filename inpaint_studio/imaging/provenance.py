"""XMP that says how a picture was made: IPTC's digital source type and a history of the fills.

Sources: Adobe XMP specification part 1 (RDF) and part 2 (xmpMM, stEvt); IPTC Photo Metadata
Standard 2023.2; the IPTC NewsCodes "Digital Source Type" (cv.iptc.org). What a packet said before
stays, element for element.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from inpaint_studio.imaging.entities import declares_entities

Source = Literal["network", "algorithm", "hand"]
"""What made the new pixels: a trained network, another engine, or brushes only."""

CODES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TERMS: Final[dict[Source, str]] = {
    "network": CODES + "compositeWithTrainedAlgorithmicMedia",
    "algorithm": CODES + "algorithmicallyEnhanced",
    "hand": CODES + "humanEdits",
}
_STRENGTH: Final = {
    "humanEdits": 1,
    "minorHumanEdits": 1,
    "algorithmicallyEnhanced": 2,
    "compositeWithTrainedAlgorithmicMedia": 3,
    "compositeSynthetic": 3,
    "algorithmicMedia": 4,
    "trainedAlgorithmicMedia": 4,
}
"""A photo that says it is more synthetic than we made it goes on saying so."""

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META: Final = "adobe:ns:meta/"
_EXT: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_MM: Final = "http://ns.adobe.com/xap/1.0/mm/"
_EVENT: Final = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_XMLNS: Final = "http://www.w3.org/2000/xmlns/"
_EMPTY: Final = (
    f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{_RDF}">'
    '<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>'
).encode()
_BEGIN: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_END: Final = '<?xpacket end="w"?>'


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of `xmpMM:History`."""

    action: str
    """A verb of the XMP specification: "edited", "saved", "filtered"..."""
    agent: str
    """Program and version."""
    parameters: str = ""
    when: str = ""
    """ISO 8601; empty where nobody noted it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is to be said of a picture."""

    source: Source
    events: tuple[Event, ...]


class XmpError(Exception):
    """The packet is not XML, or not XMP: it cannot be added to."""


def with_origin(xmp: bytes | None, origin: Origin) -> bytes:
    """The packet with the digital source type and the events added to its history.

    A source type that says less than `origin` is replaced, and named in the first event; one that
    says as much or more stays.

    Raises:
        XmpError: what is there cannot be read; it is better left as it is.
    """
    document = _parse(xmp or _EMPTY)
    rdf = _first(document.getElementsByTagNameNS(_RDF, "RDF"))
    if rdf is None:
        raise XmpError("no RDF in the packet")
    before = _replace_source(document, rdf, origin.source)
    events = origin.events
    if before and events:
        first = events[0]
        words = "; ".join(word for word in (first.parameters, f"source before: {before}") if word)
        events = (Event(first.action, first.agent, words, first.when), *events[1:])
    _add_events(document, rdf, events)
    return _written(document)


def source_type_of(xmp: bytes) -> str:
    """The digital source type a packet states; empty for none. XmpError as `with_origin`."""
    for holder, attribute in _places(_parse(xmp), _EXT, "DigitalSourceType"):
        return holder.getAttributeNS(_EXT, "DigitalSourceType") if attribute else _text(holder)
    return ""


def _parse(xmp: bytes) -> minidom.Document:
    data = xmp.strip(b"\0 \t\r\n")
    if declares_entities(data):
        raise XmpError("the packet declares entities")
    try:
        return minidom.parseString(data)
    except (ExpatError, ValueError, LookupError) as error:
        raise XmpError(str(error)) from error


def _written(document: minidom.Document) -> bytes:
    """Without an XML declaration, which a packet has not, and wrapped as a packet is."""
    nodes = [node.toxml() for node in document.childNodes]
    if not any(node.startswith("<?xpacket") for node in nodes):
        nodes = [_BEGIN, *nodes, _END]
    return "\n".join(nodes).encode("utf-8")


def _replace_source(document: minidom.Document, rdf: minidom.Element, source: Source) -> str:
    """State the source type; returns the one that was there, where it was replaced."""
    wanted = TERMS[source]
    for holder, attribute in _places(document, _EXT, "DigitalSourceType"):
        found = holder.getAttributeNS(_EXT, "DigitalSourceType") if attribute else _text(holder)
        if _strength(found) >= _strength(wanted):
            return ""
        if attribute:
            node = holder.getAttributeNodeNS(_EXT, "DigitalSourceType")
            holder.setAttributeNS(_EXT, node.name if node else "", wanted)
        else:
            _set_text(document, holder, wanted)
        return found
    element = _property(document, rdf, _EXT, "Iptc4xmpExt", "DigitalSourceType")
    _set_text(document, element, wanted)
    return ""


def _add_events(document: minidom.Document, rdf: minidom.Element, events: Iterable[Event]) -> None:
    history = _first(document.getElementsByTagNameNS(_MM, "History"))
    if history is None:
        history = _property(document, rdf, _MM, "xmpMM", "History")
    sequence = _first(history.getElementsByTagNameNS(_RDF, "Seq"))
    prefix = rdf.prefix or "rdf"
    if sequence is None:
        sequence = document.createElementNS(_RDF, f"{prefix}:Seq")
        history.appendChild(sequence)
    for event in events:
        item = document.createElementNS(_RDF, f"{prefix}:li")
        item.setAttributeNS(_RDF, f"{prefix}:parseType", "Resource")
        item.setAttributeNS(_XMLNS, "xmlns:stEvt", _EVENT)
        for name, value in _fields(event):
            child = document.createElementNS(_EVENT, f"stEvt:{name}")
            _set_text(document, child, value)
            item.appendChild(child)
        sequence.appendChild(item)


def _fields(event: Event) -> Iterator[tuple[str, str]]:
    found = {
        "action": event.action,
        "softwareAgent": event.agent,
        "when": event.when,
        "parameters": event.parameters,
    }
    return ((name, value) for name, value in found.items() if value)


def _places(
    document: minidom.Document, space: str, name: str
) -> Iterator[tuple[minidom.Element, bool]]:
    """Where a property stands: an element of its own, or an attribute of a Description."""
    for element in document.getElementsByTagNameNS(space, name):
        yield element, False
    for description in document.getElementsByTagNameNS(_RDF, "Description"):
        if description.hasAttributeNS(space, name):
            yield description, True


def _property(
    document: minidom.Document, rdf: minidom.Element, space: str, prefix: str, name: str
) -> minidom.Element:
    """A new property of the picture itself, on the description that is there."""
    description = _first(rdf.getElementsByTagNameNS(_RDF, "Description"))
    if description is None:
        description = document.createElementNS(_RDF, f"{rdf.prefix or 'rdf'}:Description")
        description.setAttributeNS(_RDF, f"{rdf.prefix or 'rdf'}:about", "")
        rdf.appendChild(description)
    element = document.createElementNS(space, f"{prefix}:{name}")
    element.setAttributeNS(_XMLNS, f"xmlns:{prefix}", space)
    description.appendChild(element)
    return element


def _strength(term: str) -> int:
    return _STRENGTH.get(term.rsplit("/", 1)[-1], 0)


def _text(element: minidom.Element) -> str:
    words = [node.data for node in element.childNodes if isinstance(node, minidom.Text)]
    return "".join(words).strip() or element.getAttributeNS(_RDF, "resource")


def _set_text(document: minidom.Document, element: minidom.Element, text: str) -> None:
    if element.hasAttributeNS(_RDF, "resource"):
        element.removeAttributeNS(_RDF, "resource")
    for node in list(element.childNodes):
        element.removeChild(node)
    element.appendChild(document.createTextNode(text))


def _first(elements: "Iterable[minidom.Element]") -> minidom.Element | None:
    return next(iter(elements), None)
