"""The settings of the tests: ours, with a data folder of their own and quick passwords."""

import os
from pathlib import Path

os.environ.setdefault("AKIG_VAR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ.setdefault("AKIG_LOCAL", "1")
# The browser's driver keeps an event loop in the thread of the tests: Django would refuse its
# database to every test after the first page.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

from akig.settings import *  # noqa: F403
from akig.settings import CACHES, DATABASES, REDIS_URL, RQ_QUEUES, STATIC_ROOT, STORAGES

# One number of Redis for each parallel worker; 0 belongs to nobody.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
_number = 1 + int(_worker) % 15
_redis = REDIS_URL.partition("?")[0] + f"?db={_number}"
CACHES["default"]["LOCATION"] = _redis
RQ_QUEUES["default"] |= {"URL": _redis, "DB": _number, "ASYNC": False}  # jobs run at once

DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
VERBS_PROVE_HISTORY = True
CALLS_SECONDS = 0  # no thread beside the tests: they write calls down when they want them
MFA_GRACE_DAYS = 36_500  # the cast signs in by password alone, whatever day a test plays on
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # or WhiteNoise warns
