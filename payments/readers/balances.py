"""The running balance of a statement: each line's balance follows from the one before it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from akig.lib.money import format_amount
from payments.readers.movements import Movement, StatementRead, StatementRefused

#: Lines of one day may stand in another order than the bank booked them, within so many.
NEAR = 40


def check(read: StatementRead) -> None:
    """Refuse a statement whose balances do not follow from each other, naming the first line.

    Without a column of balances, opening and closing are compared with the sum. Where opening or
    closing are not told, they are filled in. A column that hardly ever follows is no running
    balance, and says nothing. Raises StatementRefused ``balance_broken``.
    """
    moved = _moved(read.movements)
    if not moved:
        return
    if not any(movement.balance is not None for movement in moved):
        if read.opening is not None and read.closing is not None:
            _check_sum(read, moved)
        return
    best = min(
        (
            _breaks(order, with_fee, read.opening)
            for order in (moved, moved[::-1])
            for with_fee in (True, False)
        ),
        key=lambda found: found[0],
    )
    breaks, steps, first, (opening, closing) = best
    if first is not None and (steps < 4 or breaks * 2 <= steps):
        movement, expected = first
        raise _broken(movement.line, expected, movement.balance, read.currency)
    if first is not None:
        return
    if read.closing is not None and read.closing != closing:
        raise _broken(moved[-1].line, closing, read.closing, read.currency)
    read.opening = opening if read.opening is None else read.opening
    read.closing = closing


def _moved(movements: Sequence[Movement]) -> list[Movement]:
    """Leave out what moved nothing: failures, and the same line again."""
    kept, seen = [], set()
    for movement in movements:
        if movement.failed:
            continue
        if movement.reference:
            mark = (movement.reference, movement.amount)
            if mark in seen:
                continue
            seen.add(mark)
        kept.append(movement)
    return kept


def _breaks(order: Sequence[Movement], with_fee: bool, opening: int | None):
    """Return breaks, steps, the first break with what was expected, and opening and closing."""
    rest = list(order)
    at = breaks = steps = 0
    first = None
    balance = opening
    began = None
    while at < len(rest):
        movement = rest[at]
        net = movement.amount - movement.fee if with_fee else movement.amount
        if movement.balance is None:
            balance = None if balance is None else balance + net
        elif balance is None:
            began = movement.balance - sum(
                each.amount - each.fee if with_fee else each.amount for each in rest[: at + 1]
            )
            balance = movement.balance
        else:
            steps += 1
            if balance + net != movement.balance:
                if breaks < NEAR and (nearer := _follower(rest, at, balance, with_fee)) is not None:
                    rest.insert(at, rest.pop(nearer))
                    steps -= 1
                    continue
                breaks += 1
                first = first or (movement, balance + net)
            balance = movement.balance
        at += 1
    return breaks, steps, first, (began if opening is None else opening, balance)


def _follower(rest: Sequence[Movement], at: int, balance: int, with_fee: bool) -> int | None:
    """Return the place of a line of the same day that does follow here."""
    for place in range(at + 1, min(at + NEAR, len(rest))):
        movement = rest[place]
        if movement.day != rest[at].day:
            return None
        net = movement.amount - movement.fee if with_fee else movement.amount
        if movement.balance is not None and balance + net == movement.balance:
            return place
    return None


def _check_sum(read: StatementRead, moved: Sequence[Movement]) -> None:
    net = sum(movement.amount - movement.fee for movement in moved)
    gross = sum(movement.amount for movement in moved)
    if read.closing - read.opening not in (net, gross):
        raise _broken(moved[-1].line, read.opening + net, read.closing, read.currency)


def _broken(line: int, expected: int, told: int | None, currency: str) -> StatementRefused:
    shown = [format_amount(value or 0, currency or None) for value in (expected, told)]
    return StatementRefused(
        line,
        "balance_broken",
        _("The balance should be %(expected)s here, the file says %(told)s.")
        % {"expected": shown[0], "told": shown[1]},
    )
