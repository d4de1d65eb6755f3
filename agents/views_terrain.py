"""The page that works without network: its shell, its worker, and the words that it speaks.

None of them tells anything of anybody: what the telephone shows it asks of ``/api/sync``.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from akig.lib.doors import may
from payments.models.tills import DENOMINATIONS
from payments.services.receipts import LETTERS

#: Where our scripts lie. Their addresses carry no digest, for they import one another by name; the
#: worker keeps them and is new when one of them is.
FOLDER = settings.BASE_DIR / "static" / "terrain"
MISSION = "mission.view_own"
#: The browser asks anew each time; the worker keeps what it needs without network.
fresh = cache_control(no_cache=True, private=True)


@require_safe
@may(MISSION)
@fresh
@ensure_csrf_cookie
@csp_update({"manifest-src": [SELF]})
def terrain(request: HttpRequest) -> HttpResponse:
    """Show the shell, in which everything else is drawn."""
    return render(request, "agents/terrain.html", {"files": settings.STATIC_URL})


@require_safe
@fresh
def terrain_worker(request: HttpRequest) -> HttpResponse:
    """Hand out the worker, told which files it keeps and by what version they are known."""
    kept = [
        reverse("agents:terrain"),
        reverse("agents:terrain_manifest"),
        f"{settings.STATIC_URL}logo.svg",
        *(f"{settings.STATIC_URL}terrain/{path.name}" for path in _files()),
    ]
    head = f"const VERSION = {json.dumps(_version())};\nconst FILES = {json.dumps(kept)};\n"
    script = head + (FOLDER / "worker.js").read_text()
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@require_safe
@fresh
def terrain_manifest(request: HttpRequest) -> JsonResponse:
    """Say how the page is installed on a telephone."""
    page = reverse("agents:terrain")
    told = {
        "name": f"{settings.AGENCY_NAME} · {_('In the field')}",
        "short_name": "AKIG",
        "start_url": page,
        "scope": page,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b3f7a",
        "icons": [
            {"src": f"{settings.STATIC_URL}logo.svg", "sizes": "any", "type": "image/svg+xml"}
        ],
    }
    return JsonResponse(told, content_type="application/manifest+json")


@require_safe
@may(MISSION)
@fresh
def terrain_words(request: HttpRequest) -> JsonResponse:
    """Hand out what the page says, in the person's language, and what it needs to know of us."""
    currencies = {site.currency for site in request.sites}
    return JsonResponse(
        {
            "language": get_language(),
            "agency": settings.AGENCY_NAME,
            "verify": f"{settings.PUBLIC_URL}{reverse('verify')}",
            "letters": LETTERS,
            "currency": min(currencies, default=""),
            "denominations": {currency: DENOMINATIONS[currency] for currency in currencies},
            "words": _words(),
        }
    )


def _words() -> dict[str, str]:
    return {
        "accepted": _("Accepted"),
        "amount_in": _("Amount in %(currency)s"),
        "back": _("Back"),
        "can_be_visited": _("Can be visited: %(hours)s"),
        "conflict": _("In conflict"),
        "conflict_why": _("Somebody at the office, or a colleague, changed the same meanwhile."),
        "correct": _("Correct"),
        "declare": _("Declare the hand-over"),
        "device_cut_off": _("This telephone was cut off. Ask the office."),
        "device_taken": _("Another person works with this telephone. Let that person sign in."),
        "gone": _("This is no longer on the telephone."),
        "hand_over": _("Hand over cash"),
        "hand_over_why": _("Count the notes. Who receives them counts them again and confirms."),
        "handed_to": _("Handed to"),
        "keep_mine": _("Keep mine"),
        "keep_theirs": _("Keep the office's"),
        "keep_together": _("Keep both as written"),
        "landmark": _("Landmark"),
        "late_since": _("Late since %(day)s"),
        "lease": _("Lease"),
        "load_first": _("Load the day while you have network."),
        "loaded_at": _("loaded at %(time)s"),
        "mine": _("Mine"),
        "nobody": _("Nobody to visit."),
        "note": _("Note"),
        "notes": _("Notes"),
        "offline": _("Without network"),
        "online": _("With network"),
        "open_charges": _("What is open"),
        "phone": _("On the telephone"),
        "phones": _("Telephones, one on each line"),
        "photo": _("Photo"),
        "photo_damaged": _("This photo cannot be read. Take it again."),
        "position": _("Position"),
        "print": _("Print"),
        "promised_day": _("Promised for"),
        "promised_for": _("Promised for %(day)s"),
        "provisional_receipt": _("Provisional receipt"),
        "queue": _("To send"),
        "queue_empty": _("Nothing waits."),
        "receipt": _("Receipt"),
        "receipt_number": _("Number %(number)s"),
        "refused": _("Refused"),
        "result_absent": pgettext("visit", "Absent"),
        "result_payment": pgettext("visit", "Pays"),
        "result_promise": pgettext("visit", "Promises"),
        "result_refused": pgettext("visit", "Refuses"),
        "safety_note": _("Safety note"),
        "sealed": _("Locked until the office is reached"),
        "save": _("Save"),
        "seen": _("I have seen it"),
        "send_now": _("Send now"),
        "sent": _("Sent"),
        "settle": _("Settle"),
        "show_place": _("Show the place"),
        "sign_in": _("Sign in"),
        "signed_out": _("Sign in again: nothing is lost."),
        "theirs": _("At the office"),
        "till": _("the till"),
        "today": _("Whom to visit"),
        "together": _("Both together"),
        "verify_at": _("Check the code at %(address)s"),
        "visited": _("visited"),
        "visiting_hours": _("When to visit"),
        "waiting": _("%(number)s to send"),
        "what_happened": _("What happened?"),
    }


def _files() -> list[Path]:
    return sorted(path for path in FOLDER.iterdir() if path.name != "worker.js")


@cache
def _version() -> str:
    """Return what changes whenever one of our files does."""
    digest = hashlib.sha256((FOLDER / "worker.js").read_bytes())
    for path in _files():
        digest.update(path.read_bytes())
    digest.update((settings.BASE_DIR / "templates" / "agents" / "terrain.html").read_bytes())
    return digest.hexdigest()[:16]
