"""What every test stands on: the embedded servers, no network, a door that ends its acts."""

import gc
import ipaddress
import os
import socket
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import django_rq
import pytest
import time_machine
from django.db import transaction
from django.test import Client, TestCase, TransactionTestCase

from akig.lib import embedded, isolation
from akig.lib.catalogues import compile_changed
from payments.services.posting import forget_accounts
from tests.cast import PASSWORD, Cast
from tests.database import copied_for, empty

ROOT = Path(__file__).resolve().parent.parent
servers = ExitStack()


def pytest_configure(config):
    isolation.trust_this_process()  # tests look at rows; requests narrow themselves
    # The controller starts them and stays; the parallel workers join it.
    servers.enter_context(embedded.running(Path(os.environ["AKIG_VAR"]), disposable=True))
    if not hasattr(config, "workerinput"):
        compile_changed(ROOT / "locale")


def pytest_collection_finish(session):
    """What is loaded by now stays: no need to ask each time whether it may go."""
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_unconfigure(config):
    servers.close()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with (
        django_db_blocker.unblock(),
        copied_for(worker),
        django_db_blocker.block(),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: empty())
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    """Refuse connections that leave this machine."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = "127.0.0.1" if address[0] == "localhost" else address[0]
            assert ipaddress.ip_address(host).is_loopback, f"A test asked for {address}."
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True)
def _own_files_and_cache(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    django_rq.get_connection("default").flushdb()
    forget_accounts()


@pytest.fixture
def mid_october():
    """Let it be 15 October 2026, ten in the morning; the clock can be moved."""
    with time_machine.travel(datetime(2026, 10, 15, 10, tzinfo=UTC)) as clock:
        yield clock


@pytest.fixture(scope="module")
def for_all(django_db_setup, django_db_blocker):
    """A transaction for what all tests of a module find; each has its own within it."""
    forget_accounts()  # those of the module before
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def cast(db):
    """The people of ``tests/cast.py``; each exists from the moment a test names them."""
    return Cast()


@pytest.fixture
def sign_in(client):
    """Return a function that lets a person of the cast in and gives back the door."""

    def sign(user):
        assert client.login(username=user.email, password=PASSWORD)
        return client

    return sign


@pytest.fixture
def lost_redis(settings):
    """Let Redis be away, as when its machine burns."""
    nowhere = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": nowhere}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings.RQ_QUEUES["default"], "URL", nowhere)
        yield


class Door(Client):
    """A browser whose requests end as in life: what waits for the commit is done."""

    def request(self, **request):
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**request)


@pytest.fixture
def client():
    return Door()
