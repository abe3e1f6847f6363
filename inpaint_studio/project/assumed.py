"""The profile of pictures that have none, said aloud: Krita asks what 16-bit pictures are in.

Sources: IEC 61966-2-1 (sRGB's curve); ICC.1:2022, sections 7, 10.15 and 10.18.
"""

import struct

from inpaint_studio.imaging import vips

_D50 = (0.9642, 1.0, 0.8249)
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""sRGB's: ((x + 0.055) / 1.055) ** 2.4 from 0.04045 on, x / 12.92 below."""


def assumed_profile(colors: int) -> bytes:
    """That of sRGB for three colours; grey with its curve for one."""
    return _grey() if colors == 1 else vips.srgb_profile()


def _grey() -> bytes:
    tags = {
        b"desc": _text("Grey with the curve of sRGB"),
        b"cprt": _text("No copyright, use freely"),
        b"wtpt": b"XYZ \0\0\0\0" + _fixed(*_D50),
        b"kTRC": b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + _fixed(*_CURVE),
    }
    start = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(tag))
        data += tag + b"\0" * (-len(tag) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"", 0x04400000, b"mntr", b"GRAY", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp").ljust(44, b"\0")
    return (head + _fixed(*_D50)).ljust(128, b"\0") + table + data


def _text(words: str) -> bytes:
    encoded = words.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(encoded), 28) + encoded


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))
