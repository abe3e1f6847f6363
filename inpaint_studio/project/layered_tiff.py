"""TIFF with layers as Photoshop writes them: the flat picture for everybody, the layers beside it.

Sources: Adobe Photoshop TIFF Technical Notes (2002), tag 37724 "ImageSourceData"; Adobe Photoshop
File Formats Specification (2019), layer and mask information. Written with psdtags (BSD).
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.document.document import Document
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.pile import Branch, Node, tree
from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging import embed, tags
from inpaint_studio.imaging.atomic import reason, write_atomically
from inpaint_studio.imaging.formats import WriteOptions
from inpaint_studio.imaging.geometry import Box
from inpaint_studio.imaging.photo import Photo, Pixels, full_scale
from inpaint_studio.imaging.tags import Field
from inpaint_studio.imaging.writer import to_depth, write_photo

if TYPE_CHECKING:
    from psdtags import PsdChannel, PsdLayer

IMAGE_SOURCE_DATA = 37724
_MOST_BYTES = 3_900_000_000
"""What a TIFF of the classic kind, the only one Photoshop reads, can hold."""
_HIDDEN = 2
"""PSD calls the flag "visible", and sets it for layers that are not."""
_MODES = {"normal": b"norm", "luminosity": b"lum ", "color": b"colr"}


def write_layered_tiff(
    path: Path,
    document: Document,
    flat: Photo,
    *,
    options: WriteOptions | None = None,
    overwrite: bool = False,
) -> tuple[str, ...]:
    """Save `flat`, the document as one picture, with the document's layers in the same file.

    Programs that know no layers see `flat`; Photoshop and Affinity Photo see photo, layers, groups,
    masks and blend modes at the depth of the file. Returns notes as `write_photo`.

    Raises:
        PhotoError: as `write_photo`, or layers and picture are too large for a TIFF together.
    """
    chosen = replace(options or WriteOptions(), format="tiff")
    title = f"Could not save “{path.name}”"
    notes: list[str] = []

    def write(temporary: Path) -> None:
        notes.extend(write_photo(temporary, flat, options=chosen, overwrite=True))
        data = _source_data(document, temporary, chosen)
        if temporary.stat().st_size + len(data) > _MOST_BYTES:
            raise PhotoError(
                f"{title}: with its layers it is larger than a TIFF can be (4 GB). Save a project, "
                "or export without layers."
            )
        embed.add_to_tiff(temporary, {IMAGE_SOURCE_DATA: Field(tags.UNDEFINED, data)})

    try:
        write_atomically(path, write, overwrite=overwrite)
    except FileExistsError:
        raise PhotoError(
            f"{title}: a file of that name exists; choose another name or allow replacing it."
        ) from None
    except OSError as error:
        raise PhotoError(f"{title} in “{path.absolute().parent}”: {reason(error)}.") from error
    return tuple(notes)


def _source_data(document: Document, written: Path, options: WriteOptions) -> bytes:
    import psdtags

    with written.open("rb") as file:
        order = tags.layout_of(file.read(16)).order
    depth = options.depth or document.photo.pixels.dtype.name
    key = {
        "uint8": psdtags.PsdKey.LAYER,
        "uint16": psdtags.PsdKey.LAYER_16,
        "float32": psdtags.PsdKey.LAYER_32,
    }[depth]
    kinds = psdtags.PsdFormat
    packed = psdtags.PsdCompressionType
    data = psdtags.TiffImageSourceData(
        psdformat=kinds.LE32BIT if order == "<" else kinds.BE32BIT,
        layers=psdtags.PsdLayers(key=key, layers=_layers(document, depth), has_transparency=False),
        usermask=psdtags.PsdUserMask(colorspace=psdtags.PsdColorSpaceType.RGB, opacity=50),
        info=[],
    )
    return data.tobytes(compression=packed.ZIP if options.compression == "deflate" else packed.RAW)


def _layers(document: Document, depth: str) -> "list[PsdLayer]":
    """Bottom first: the photo, then the layers."""
    photo = document.photo
    alpha = None if photo.alpha is None else to_depth(photo.alpha, depth)
    bottom = _layer("Photo", document.size.box, photo.color, alpha, depth=depth)
    return [bottom, *_nodes(tree(document.layers, document.groups), depth)]


def _nodes(nodes: tuple[Node, ...], depth: str) -> "list[PsdLayer]":
    found: list[PsdLayer] = []
    for node in nodes:
        if isinstance(node, Layer):
            found.append(_of_layer(node, depth))
        else:
            found += [*_end_of_group(node), *_nodes(node.members, depth), _group(node.group)]
    return found


def _of_layer(layer: Layer, depth: str) -> "PsdLayer":
    import psdtags

    alpha = _stretched(layer.patch.alpha, depth)
    made = _layer(layer.name, layer.box, layer.patch.pixels, alpha, depth=depth)
    made.opacity = round(layer.opacity * 255)
    made.blendmode = psdtags.PsdBlendMode(_MODES[layer.blend])
    made.flags = _flags(layer.visible)
    if layer.keep is not None:
        keep = _stretched(layer.keep, depth)
        made.mask = psdtags.PsdLayerMask(default_color=0, rectangle=made.rectangle)
        made.channels.append(_channel(psdtags.PsdChannelId.USER_LAYER_MASK, keep))
    return made


def _layer(
    name: str, box: Box, colors: Pixels, alpha: npt.NDArray[Any] | None, *, depth: str
) -> "PsdLayer":
    import psdtags

    planes = to_depth(colors, depth)
    channels = [] if alpha is None else [_channel(psdtags.PsdChannelId.TRANSPARENCY_MASK, alpha)]
    channels += [
        _channel(psdtags.PsdChannelId(index), planes[:, :, index])
        for index in range(planes.shape[2])
    ]
    return psdtags.PsdLayer(
        name=name,
        channels=channels,
        rectangle=psdtags.PsdRectangle(box.top, box.left, box.bottom, box.right),
        flags=_flags(True),
        info=[psdtags.PsdString(psdtags.PsdKey.UNICODE_LAYER_NAME, name)],
    )


def _channel(kind: "Any", plane: npt.NDArray[Any]) -> "PsdChannel":  # noqa: ANN401
    import psdtags

    return psdtags.PsdChannel(kind, data=np.ascontiguousarray(plane))


def _group(group: Group) -> "PsdLayer":
    """The record above the members of a group, which carries what is said of it."""
    import psdtags

    made = _divider(group.name, psdtags.PsdSectionDividerType.OPEN_FOLDER)
    made.opacity = round(group.opacity * 255)
    made.flags = _flags(group.visible)
    return made


def _end_of_group(_: Branch) -> "list[PsdLayer]":
    """The record below the members of a group."""
    import psdtags

    kind = psdtags.PsdSectionDividerType.BOUNDING_SECTION_DIVIDER
    return [_divider("</Layer group>", kind)]


def _divider(name: str, kind: "Any") -> "PsdLayer":  # noqa: ANN401
    import psdtags

    setting = psdtags.PsdSectionDividerSetting(kind, psdtags.PsdBlendMode.PASS_THROUGH)
    text = psdtags.PsdString(psdtags.PsdKey.UNICODE_LAYER_NAME, name)
    rectangle = psdtags.PsdRectangle(0, 0, 0, 0)
    return psdtags.PsdLayer(name, [], rectangle, flags=_flags(True), info=[text, setting])


def _flags(visible: bool) -> "Any":  # noqa: ANN401
    import psdtags

    flags = psdtags.PsdLayerFlag.PHOTOSHOP5
    return flags if visible else flags | psdtags.PsdLayerFlag(_HIDDEN)


def _stretched(coverage: npt.NDArray[np.uint8], depth: str) -> npt.NDArray[Any]:
    """(h, w) uint8 at another depth, 255 becoming its white."""
    if depth == "float32":
        return coverage.astype(np.float32) / np.float32(full_scale(np.uint8))
    return coverage if depth == "uint8" else coverage.astype(np.uint16) * np.uint16(257)
