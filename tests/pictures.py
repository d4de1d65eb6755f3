"""Small photographs for tests, with or without what a telephone writes into them."""

import io

from PIL import Image

PLACE, MAKER = 0x8825, "Tecno of Estelle"


def picture(kind: str, *, told: bool = False, way_up: int = 1) -> bytes:
    """Return a photograph (JPEG, PNG, WEBP); ``told`` names place and device in its EXIF."""
    image = Image.effect_noise((40, 30), 80).convert("RGB")
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = MAKER, way_up
    exif.get_ifd(PLACE)[1] = "N"
    written = io.BytesIO()
    image.save(written, kind, **({"exif": exif} if told else {}))
    return written.getvalue()


JPEG, PNG = picture("JPEG"), picture("PNG")
