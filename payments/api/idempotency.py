"""Requests that move something happen once, however often they are sent (``Idempotency-Key``).

The first answer is kept in the transaction of the act and given again, byte for byte.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from akig.lib.errors import BusinessError
from payments.models import Payment
from payments.services.collecting import (
    ReferenceConflict,
    claim_key,
    keep_answer,
    record_payment,
)
from tenants.models import Lease

KEY = re.compile(r"[\x20-\x7e]{1,255}")
HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"


class NothingToKnowItBy(BusinessError):
    """A request that creates money carries neither a key nor a reference."""


@dataclass(frozen=True)
class Answer:
    """What is sent back; ``payment`` is what the act made, if a payment."""

    status: int
    body: bytes
    payment: Payment | None = None
    replayed: bool = False


def read_key(written: str | None) -> str:
    """Return the key of a request's header, empty where it has none. Raises BusinessError."""
    if written is None:
        return ""
    if not KEY.fullmatch(written):
        sentence = _("An idempotency key has 1 to 255 printable characters.")
        raise BusinessError(sentence, fields={HEADER: sentence})
    return written


def answer_once(
    actor: Any, key: str, request: tuple[str, Any], act: Callable[[], Answer]
) -> Answer:
    """Do ``act`` and keep its answer under ``key``, or give again the answer kept before.

    ``request`` is what was asked, as address and contents: the same key with another request
    raises ``KeyReused``; while the first is running ``KeyInProgress``. A request that is refused
    writes nothing, so its key is free for the corrected one. Without a key the act is simply done.
    """
    if not key:
        return act()
    known_by = fingerprint(*request)
    with transaction.atomic():
        earlier = claim_key(actor, key, known_by)
        if earlier is not None:
            return Answer(earlier.status, bytes(earlier.body), replayed=True)
        answer = act()
        keep_answer(
            actor,
            key,
            known_by,
            payment=answer.payment,
            status=answer.status,
            body=answer.body,
        )
        return answer


def keyed(method: Callable) -> Callable:
    """Let the description say that a method of a view takes an idempotency key."""
    method.keyed = True
    return method


def once(method: Callable[..., Response]) -> Callable[..., HttpResponse]:
    """Let what a method of a view does happen once under an idempotency key.

    Asked again, it sends its first answer again.
    """

    @keyed
    @wraps(method)
    def answered(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        def act() -> Answer:
            response = method(view, request, *args, **kwargs)
            return Answer(response.status_code, JSONRenderer().render(response.data))

        return respond_once(request, act)

    return answered


def respond_once(request: Request, act: Callable[[], Answer]) -> HttpResponse:
    """Answer a request by ``answer_once``, under the key of its header."""
    answer = answer_once(
        request.user,
        read_key(request.headers.get(HEADER)),
        (request.path, _contents(request)),
        act,
    )
    response = HttpResponse(answer.body, status=answer.status, content_type="application/json")
    if answer.replayed:
        response[REPLAYED] = "true"
    return response


def _contents(request: Request) -> Any:
    """Return what a request says; of each file its SHA-256."""
    if not request.FILES:
        return request.data
    said = {name: request.data.getlist(name) for name in request.data if name not in request.FILES}
    return said | {name: _digests(request.FILES.getlist(name)) for name in request.FILES}


def _digests(files: list[File]) -> list[str]:
    digests = []
    for file in files:
        digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        file.seek(0)
    return digests


def fingerprint(path: str, contents: Any) -> str:
    """Return the SHA-256 of a request: its address and what it says."""
    return hashlib.sha256(json.dumps((path, contents), sort_keys=True).encode()).hexdigest()


def record_by_reference(
    *, actor: Any, lease: Lease, reference: str = "", is_keyed: bool, **fields: Any
) -> tuple[Payment, bool]:
    """Record a payment unless one of the same reference and contents stands; tell whether it did.

    Raises ``NothingToKnowItBy``, ``ReferenceConflict`` for other contents, and whatever
    ``record_payment`` refuses.
    """
    if not reference and not is_keyed:
        sentence = _("Send an Idempotency-Key, or the reference of the payment.")
        raise NothingToKnowItBy(sentence, fields={"reference": sentence})
    earlier = _standing(lease, reference)
    if earlier is None:
        try:
            payment = record_payment(actor=actor, lease=lease, reference=reference, **fields)
        except (ReferenceConflict, IntegrityError) as error:
            # Somebody wrote the same reference between our question and our act.
            earlier = _standing(lease, reference)
            if earlier is None:
                raise
            return _same(earlier, lease, fields, error), False
        return payment, True
    return _same(earlier, lease, fields), False


def _standing(lease: Lease, reference: str) -> Payment | None:
    if not reference:
        return None
    payments = Payment.objects.confirmed().filter(site=lease.site_id, reference=reference)
    return payments.first()


def _same(earlier: Payment, lease: Lease, fields: dict, error: Exception | None = None) -> Payment:
    """Return ``earlier`` if it says what is asked again. Raises ReferenceConflict."""
    day = fields.get("value_date") or earlier.value_date
    said = (earlier.lease_id, earlier.amount, earlier.method, earlier.value_date)
    if said == (lease.pk, fields["amount"], fields["method"], day):
        return earlier
    sentence = _("Another payment of this branch carries this reference.")
    raise ReferenceConflict(sentence, fields={"reference": sentence}) from error
