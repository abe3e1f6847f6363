"""How a layer's colours meet those below: normal, or only its brightness, or only its colour.

The two that part brightness from colour are those of W3C "Compositing and Blending Level 1"
(section 10.2), which OpenRaster names svg:luminosity and svg:color and Photoshop made known. They
are computed in the photo's own encoding (its profile's numbers, not linear light), as all of these
programs do, so that a file looks the same in each.
"""

from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.mask import Coverage
from inpaint_studio.imaging.photo import frozen

Blend = Literal["normal", "luminosity", "color"]
BLENDS: Final[tuple[Blend, ...]] = get_args(Blend)

_Plane = npt.NDArray[np.float32]
_WEIGHTS: Final = (np.float32(0.30), np.float32(0.59), np.float32(0.11))
"""Lum(C) = 0.3 R + 0.59 G + 0.11 B."""
_TINY: Final = np.float32(1e-30)


def blended(
    below: npt.NDArray[Any], above: npt.NDArray[Any], blend: Blend, *, white: float
) -> npt.NDArray[np.float32]:
    """B(below, above) of the standard: (h, w, 1 | 3) float32 on the scale of the arguments.

    "luminosity" is SetLum(below, Lum(above)), "color" is SetLum(above, Lum(below)); both then pull
    what leaves 0 to `white` back towards its own brightness (ClipColor). Colours that were above
    white before (float photos) may stay so. Grey has no colour: there "luminosity" is `above` and
    "color" is `below`.
    """
    if blend == "normal":
        return above.astype(np.float32)
    shape, light = (below, above) if blend == "luminosity" else (above, below)
    if shape.shape[2] == 1:
        return light.astype(np.float32)
    planes = [shape[:, :, channel].astype(np.float32) for channel in range(3)]
    lights = [light[:, :, channel].astype(np.float32, copy=False) for channel in range(3)]
    wanted = _luminosity(lights)
    highest: _Plane | np.float32 = np.float32(white)
    if above.dtype.kind == "f":
        highest = np.maximum(_most(planes), np.maximum(_most(lights), highest))
    shift = wanted - _luminosity(planes)
    for plane in planes:
        plane += shift
    return _clipped(planes, wanted, highest)


def masked(alpha: Coverage, keep: Coverage) -> Coverage:
    """Alpha x keep / 255, rounded: (h, w) uint8, read-only. 255 leaves alpha exactly as it is."""
    product = alpha.astype(np.uint16)
    product *= keep
    product += 127
    product //= 255
    return frozen(product.astype(np.uint8))


def _luminosity(planes: list[_Plane]) -> _Plane:
    total = planes[0] * _WEIGHTS[0]
    for plane, weight in zip(planes[1:], _WEIGHTS[1:], strict=True):
        total += plane * weight
    return total


def _most(planes: list[_Plane]) -> _Plane:
    return np.maximum(np.maximum(planes[0], planes[1]), planes[2])


def _clipped(
    planes: list[_Plane], light: _Plane, highest: _Plane | np.float32
) -> npt.NDArray[np.float32]:
    """ClipColor: towards (light, light, light) until every channel is within 0 to `highest`.

    Where nothing leaves that range the quotients are 1 or more, which the minimum turns to 1.
    """
    least = np.minimum(np.minimum(planes[0], planes[1]), planes[2])
    factor = np.divide(np.maximum(light, 0), np.maximum(light - least, _TINY), dtype=np.float32)
    room = np.maximum(_most(planes) - light, _TINY)
    factor = np.minimum(factor, (highest - light) / room)
    factor = np.minimum(factor, np.float32(1))
    out = np.empty((len(planes), *light.shape), np.float32)
    for channel, plane in enumerate(planes):
        plane -= light
        plane *= factor
        np.add(plane, light, out=out[channel])
    return out.transpose(1, 2, 0)
