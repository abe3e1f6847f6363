"""HEIC, which libvips' wheels cannot decode. The samples hold a 64 x 48 gradient:
red = 4 x, green = 5 y, blue = 2 (x + y), turned by a quarter in the first."""

import base64

import numpy as np
import pytest

from inpaint_studio.errors import PhotoError
from inpaint_studio.imaging.files import read_photo

TURNED_8_BIT = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAhJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAAEZpbG9jAAAAAERAAAMAAQAAAAACNgABAAAAAAAAAVgAAgAAAAADjgABAAAAAAAAADYAAwAAAAADxAABAAAA"
    "AAAAACUAAABiaWluZgAAAAAAAwAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAACppbmZl"
    "AgAAAQADAABtaW1lAGFwcGxpY2F0aW9uL3JkZit4bWwAAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZo"
    "dmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMA"
    "kAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlz"
    "cGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgI"
    "CAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAoaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAA5jZHNj"
    "AAMAAQABAAABu21kYXQAAAFUKAGvBPhxdeF7W0f+80z1HoGv3v5cB6n9+t8xcwNRHwVmKJyof+nYs/ivnz6aPtb/Zhcv"
    "MyrmibkpZa7Adcugt+Q4GnuKLaayepio8tthRsliibhPGlTwu/8Bb+vmXVYmGoP0VtFXaCbw/fpU9QdD0NgtA9RK7qk3"
    "zekiJ08BY4Hj0VT6vzG0F2GvONSs8cs7Dpg3rZxGsXyHqrMkSvwwMCoFW+e+fe6ruGczzpN18FOLtEYzsW6A8Yg8Gne8"
    "W68Z9iZ4z/+ZHu042pdIo8/wq2h+49bxvKIHBBT1FroEavZx/atXCOq8xhsFqUEKje1ymh3HMOLG69Ig5yOK0Aw68xYX"
    "XvyVoofcDUgmf3tnjHuLASiQ/CcElhn87+eXcUNyRg2QQSR5V2A62ZFlQbYESJO7QdUM6qwjzQx0qGcJuH20xJnLZg05"
    "IbIyLulxNhhEJiL8wAAAAAZFeGlmAABNTQAqAAAACAACAQ8AAgAAAAYAAAAmARIAAwAAAAEABgAAAAAAAE1ha2VyADx4"
    "OnhtcG1ldGEgeG1sbnM6eD0iYWRvYmU6bnM6bWV0YS8iLz4="
)
TEN_BIT = base64.b64decode(
    "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAA"
    "AAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABoAABAAAAAAAAATMAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABo"
    "dmMxAAAAAA5waXRtAAAAAAABAAAA/GlwcnAAAADcaXBjbwAAAHVodmNDAQQIAAAAnbgAAAAAHvAA/P36+gAADwNgAAEA"
    "F0ABDAH//wQIAAADAJ24AAADAAAeugJAYQABACpCAQEECAAAAwCduAAAAwAAHqAggQTZbq5Ka5uAhoMCAAADADIAAAMA"
    "AhBiAAEABkQBwXPAiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAAQAAAAAEA"
    "AAAwAAAAAQAAAAAAAAAC////8AAAAAIAAAAQcGl4aQAAAAADCgoKAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAABO21k"
    "YXQAAAEvKAGvBjiJI6unoT2hQcOXXFI2SSI05SUkEerDxUgEdFl+R7J/+A/4r6ue2j7oT8Na+CDx/6TI/xDvwTw/HTSM"
    "SbpR7ACvFIcXxYWtOQWw6wNkn8jAwoMkKp3I2id8/x5m47Lynn9ka6zDtS6+UEjj+SUZVIbBIJUtD2I+fCJ6vaJvJiKm"
    "9a6MMqulBhx3efri5aPLV+cOAsrRNyZnzsyyLE50jq+EJ82JckZN4GblEOq+Gc+ct38GhY2rL3D+4Hda6U5BufjTlP82"
    "jJsWzdo1+0+kLoXtNP5nDu2PXafPmrkIlhqyMn+Gt6B83JYFufZv6O/0ChTbW+NRa397bZE4qTUI50f24l3lsuuWHJzG"
    "I4g167FBu0frvQcG1gH0oZ5Eolk//qfJ/9HYbJs5ItOm"
)


def gradient():
    rows, columns = np.mgrid[:48, :64]
    return np.stack([columns * 4, rows * 5, (rows + columns) * 2], axis=-1)


def test_heic_is_upright_with_its_metadata(tmp_path):
    path = tmp_path / "a.heic"
    path.write_bytes(TURNED_8_BIT)
    photo = read_photo(path)
    assert photo.pixels.shape == (64, 48, 3)
    upright = np.rot90(gradient(), -1)
    assert np.abs(photo.pixels.astype(int) - upright).mean() < 3
    assert b"Maker" in photo.metadata.exif
    assert photo.metadata.xmp.startswith(b"<x:xmpmeta")


def test_ten_bits_are_kept_in_sixteen(tmp_path):
    path = tmp_path / "b.heif"
    path.write_bytes(TEN_BIT)
    photo = read_photo(path)
    assert photo.pixels.dtype == np.uint16
    assert np.abs(photo.pixels / 257.0 - gradient()).mean() < 3


@pytest.mark.parametrize("keep", [60, 300, 700, 990])
def test_cut_off_heic_is_refused_in_one_sentence(tmp_path, keep):
    path = tmp_path / "cut.heic"
    path.write_bytes(TURNED_8_BIT[:keep])
    with pytest.raises(PhotoError, match=r"cut\.heic"):
        read_photo(path)
