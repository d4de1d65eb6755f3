"""Telephones that work without network: what they did comes in, what they need goes out."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.devices import meet
from accounts.models import Device
from agents.api.operations import OPERATIONS
from agents.api.sync_serializers import (
    KINDS,
    DeviceAnswer,
    DeviceRequest,
    OperationRequest,
    PullAnswer,
    PullQuery,
    PushAnswer,
    PushRequest,
    answer_of,
)
from agents.metrics.assigned import carried_by
from agents.models import Operation
from agents.services.editing import FieldsConflict, state_of
from agents.services.syncing import Clock, do_once, hand_out
from akig.lib.errors import BusinessError
from akig.lib.fields import InstantField
from akig.lib.problems import answer_problem
from sites_app.narrowing import BranchView
from tenants.models import Tenant

Status = Operation.Status
#: What one operation may be refused for without touching the others.
REFUSALS = (BusinessError, APIException, Http404)


class SyncView(BranchView):
    rights = dict.fromkeys(("GET", "POST"), "mission.view_own")
    queryset = Tenant.objects.order_by("pk")
    pagination_class = None

    def device(self, uuid: UUID) -> Device:
        return meet(self.request.user, uuid, self.request.headers.get("User-Agent", ""))


class DeviceView(SyncView):
    serializer_class = DeviceAnswer

    @extend_schema(operation_id="sync_device", request=DeviceRequest, responses=DeviceAnswer)
    def post(self, request: Request) -> Response:
        """Register a telephone, and give it the key under which it keeps what it has not sent."""
        asked = DeviceRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        device = self.device(asked.validated_data["device"])
        return Response(DeviceAnswer(device).data)


class Push(SyncView):
    serializer_class = PushAnswer

    @extend_schema(operation_id="sync_push", request=PushRequest, responses=PushAnswer)
    def post(self, request: Request) -> Response:
        """Do what a telephone did without network, each operation once and for itself."""
        asked = PushRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        device = self.device(said["device"])
        clock = Clock(said["sent_at"], timezone.now())
        context = self.get_serializer_context()
        # One reader for all of a kind: to make its fields takes longer than to fill them.
        self.envelope = OperationRequest()
        self.readers = {named: kind(context=context) for named, kind in OPERATIONS.items()}
        results = [self.result(device, clock, told) for told in said["operations"]]
        return Response({"results": results})

    def result(self, device: Device, clock: Clock, told: Any) -> dict:
        """Return what is answered to one operation, ``told`` as it was sent."""
        try:
            said = self.envelope.run_validation(told)
            operation, is_new = do_once(
                device,
                {**told, "client_id": str(said["client_id"])},
                said["made_at"],
                lambda: self.perform(said, clock),
            )
            answer = operation.answer
            if operation.status == Status.CONFLICT:
                answer = {"id": said["id"], "conflict": self.both_states(said, **answer)}
        except REFUSALS as refusal:
            known = told.get("client_id") if isinstance(told, dict) else None
            return answer_of(known, Status.REJECTED, problem=self.problem(refusal))
        again = not is_new and operation.status == Status.APPLIED
        status = "duplicate" if again else operation.status
        return answer_of(str(operation.pk), status, **answer)

    def both_states(self, said: dict, fields: list[str]) -> dict:
        """Return what stands now and what was asked for; neither is kept with the answer."""
        reader = self.readers[said["kind"], said["entity"]]
        row = reader.target(said)
        mine = {name: value for name, value in said["data"].items() if name in reader.fields}
        server = {
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in state_of(row, mine).items()
        }
        return {"server": {**server, "version": row.version}, "mine": mine, "fields": fields}

    def perform(self, said: dict, clock: Clock) -> tuple[str, dict]:
        """Do an operation; return what came of it and its answer. It raises no refusal."""
        at = clock.judge(said["made_at"])
        try:
            reader = self.readers.get((said["kind"], said["entity"]))
            if reader is None:
                raise ValidationError({"kind": [_("This is not done to it.")]})
            data = reader.run_validation(said["data"])
            done = reader.perform(said, data, at)
        except FieldsConflict as conflict:
            return Status.CONFLICT, {"fields": conflict.clashing}
        except REFUSALS as refusal:
            return Status.REJECTED, {"problem": self.problem(refusal)}
        return Status.APPLIED, {**done, "done_at": InstantField().to_representation(at)}

    def problem(self, refusal: Exception) -> dict:
        return answer_problem(refusal, {"request": self.request}).data


@method_decorator(gzip_page, name="dispatch")
class Pull(SyncView):
    serializer_class = PullAnswer

    @extend_schema(operation_id="sync_pull", parameters=[PullQuery], responses=PullAnswer)
    def get(self, request: Request) -> Response:
        """Tell what is different from what the telephone holds: whom to visit and what is open.

        ``cursor`` is that of the last answer; without one everything comes. With ``has_more`` ask
        again at once. What is deleted is no longer assigned, or gone.
        """
        asked = PullQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        device = said["device"] and self.device(said["device"])
        rows = {
            name: {str(row["id"]): row for row in KINDS[name](found, many=True).data}
            for name, found in carried_by(request.user).items()
        }
        return Response(hand_out(request.user, device, rows, said["cursor"]))
