"""What a telephone did without network, done here: each operation once, most of them together."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ValidationError

from accounts.models import Device
from agents.api.operations import OPERATIONS, Asked, Kind
from agents.api.sync_serializers import OperationRequest, answer_of
from agents.models import Operation
from agents.services.editing import FieldsConflict, state_of
from agents.services.syncing import Came, Clock, Outcome, do_once, in_turns
from akig.lib.errors import BusinessError
from akig.lib.fields import InstantField
from akig.lib.problems import answer_problem
from payments.services.once import KeyReused

Status = Operation.Status
#: What one operation may be refused for without touching the others.
REFUSALS = (BusinessError, APIException, Http404)
#: The most operations in one transaction: the office waits for its books meanwhile.
MOST_TOGETHER = 100


class Pushing:
    """The operations of one push, from ``device``, whose time is told by ``clock``.

    ``context`` is that of the view's serializers.
    """

    def __init__(self, device: Device, clock: Clock, context: dict):
        self.device, self.clock, self.context = device, clock, context
        # One reader for all of a kind: to make its fields takes longer than to fill them.
        self.kinds = {named: kind(context=context) for named, kind in OPERATIONS.items()}
        self.frame = OperationRequest()

    def results(self, operations: list) -> list[dict]:
        """Do ``operations`` as they were sent; return what is answered to each."""
        read = [self.read(told) for told in operations]
        asked = [one for one in read if isinstance(one, Asked)]
        self.understand(asked)
        answers = {}
        for turn in in_turns(one.subjects() for one in asked):
            for batch in self.batches([asked[place] for place in turn]):
                answers |= zip(batch, self.done(batch), strict=True)
        return [answers[one] if isinstance(one, Asked) else one for one in read]

    def read(self, told: Any) -> Asked | dict:
        """Return an operation with its frame read, or what is answered if that cannot be."""
        try:
            said = self.frame.run_validation(told)
        except REFUSALS as refusal:
            return self.refused(told.get("client_id") if isinstance(told, dict) else None, refusal)
        sent = {**told, "client_id": str(said["client_id"])}
        kind = self.kinds.get((said["kind"], said["entity"]))
        return Asked(sent, said, self.clock.judge(said["made_at"]), kind)

    def understand(self, asked: list[Asked]) -> None:
        """Read the data of each operation, or keep why it cannot be done."""
        for kind in self.kinds.values():
            kind.foresee([one.said["data"] for one in asked if one.kind is kind])
        for one in asked:
            try:
                if one.kind is None:
                    raise ValidationError({"kind": [_("This is not done to it.")]})
                one.data = one.kind.run_validation(one.said["data"])
            except REFUSALS as refusal:
                one.refusal = refusal

    def batches(self, asked: list[Asked]) -> Iterator[list[Asked]]:
        """Divide what may be done in any order: in one transaction one branch's books are held."""
        by_books = defaultdict(list)
        for one in asked:
            by_books[one.books()].append(one)
        for together in by_books.values():
            for start in range(0, len(together), MOST_TOGETHER):
                yield together[start : start + MOST_TOGETHER]

    def done(self, batch: list[Asked]) -> list[dict]:
        """Do operations in one transaction; return what is answered to each."""
        came = do_once(
            self.device,
            [one.sent for one in batch],
            lambda places: self.outcomes([batch[place] for place in places]),
        )
        return [self.answer(one, what) for one, what in zip(batch, came, strict=True)]

    def outcomes(self, asked: list[Asked]) -> list[Outcome]:
        """Do operations kind by kind; return what came of each."""
        found = {one: self.rejected(one, one.refusal) for one in asked if one.refusal}
        for kind in self.kinds.values():
            same = [one for one in asked if one.kind is kind and not one.refusal]
            # In one order: whoever corrects the same rows now is waited for, and never in a circle.
            same.sort(key=lambda one: one.said["id"] or 0)
            found |= zip(same, self.tried(kind, same), strict=True)
        return [found[one] for one in asked]

    def tried(self, kind: Kind, asked: list[Asked]) -> list[Outcome]:
        """Do operations of a kind together; where one is refused, by halves until it is alone."""
        if not asked:
            return []
        if len(asked) <= kind.most:
            try:
                answers = kind.perform(asked)
                return [self.applied(*one) for one in zip(asked, answers, strict=True)]
            except FieldsConflict as conflict:  # of one: corrections are not done together
                fields = {"fields": conflict.clashing}
                return [Outcome(asked[0].said["made_at"], Status.CONFLICT, fields)]
            except REFUSALS as refusal:
                if len(asked) == 1:
                    return [self.rejected(asked[0], refusal)]
        half = len(asked) // 2
        return self.tried(kind, asked[:half]) + self.tried(kind, asked[half:])

    def applied(self, asked: Asked, answer: dict) -> Outcome:
        told = {**answer, "done_at": InstantField().to_representation(asked.at)}
        return Outcome(asked.said["made_at"], Status.APPLIED, told)

    def rejected(self, asked: Asked, refusal: Exception) -> Outcome:
        told = {"problem": self.problem(refusal)}
        return Outcome(asked.said["made_at"], Status.REJECTED, told)

    def answer(self, asked: Asked, came: Came) -> dict:
        """Return what is answered to an operation of which ``came`` this."""
        key = str(asked.client_id)
        if isinstance(came, KeyReused):
            return self.refused(key, came)
        operation, is_new = came
        told = operation.answer
        if operation.status == Status.CONFLICT:
            try:
                told = {"id": asked.said["id"], "conflict": self.both_states(asked, **told)}
            except REFUSALS as refusal:  # the row is gone since
                return self.refused(key, refusal)
        again = not is_new and operation.status == Status.APPLIED
        return answer_of(key, "duplicate" if again else operation.status, **told)

    def both_states(self, asked: Asked, fields: list[str]) -> dict:
        """Return what stands now and what was asked for; neither is kept with the answer."""
        row = asked.kind.target(asked.said)
        mine = {
            name: value for name, value in asked.said["data"].items() if name in asked.kind.fields
        }
        server = {
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in state_of(row, mine).items()
        }
        return {"server": {**server, "version": row.version}, "mine": mine, "fields": fields}

    def refused(self, client_id: Any, refusal: Exception) -> dict:
        return answer_of(client_id, Status.REJECTED, problem=self.problem(refusal))

    def problem(self, refusal: Exception) -> dict:
        return answer_problem(refusal, {"request": self.context["request"]}).data
