"""The list of layers of an OpenRaster file that nobody can be trusted to have written."""

import pytest

from inpaint_studio.imaging.decoded import UnreadableError
from inpaint_studio.project.stack import PictureEntry, Stack, read_stack, write_stack

ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa">]><image w="1" h="1"><stack/></image>'


def image(layer="", *, size='w="4" h="3"'):
    return f"<image {size}><stack>{layer}</stack></image>".encode()


def test_what_was_written_is_read():
    layer = PictureEntry(name="Sky & <sea>", src="data/1.png", x=-3, y=2, opacity=0.25)
    stack = Stack(width=4, height=3, members=(layer,), resolution=(300, 72))
    assert read_stack(write_stack(stack)) == stack


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_entities_are_refused_in_any_encoding(encoding):
    with pytest.raises(UnreadableError, match="may have"):
        read_stack(ENTITIES.encode(encoding))


@pytest.mark.parametrize(
    "layer",
    [
        '<layer src="a.png" opacity="nan"/>',
        '<layer src="a.png" x="inf"/>',
        '<layer src="a.png" y="here"/>',
    ],
)
def test_numbers_that_are_none_are_damage(layer):
    with pytest.raises(UnreadableError, match="damaged"):
        read_stack(image(layer))


def test_opacity_is_kept_within_its_limits():
    (layer,) = read_stack(image('<layer src="a.png" opacity="7"/>')).members
    assert layer.opacity == 1.0


@pytest.mark.parametrize(
    ("size", "said"), [('w="0" h="3"', "no pixels"), ('w="900000" h="900000"', "the limit is")]
)
def test_an_image_of_no_size_or_of_any_is_refused(size, said):
    with pytest.raises(UnreadableError, match=said):
        read_stack(image(size=size))
