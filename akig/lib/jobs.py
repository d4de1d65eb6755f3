"""The doorbell and the trades: waking a worker, and who performs which kind of job.

Facts wait in rows; Redis only rings. A bell that is not heard costs time (the schedule looks at
the rows every minute), never a fact.
"""

import logging
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import django_rq
from django.apps import apps
from django.db import transaction
from django.utils.module_loading import module_has_submodule
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_tasks: dict[str, Callable[[Any], None]] = {}


class UnknownTask(LookupError):
    """No function performs jobs of this kind."""


def ring(dotted_name: str, *args: Any) -> None:
    """Let a worker call the function ``dotted_name`` with ``args`` once the transaction is saved.

    Robust: when Redis is away the act stands and the page answers; a line in the log tells.
    """
    call = partial(_enqueue, dotted_name, *args)
    call.__qualname__ = f"ring {dotted_name}"  # Django names a robust hook that failed by it
    transaction.on_commit(call, robust=True)


def _enqueue(dotted_name: str, *args: Any) -> None:
    try:
        django_rq.get_queue("default").enqueue(dotted_name, *args)
    except (RedisError, OSError) as error:
        logger.warning("The bell for %s%r was not heard: %s", dotted_name, args, error)


def task(kind: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Register ``function(job)`` in an app's ``tasks.py`` as what performs jobs of ``kind``.

    ``kind`` is the app and a verb: ``@task("payments.charge_rent")``. The function takes a
    ``notifications.models.Job`` and must be safe to run twice.
    """

    def register(function: Callable[[Any], None]) -> Callable[[Any], None]:
        _tasks[kind] = function
        return function

    return register


def find(kind: str) -> Callable[[Any], None]:
    """Return the function that performs jobs of ``kind``. Raises UnknownTask.

    Only the ``tasks`` module of an installed app is ever imported, whatever a row says.
    """
    if kind not in _tasks:
        load(kind.partition(".")[0])
    try:
        return _tasks[kind]
    except KeyError:
        raise UnknownTask(kind) from None


def load(label: str) -> None:
    """Import the ``tasks`` of the installed app ``label``, when it has some."""
    app = apps.app_configs.get(label)
    if app is not None and module_has_submodule(app.module, "tasks"):
        import_module(f"{app.name}.tasks")
