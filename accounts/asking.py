"""Sensitive acts ask again who is there: a browser stays signed in after its person has left it.

Only browsers are asked. A token or key that is stolen is ended, and tells nobody's presence.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

PROVED = "proved_at"


def note_proof(request: HttpRequest) -> None:
    """Remember that password or code were right just now."""
    request.session[PROVED] = time.time()


def proved_lately(request: HttpRequest, times: int = 1) -> bool:
    """Tell whether the person proved himself within the limit, or so many ``times`` the limit."""
    limit = times * settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return time.time() - request.session.get(PROVED, 0) < limit


def ask_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page only to who proved himself lately; stands under ``may``.

    The page asks before its form is shown. The form then has as long again: what was typed is
    never kept for later in the session, for it may be a secret.
    """

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not proved_lately(request, times=2 if request.method == "POST" else 1):
            query = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('account_reauthenticate')}?{query}")
        return view(request, *args, **kwargs)

    return door
