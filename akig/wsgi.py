"""The door of the web process."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "akig.settings")

OK = b'{"status":"ok"}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(OK)))]
django = get_wsgi_application()
# Load every page now (asking for one address reads them all), and let the collector of garbage
# forget what stays for good: it then looks at what requests leave behind, more often and faster.
reverse("home")
callbacks = import_module("payments.api.callbacks")  # loaded with the pages, after the settings
gc.collect()
gc.freeze()


def application(environ, start_response):
    """Answer "alive?" and keep what providers call back at the door, everything else in Django.

    Load balancers ask often, and the answer says only that this process takes requests. The same
    address exists as a view (``akig.health``), for other methods and for the API's description.
    """
    if environ["PATH_INFO"] == "/api/health" and environ["REQUEST_METHOD"] == "GET":
        start_response("200 OK", HEADERS)
        return [OK]
    if callbacks.is_callback(environ):
        return callbacks.answer(environ, start_response)
    return django(environ, start_response)
