"""ICC profiles: what they are for, whether they are sound, which are sRGB itself."""

import struct

_HEADER_BYTES = 128
_SPACES = {b"RGB ": 3, b"GRAY": 1}
_SPACE_NAMES = {b"CMYK": "CMYK", b"RGB ": "colour", b"GRAY": "grey", b"Lab ": "Lab"}


def profile_channels(profile: bytes) -> int | None:
    """1 for a grey profile, 3 for RGB, None for any other or a damaged header."""
    if len(profile) < _HEADER_BYTES or profile[36:40] != b"acsp":
        return None
    return _SPACES.get(profile[16:20])


def profile_problem(profile: bytes, channels: int) -> str | None:
    """Why the profile cannot belong to a picture of 1 or 3 colour channels; None when it can.

    A clause to follow "its colour profile": checked are the header and the tag table
    (ICC.1:2022, section 7), not the curves inside.
    """
    if len(profile) < _HEADER_BYTES + 4 or profile[36:40] != b"acsp":
        return "is damaged"
    found = _SPACES.get(profile[16:20])
    if found != channels:
        name = _SPACE_NAMES.get(profile[16:20], "other")
        return f"is meant for {name} pictures"
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    if count > 200 or len(profile) < _HEADER_BYTES + 4 + 12 * count:
        return "is damaged"
    return None


def profile_name(profile: bytes) -> str | None:
    """The profile's description, such as "Adobe RGB (1998)"; None when it has none to read."""
    at = find_tag(profile, b"desc")
    if at is None:
        return None
    kind = profile[at : at + 4]
    if kind == b"desc" and len(profile) >= at + 12:
        (length,) = struct.unpack_from(">I", profile, at + 8)
        return profile[at + 12 : at + 12 + length].split(b"\0")[0].decode("latin-1").strip() or None
    if kind == b"mluc" and len(profile) >= at + 28:
        length, offset = struct.unpack_from(">II", profile, at + 20)
        text = profile[at + offset : at + offset + length]
        return text.decode("utf-16-be", "replace").strip("\0 ") or None
    return None


def find_tag(profile: bytes, tag: bytes) -> int | None:
    """Where the data of one of the profile's tags starts; None when it has no such tag."""
    if len(profile) < _HEADER_BYTES + 4:
        return None
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    for index in range(min(count, 200)):
        at = _HEADER_BYTES + 4 + 12 * index
        if profile[at : at + 4] == tag and at + 12 <= len(profile):
            (offset,) = struct.unpack_from(">I", profile, at + 4)
            return int(offset) if offset + 12 <= len(profile) else None
    return None
