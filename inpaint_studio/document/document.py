"""The open picture: a photo nobody edits, layers on top of it, and the mask being painted."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np

from inpaint_studio.document.change import CanvasName
from inpaint_studio.document.history import History
from inpaint_studio.document.layer import Group, Layer
from inpaint_studio.document.named_masks import NamedMask
from inpaint_studio.document.pile import below as layers_below
from inpaint_studio.document.pile import overlays, tree
from inpaint_studio.document.project_file import ProjectFile
from inpaint_studio.imaging.composite import Overlay, OverlayGroup, flatten
from inpaint_studio.imaging.geometry import Box, Size
from inpaint_studio.imaging.mask import Coverage, Mask
from inpaint_studio.imaging.photo import Photo, Pixels


class Document:
    """Holds state and nothing clever; commands pushed to `history` change it.

    `layers` are bottom first; `groups` are those that any of them lies in. `mask` is the (H, W)
    uint8 canvas of the mask (0 keep, 255 fill), `allowed` and `forbidden` those of where texture
    may and may not be copied from (0 = nothing said); they are written only by strokes and by
    `PaintMask`, and cost no memory until then. `named_masks` are kept beside them.
    """

    def __init__(
        self, photo: Photo, path: Path | None = None, *, history: History | None = None
    ) -> None:
        self.photo = photo
        self.path = path
        self.project: ProjectFile | None = None
        self.layers: tuple[Layer, ...] = ()
        self.groups: tuple[Group, ...] = ()
        self.mask: Coverage = np.zeros(photo.size, np.uint8)
        self.allowed: Coverage = np.zeros(photo.size, np.uint8)
        self.forbidden: Coverage = np.zeros(photo.size, np.uint8)
        self.named_masks: tuple[NamedMask, ...] = ()
        self.history = history if history is not None else History()
        self._next_layer_id = 1
        self._saved_state = self.history.state

    @classmethod
    def from_photo(cls, photo: Photo, path: Path | None = None) -> Self:
        """A fresh document of an opened photo."""
        return cls(photo, path)

    @property
    def size(self) -> Size:
        return self.photo.size

    @property
    def modified(self) -> bool:
        """Whether there is anything that `saved` has not been told of."""
        return self.history.state != self._saved_state

    def saved(self, state: int | None = None) -> None:
        """Say that the document as it is now, or was at a `state` of its history, is in a file."""
        self._saved_state = self.history.state if state is None else state

    def forget_saved(self) -> None:
        """Say that no file holds the document as it is, or was at any time."""
        self._saved_state = -1

    def new_layer_id(self) -> int:
        """A number no layer or group of this document has had."""
        number = self._next_layer_id
        self._next_layer_id += 1
        return number

    def adopt(self, layers: Iterable[Layer], groups: Iterable[Group] = ()) -> None:
        """Begin with these, read from a file, before any step of the history."""
        self.layers, self.groups = tuple(layers), tuple(groups)
        self.reserve(item.id for item in (*self.layers, *self.groups))

    def reserve(self, ids: Iterable[int]) -> None:
        """Never give these numbers to a new layer or group."""
        self._next_layer_id = max([self._next_layer_id - 1, *ids]) + 1

    def layer(self, id: int) -> Layer:
        """The layer of that id. KeyError when there is none."""
        for layer in self.layers:
            if layer.id == id:
                return layer
        raise KeyError(id)

    def canvas(self, name: CanvasName) -> Coverage:
        """What is painted on, (H, W) uint8: the mask, or one of the areas to copy from."""
        canvas: Coverage = getattr(self, name)
        return canvas

    def overlays(self, *, below: int | None = None) -> tuple[Overlay | OverlayGroup, ...]:
        """What can be seen of the layers, bottom first; of those under layer `below` only."""
        layers = self.layers if below is None else layers_below(self.layers, below)
        return overlays(tree(layers, self.groups))

    def flatten(self, box: Box | None = None) -> Pixels:
        """The photo with what can be seen of its layers, in `box` or everywhere: (h, w, C) copy."""
        return flatten(self.photo, self.overlays(), box)

    def snapshot(self) -> "Document":
        """A document of its own with the photo and the layers as they are now; not the mask."""
        frozen = Document(self.photo, self.path)
        frozen.layers, frozen.groups = self.layers, self.groups
        return frozen

    def snapshot_mask(self) -> Mask:
        """The mask as it is now, for a fill; later strokes do not change it."""
        return Mask(self.mask.copy())

    def close(self) -> None:
        """Give back what the history holds in memory and on disk."""
        self.history.close()
