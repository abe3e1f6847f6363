"""XMP that says how a picture was made, without losing what it said before."""

from xml.dom import minidom

import pytest

from inpaint_studio.imaging.provenance import (
    CODES,
    Event,
    Origin,
    XmpError,
    source_type_of,
    with_origin,
)

EVENTS = (
    Event("edited", "Inpaint Studio 1", "engine: pconv; seed: 7"),
    Event("saved", "X", when="2026"),
)
NETWORK = Origin("network", EVENTS)

LIGHTROOM = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
   xmp:Rating="5" crs:Exposure2012="+0.35"
   ext:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture">
   <xmpMM:History>
    <rdf:Seq>
     <rdf:li stEvt:action="saved" stEvt:softwareAgent="Adobe Lightroom"/>
    </rdf:Seq>
   </xmpMM:History>
   <dc:title xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Alt>
    <rdf:li xml:lang="x-default">Wäll &amp; “door”</rdf:li></rdf:Alt></dc:title>
   <!-- a remark -->
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def actions(xmp):
    document = minidom.parseString(xmp)
    [history] = document.getElementsByTagNameNS("http://ns.adobe.com/xap/1.0/mm/", "History")
    return [node.nodeName for node in history.childNodes if node.nodeType == 1], len(
        history.getElementsByTagName("rdf:li")
    )


@pytest.mark.parametrize(
    ("source", "term"),
    [
        ("network", "compositeWithTrainedAlgorithmicMedia"),
        ("algorithm", "algorithmicallyEnhanced"),
        ("hand", "humanEdits"),
    ],
)
def test_a_picture_that_said_nothing_says_it_now(source, term):
    xmp = with_origin(None, Origin(source, EVENTS))
    assert source_type_of(xmp) == CODES + term
    assert xmp.startswith(b"<?xpacket begin=")
    assert b"<?xml" not in xmp
    text = xmp.decode()
    assert "engine: pconv; seed: 7" in text
    assert "<stEvt:when>2026</stEvt:when>" in text
    assert actions(xmp) == (["rdf:Seq"], 2)


def test_what_was_there_stays():
    xmp = with_origin(LIGHTROOM, NETWORK)
    text = xmp.decode()
    for kept in (
        'xmp:Rating="5"',
        'crs:Exposure2012="+0.35"',
        "Adobe Lightroom",
        "Wäll &amp; “door”",
        "<!-- a remark -->",
        'xmptk="Adobe XMP Core 7.0"',
        "W5M0MpCehiHzreSzNTczkc9d",
    ):
        assert kept in text
    assert text.count("xpacket") == 2
    assert actions(xmp) == (["rdf:Seq"], 3)
    assert source_type_of(xmp).endswith("compositeWithTrainedAlgorithmicMedia")
    assert "source before: http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture" in text


def test_it_can_be_said_again_and_again():
    once = with_origin(LIGHTROOM, Origin("algorithm", EVENTS))
    twice = with_origin(once, Origin("algorithm", EVENTS))
    assert actions(twice) == (["rdf:Seq"], 5)
    assert twice.decode().count("algorithmicallyEnhanced") == 1


def test_a_picture_never_says_less_than_it_did():
    generated = LIGHTROOM.replace(b"digitalCapture", b"trainedAlgorithmicMedia")
    for source in ("network", "algorithm", "hand"):
        xmp = with_origin(generated, Origin(source, EVENTS))
        assert source_type_of(xmp) == CODES + "trainedAlgorithmicMedia"
    network = with_origin(None, NETWORK)
    assert source_type_of(with_origin(network, Origin("hand", EVENTS))) == source_type_of(network)


def test_a_source_type_as_an_element_is_replaced_too():
    space = b"http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    element = b"<e:DigitalSourceType xmlns:e='" + space + b"'>old</e:DigitalSourceType>"
    xmp = LIGHTROOM.replace(b"ext:DigitalSourceType", b"ext:Other").replace(
        b"<!-- a remark -->", element
    )
    assert source_type_of(xmp) == "old"
    assert source_type_of(with_origin(xmp, NETWORK)).endswith("AlgorithmicMedia")


@pytest.mark.parametrize(
    "broken",
    [
        b"not xml",
        b"<a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode("utf-16"),
        b"<a>",
        b"\xff\xfe",
    ],
)
def test_what_cannot_be_read_is_left_alone(broken):
    with pytest.raises(XmpError):
        with_origin(broken, NETWORK)


def test_padding_at_the_end_is_no_hindrance():
    assert source_type_of(with_origin(LIGHTROOM + b"\n" * 2000 + b"\0", NETWORK))
