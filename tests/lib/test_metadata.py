"""Photographs lose what was written into them and not a pixel."""

import io

import pytest
from PIL import Image

from akig.lib.metadata import Damaged, without_metadata
from tests.pictures import MAKER, PLACE, picture

SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(("kind", "suffix"), SUFFIXES.items())
def test_place_and_device_are_gone_and_the_picture_stays(kind, suffix):
    content = picture(kind, told=True)
    assert opened(content).getexif()[0x010F] == MAKER
    clean = without_metadata(content + b"a film behind it", suffix)
    assert MAKER.encode() not in clean
    assert b"a film" not in clean
    exif = opened(clean).getexif()
    assert (0x010F in exif, dict(exif.get_ifd(PLACE))) == (False, {})
    assert opened(clean).tobytes() == opened(content).tobytes()


@pytest.mark.parametrize("way_up", [1, 3, 6, 8])
def test_a_jpeg_keeps_its_way_up(way_up):
    clean = without_metadata(picture("JPEG", told=True, way_up=way_up), "jpg")
    assert opened(clean).getexif().get(0x0112, 1) == way_up


def test_a_jpeg_in_several_scans_stays_whole():
    written = io.BytesIO()
    opened(picture("JPEG")).save(written, "JPEG", progressive=True, comment="by Estelle")
    clean = without_metadata(written.getvalue(), "jpg")
    assert b"Estelle" not in clean
    assert opened(clean).tobytes() == opened(written.getvalue()).tobytes()


@pytest.mark.parametrize(("kind", "suffix"), SUFFIXES.items())
def test_what_is_cut_off_is_refused(kind, suffix):
    content = picture(kind)
    for length in (12, 20, len(content) // 2, len(content) - 3):
        with pytest.raises(Damaged):
            without_metadata(content[:length], suffix)


def test_a_pdf_is_left_as_it_is():
    assert without_metadata(b"%PDF-1.7", "pdf") == b"%PDF-1.7"
