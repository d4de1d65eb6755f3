"""Photos and scans that people hand in as a proof: checked by their content, handed out by views.

Nothing decodes them: what a file is is told by its first bytes, and a browser is told never to
guess otherwise. Photographs lose what telephones write into them (``akig.lib.metadata``).
"""

import uuid
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.utils.translation import gettext_lazy as _

from akig.lib.metadata import Damaged, without_metadata

LARGEST = 8 * 2**20  # bytes

#: Suffix -> the type that a browser is told.
TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}


def kind_of(head: bytes) -> str | None:
    """Return the suffix that the first 12 bytes of a file deserve; None for what is no proof."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"%PDF-"):
        return "pdf"
    return None


class ProofField(forms.FileField):
    """A photo (JPEG, PNG, WebP) or a PDF, of at most 8 MB; cleaned, it has a name of ours."""

    default_error_messages = {
        "proof_too_large": _("The file is larger than 8 MB: send a smaller picture."),
        "proof_unknown": _("Send a photo (JPEG, PNG, WebP) or a PDF."),
        "proof_damaged": _("This photo is damaged or cut off. Send it again."),
    }

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ",".join(TYPES.values())}))
        super().__init__(**kwargs)

    def clean(self, data: UploadedFile | None, initial: Any = None) -> UploadedFile | None:
        file = super().clean(data, initial)
        if not file:
            return None
        if file.size > LARGEST:
            raise ValidationError(self.error_messages["proof_too_large"], code="proof_too_large")
        file.seek(0)
        content = file.read()
        suffix = kind_of(content[:12])
        if suffix is None:
            raise ValidationError(self.error_messages["proof_unknown"], code="proof_unknown")
        try:
            content = without_metadata(content, suffix)
        except Damaged as error:
            code = "proof_damaged"
            raise ValidationError(self.error_messages[code], code=code) from error
        return SimpleUploadedFile(f"{uuid.uuid4().hex}.{suffix}", content, TYPES[suffix])


def proof_response(file: FieldFile, name: str) -> FileResponse:
    """Hand out a stored proof; saved, it is called ``name`` and its suffix. Raises Http404."""
    if not file or not file.storage.exists(file.name):
        raise Http404
    suffix = PurePath(file.name).suffix.removeprefix(".")
    content_type = TYPES.get(suffix, "application/octet-stream")
    response = FileResponse(file.open("rb"), filename=f"{name}.{suffix}", content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
