"""Photographs without what their makers wrote into them: place, device, time, names, previews.

The parts of a file are told apart and those that a picture needs are kept; nothing is decoded, so
no fault of a decoder can be reached, and no pixel changes. What stands behind the end of the
picture (films, trailers of telephones) falls away. Of a JPEG the way up is kept.
"""

import re
import struct
from collections.abc import Iterator

#: A marker within the data of a JPEG: neither a stuffed byte, nor a restart, nor filling.
MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
START, END, SCAN = 0xD8, 0xD9, 0xDA
ORIENTATION = 0x0112
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
#: Beside the critical chunks of a PNG: transparency, colours, size.
PNG_KEPT = {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"sBIT", b"bKGD"}
WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
#: The bits of a VP8X chunk that announce EXIF and XMP.
WEBP_ANNOUNCED = 0x08 | 0x04


class Damaged(ValueError):
    """The file is cut off, or no picture of the kind that its first bytes promise."""


def without_metadata(content: bytes, suffix: str) -> bytes:
    """Return a photograph (``suffix`` jpg, png or webp) without metadata; others as they are.

    Raises Damaged.
    """
    clean = {"jpg": _jpeg, "png": _png, "webp": _webp}.get(suffix)
    try:
        return clean(content) if clean else content
    except (struct.error, IndexError) as error:
        raise Damaged from error


def _jpeg(content):
    kept = [b"\xff\xd8"]
    way_up = 1
    for marker, segment, data in _segments(content):
        body = segment[4:]
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            way_up = _orientation(body[6:]) or way_up
        elif _is_picture(marker, body):
            kept += (segment, data)
    if way_up != 1:
        kept.insert(1, _oriented(way_up))
    return b"".join([*kept, b"\xff\xd9"])


def _segments(content) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, segment and the data of the scan that follows it, until the end marker."""
    place = 2
    while True:
        found = MARKER.match(content, place)
        if found is None:
            raise Damaged
        marker, place = found[1][0], found.end()
        if marker == END:
            return
        (length,) = struct.unpack_from(">H", content, place)
        segment, place = content[place - 2 : place + length], place + length
        if length < 2 or len(segment) != length + 2:
            raise Damaged
        following = MARKER.search(content, place) if marker == SCAN else None
        if marker == SCAN and following is None:
            raise Damaged
        data = content[place : following.start()] if following else b""
        place += len(data)
        yield marker, segment, data


def _is_picture(marker, body) -> bool:
    if marker == 0xE0:
        return body.startswith(b"JFIF\0")
    if marker == 0xE2:
        return body.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return body.startswith(b"Adobe")
    return not 0xE0 <= marker <= 0xEF and marker != 0xFE  # other makers' segments, comments


def _orientation(tiff) -> int:
    """Return the way up that EXIF tells (1 to 8), or 0."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 0
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (number,) = struct.unpack_from(f"{order}H", tiff, first)
        for rank in range(number):
            tag, kind, _count, value = struct.unpack_from(
                f"{order}HHIH", tiff, first + 2 + 12 * rank
            )
            if (tag, kind) == (ORIENTATION, 3):
                return value if 1 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _oriented(way_up) -> bytes:
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, way_up, 0, 0)
    body = b"Exif\0\0" + tiff
    return struct.pack(">HH", 0xFFE1, len(body) + 2) + body


def _png(content):
    kept, place, name = [PNG_HEAD], len(PNG_HEAD), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, place)
        chunk = content[place : place + length + 12]
        if len(chunk) != length + 12:
            raise Damaged
        if name[:1].isupper() or name in PNG_KEPT:
            kept.append(chunk)
        place += len(chunk)
    return b"".join(kept)


def _webp(content):
    kept, place = [], 12
    end = struct.unpack_from("<I", content, 4)[0] + 8
    while place + 8 <= end:
        name, length = struct.unpack_from("<4sI", content, place)
        chunk = content[place : place + 8 + length + length % 2]
        if len(chunk) < 8 + length:
            raise Damaged
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~WEBP_ANNOUNCED]) + chunk[9:]
        if name in WEBP_KEPT:
            kept.append(chunk)
        place += 8 + length + length % 2
    if not kept:
        raise Damaged
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
