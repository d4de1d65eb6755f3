"""How old the debts of cases are."""

from collections import defaultdict
from collections.abc import Iterable

from payments.metrics import ageing
from payments.metrics.debts import Ages
from recovery.models import Case


def ages_of(cases: Iterable[Case]) -> dict[int, Ages]:
    """Return the ageing of each case (by its id), as the page of arrears has it.

    ``cases`` were fetched ``with_leases``.
    """
    cases = list(cases)
    owners = {(case.site_id, case.tenant_id): case.pk for case in cases}
    leases = [lease for case in cases for lease in case.lease_ids]
    sums: dict[int, list[int]] = defaultdict(lambda: [0] * len(Ages().amounts()))
    found = ageing({case.site for case in cases}, leases=leases)
    for row in found.rows:
        key = owners.get((row.site, row.tenant))
        if key is not None:
            sums[key] = [
                before + more for before, more in zip(sums[key], row.amounts(), strict=True)
            ]
    return {case.pk: Ages(*sums[case.pk]) for case in cases}
