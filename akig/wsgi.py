"""The door of the web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "akig.settings")

OK = b'{"status":"ok"}'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(OK)))]
django = get_wsgi_application()


def application(environ, start_response):
    """Answer "alive?" at the door, everything else in Django.

    Load balancers ask often, and the answer says only that this process takes requests. The same
    address exists as a view (``akig.health``), for other methods and for the API's description.
    """
    if environ["PATH_INFO"] == "/api/health" and environ["REQUEST_METHOD"] == "GET":
        start_response("200 OK", HEADERS)
        return [OK]
    return django(environ, start_response)
