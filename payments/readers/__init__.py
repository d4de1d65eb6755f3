"""Statements of banks and providers, and their messages, read into movements. No database here.

``read_statement`` recognises a file by its content: CAMT.053, MT940, OFX, or a table (CSV, XLSX)
of Orange Money, MTN MoMo, Wave or any bank. A file that is not sound is refused whole, with line
and reason. ``read_message`` reads an operator's SMS.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from akig.lib.garbage import collector_resting
from payments.readers import camt, mt940, ofx, tables
from payments.readers.movements import (
    Movement,
    StatementRead,
    StatementRefused,
    fingerprint,
    fingerprints,
)
from payments.readers.sms import read_message

__all__ = [
    "Movement",
    "StatementRead",
    "StatementRefused",
    "fingerprint",
    "fingerprints",
    "read_message",
    "read_statement",
]

#: A file says what it is within so many bytes.
HEAD = 4096


@collector_resting()
def read_statement(
    name: str, content: bytes, *, columns: Mapping | None = None, currency: str = ""
) -> StatementRead:
    """Read a statement; raise StatementRefused.

    ``columns`` says field -> heading (or headings) for a table whose headings are unknown: see
    ``payments.readers.columns.LABELS``. ``currency`` is that of the account, for a file that names
    none. Nothing is taken from the file's ``name``.
    """
    if not content.strip(b"\x00\r\n\t ;,|"):
        raise StatementRefused(None, "empty_file", _("This file is empty."))
    head = content[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if ofx.is_ofx(head):
        return ofx.read(content)
    if head.startswith(b"<"):
        return camt.read(content)
    if mt940.is_mt940(head):
        return mt940.read(content)
    return tables.read(name, content, columns=columns, currency=currency)
