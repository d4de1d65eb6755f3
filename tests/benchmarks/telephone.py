"""What a telephone sends after days without network: operations made up, each with its own key."""

import datetime
import secrets
import uuid
from collections.abc import Iterator
from itertools import cycle, islice

from django.utils import timezone

from payments.services.receipts import new_code
from tenants.models import Lease


def push(operations: list[dict]) -> dict:
    """Return the body of a push from a telephone of its own."""
    return {"device": str(uuid.uuid4()), "operations": operations}


def mixed(leases: list[Lease], number: int) -> list[dict]:
    """Return what a day brings: of 25 operations 15 visits (5 with cash, 3 promises), 5 notes and
    5 positions."""
    versions = {lease.tenant_id: lease.tenant.version for lease in leases}
    return list(islice(_mixed(cycle(leases), versions), number))


def cash(leases: list[Lease], number: int) -> list[dict]:
    """Return visits, each of which brought cash."""
    return [_cash(lease) for lease in islice(cycle(leases), number)]


def _mixed(leases: Iterator[Lease], versions: dict[int, int]) -> Iterator[dict]:
    day = timezone.localdate() + datetime.timedelta(days=5)
    promise = {"date": day.isoformat(), "amount": 50_000}
    while True:
        for _turn in range(5):
            yield _cash(next(leases))
        for _turn in range(3):
            yield _visit(next(leases), "promise", promise=promise)
        for result in ("absent", "refused", "absent", "absent", "refused", "absent", "absent"):
            yield _visit(next(leases), result)
        for _turn in range(5):
            tenant = next(leases).tenant_id
            noted = {"notes": f"Portail {secrets.token_hex(2)}"}
            yield _operation("tenant", noted, id=tenant, base_version=versions[tenant])
            versions[tenant] += 1
        for _turn in range(5):
            yield _operation("position", {"latitude": 9.53, "longitude": -13.68, "accuracy": 8})


def _cash(lease: Lease) -> dict:
    amount = 100 + secrets.randbelow(900)
    paid = {"lease": lease.pk, "amount": amount, "receipt_code": new_code()}
    return _visit(lease, "payment", payment=paid)


def _visit(lease: Lease, result: str, **more) -> dict:
    where = {"latitude": 9.53, "longitude": -13.68, "accuracy": 8}
    return _operation("visit", {"tenant": lease.tenant_id, "result": result, **where, **more})


def _operation(entity: str, data: dict, **more) -> dict:
    return {
        "client_id": str(uuid.uuid4()),
        "kind": "update" if more else "create",
        "entity": entity,
        "data": data,
        "made_at": timezone.now().isoformat(),
        **more,
    }
