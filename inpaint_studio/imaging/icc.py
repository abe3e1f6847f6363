"""Matrix and grey ICC profiles as arithmetic: curves to linear light, a matrix to linear sRGB.

Source: ICC.1:2022 sections 8.3, 10.6 (curveType), 10.18 (parametricCurveType) and annex F. Most
camera, monitor and working-space profiles are of this kind; evaluating them here keeps 16-bit and
float precision both ways, which libraries that go through Lab or 33-point tables do not.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from inpaint_studio.imaging.profiles import find_tag, profile_channels

Curve = npt.NDArray[np.float32]
"""(65536,) linear light at each 16-bit code value, never falling."""

_STEPS = 65536
_SRGB_COLORANTS = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
"""Linear sRGB to XYZ, adapted to D50 (Bradford), the white of all ICC profiles."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Share of linear sRGB red, green and blue in brightness (ITU-R BT.709)."""


@dataclass(frozen=True, slots=True, eq=False)
class Shaper:
    """A profile as curves and, for colour, a matrix from its linear light to linear sRGB."""

    curves: tuple[Curve, ...]
    """One for grey, three for colour."""
    inverses: tuple[Curve, ...]
    """The same the other way, as `delinearise` takes them."""
    to_srgb: npt.NDArray[np.float32] | None
    """(3, 3), applied as `linear @ to_srgb.T`; None for grey."""

    @property
    def is_srgb(self) -> bool:
        """Whether its numbers are sRGB itself to within half an 8-bit level."""
        expected = srgb_decode(np.linspace(0, 1, 256, dtype=np.float32))
        same_curves = all(np.abs(c[::257] - expected).max() < 1e-3 for c in self.curves)
        identity = np.eye(3, dtype=np.float32)
        return same_curves and (
            self.to_srgb is None or bool(np.abs(self.to_srgb - identity).max() < 2e-3)
        )


@lru_cache(maxsize=8)
def read_shaper(profile: bytes) -> Shaper | None:
    """The profile as a `Shaper`; None when it is of another kind (tables) or damaged."""
    channels = profile_channels(profile)
    if channels is None or find_tag(profile, b"A2B0") is not None:
        return None
    names = (b"kTRC",) if channels == 1 else (b"rTRC", b"gTRC", b"bTRC")
    try:
        curves = tuple(_curve(_tag(profile, name)) for name in names)
        matrix = None if channels == 1 else _matrix(profile)
    except (struct.error, ValueError, IndexError, np.linalg.LinAlgError):
        return None
    return Shaper(curves, tuple(inverted(curve) for curve in curves), matrix)


def srgb_decode(encoded: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The sRGB curve (IEC 61966-2-1), numbers to linear light, for values in [0, 1]."""
    low = encoded / np.float32(12.92)
    high = ((encoded + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(encoded <= 0.04045, low, high).astype(np.float32, copy=False)


def srgb_encode(linear: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The inverse of `srgb_decode`; light outside [0, 1] is clipped."""
    light = np.clip(linear, np.float32(0), np.float32(1))
    high = np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055)
    low = light * np.float32(12.92)
    return np.where(light <= 0.0031308, low, high).astype(np.float32, copy=False)


def linearise(values: npt.NDArray[Any], curve: Curve) -> npt.NDArray[np.float32]:
    """One channel, any shape, uint8, uint16 or float32 (clipped to [0, 1]), to linear light."""
    if values.dtype == np.uint8:
        return curve[::257].take(values)
    if values.dtype == np.uint16:
        return curve.take(values)
    floats = np.nan_to_num(values.astype(np.float32))
    return _looked_up(np.clip(floats, np.float32(0), np.float32(1)), curve)


def _looked_up(values: npt.NDArray[np.float32], table: Curve) -> npt.NDArray[np.float32]:
    """`table` at values in [0, 1], linearly interpolated."""
    position = values * np.float32(_STEPS - 1)
    low = np.minimum(position.astype(np.int32), _STEPS - 2)
    start = table[low]
    share = position - low.astype(np.float32)
    return (start + (table[low + 1] - start) * share).astype(np.float32, copy=False)


def inverted(curve: Curve) -> Curve:
    """(65536,) the number in [0, 1] for each cube of an evenly spaced root of light.

    The cube root spreads the shadows, where every profile's curve is steepest seen from light.
    """
    light = np.linspace(0, 1, _STEPS) ** 3
    return np.interp(light, curve, np.linspace(0, 1, _STEPS)).astype(np.float32)


def delinearise(light: npt.NDArray[np.float32], inverse: Curve) -> npt.NDArray[np.float32]:
    """Linear light (clipped to [0, 1]) to numbers; `inverse` as `inverted` makes it."""
    return _looked_up(np.cbrt(np.clip(light, np.float32(0), np.float32(1))), inverse)


def _tag(profile: bytes, name: bytes) -> bytes:
    at = find_tag(profile, name)
    if at is None:
        raise ValueError(f"no {name!r}")
    return profile[at:]


def _matrix(profile: bytes) -> npt.NDArray[np.float32]:
    columns = [_xyz(_tag(profile, name)) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    to_xyz = np.array(columns).T
    if abs(np.linalg.det(to_xyz)) < 1e-4:
        raise ValueError("colorants lie in one plane")
    return (np.linalg.inv(_SRGB_COLORANTS) @ to_xyz).astype(np.float32)


def _xyz(tag: bytes) -> tuple[float, float, float]:
    x, y, z = struct.unpack_from(">3i", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _curve(tag: bytes) -> Curve:
    grid = np.linspace(0, 1, _STEPS)
    if tag[:4] == b"curv":
        values = _sampled(tag, grid)
    elif tag[:4] == b"para":
        values = _parametric(tag, grid)
    else:
        raise ValueError("unknown curve type")
    if not np.isfinite(values).all() or values[-1] <= values[0]:
        raise ValueError("not a rising curve")
    return np.maximum.accumulate(np.clip(values, 0, 1)).astype(np.float32)


def _sampled(tag: bytes, grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return grid
    points = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
    if count == 1:
        return grid ** (points[0] / 256)
    return np.interp(grid, np.linspace(0, 1, count), points / 65535)


def _parametric(tag: bytes, grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[kind]
    given = [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    g, a, b, c, d, e, f = (given + [0.0] * 7)[:7] if kind else (given[0], 1.0, 0.0, 0, 0, 0, 0)
    if kind in (1, 2):  # Y = (aX + b)^g + c above -b/a, c below
        d, e, f, c = -b / a, c, c, 0.0
    power = np.maximum(a * grid + b, 0) ** g
    return np.where(grid >= d, power + e, c * grid + f)
