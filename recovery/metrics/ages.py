"""How old the debts of cases are."""

from collections import defaultdict
from collections.abc import Iterable

from payments.metrics import ageing
from payments.metrics.debts import Ages
from recovery.models import Case
from tenants.models import Lease


def ages_of(cases: Iterable[Case]) -> dict[int, Ages]:
    """Return the ageing of each case (by its id), as the page of arrears has it."""
    cases = list(cases)
    owners = {(case.site_id, case.tenant_id): case.pk for case in cases}
    leases = Lease.objects.filter(
        tenant__in={case.tenant_id for case in cases}, site__in={case.site_id for case in cases}
    )
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * len(Ages().amounts()))
    found = ageing({case.site for case in cases}, leases=leases.values_list("pk", flat=True))
    for row in found.rows:
        key = owners.get((row.site, row.tenant))
        if key is not None:
            sums[key] = [
                before + more for before, more in zip(sums[key], row.amounts(), strict=True)
            ]
    return {case.pk: Ages(*sums[case.pk]) for case in cases}
