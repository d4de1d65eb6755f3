"""``@verb``: what every act promises, so that no author has to remember it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

import pghistory
from django.conf import settings
from django.db import transaction
from django.db.models import Func, Q, Value
from django.utils.translation import gettext as _
from pghistory.models import Context

from akig.lib.errors import NotAllowed

_acting: ContextVar[dict | None] = ContextVar("acting", default=None)

#: Every act of the system by name: the record of acts and the tests read it.
VERBS: dict[str, str] = {}


def verb(permission: str):
    """Make a service function an act: one transaction, the right to act, history left behind.

    The right ``permission`` is asked of the ``actor`` of the outermost act only: inner acts are
    consequences that nobody chose. Raises ``NotAllowed`` before anything is read or written.
    """

    def decorate(function):
        name = name_of(function)
        VERBS[name] = permission

        @wraps(function)
        def act(*, actor, **arguments):
            if _acting.get() is not None:
                with transaction.atomic():
                    return function(actor=actor, **arguments)
            if not actor.may(permission):
                raise NotAllowed(_("Your role does not allow this."))
            state = {"name": name, "changed": True}
            token = _acting.set(state)
            try:
                with (
                    transaction.atomic(),
                    saying(verb=name, user=actor.pk, role=actor.role) as context,
                ):
                    result = function(actor=actor, **arguments)
                    if settings.VERBS_PROVE_HISTORY and state["changed"]:
                        _prove(name, context)
                    return result
            finally:
                _acting.reset(token)

        act.permission = permission
        return act

    return decorate


@contextmanager
def saying(**details) -> Iterator:
    """Say ``details`` of all that is written inside the block, and of nothing after it."""
    with pghistory.context() as context:
        before = dict(context.metadata)
        context.metadata.update(details)
        try:
            yield context
        finally:
            context.metadata.clear()
            context.metadata.update(before)


def name_of(function) -> str:
    """Return the name of an act: its app and its function."""
    return f"{function.__module__.split('.')[0]}.{function.__name__}"


def chosen() -> str:
    """Return the name of the act that somebody chose, of which all that is running follows."""
    state = _acting.get()
    return state["name"] if state is not None else ""


def unchanged(result):
    """Return ``result``, telling that the running act found its work already done."""
    state = _acting.get()
    if state is not None:
        state["changed"] = False
    return result


def _prove(name, context):
    its_own = Func(Value(context.id), Value(name), function="akig_context_of")
    if not Context.objects.filter(Q(pk=context.id) | Q(pk=its_own), metadata__verb=name).exists():
        raise AssertionError(f"{name} changed nothing that keeps a history")
