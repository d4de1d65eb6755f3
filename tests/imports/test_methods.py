"""How money came, as files of payments say it or leave it open."""

import time_machine

from payments.models import Payment
from sites_app.models import ImportRow
from sites_app.services.importing import import_files
from tests.imports import agency

HEADINGS = "Date;Contrat;Montant;Mode;Canal;Commentaire\n"


def bring_in(cast, written):
    with time_machine.travel("2026-02-01 10:00+00:00"):
        import_files(actor=cast.awa, files=agency.files()[2:])
        _run, report = import_files(actor=cast.awa, files=[("p.csv", written.encode())])
    (file,) = report.files
    remarks = [(row.line, row.reason) for row in file.of(ImportRow.Outcome.REPORTED)]
    told = Payment.objects.confirmed().order_by("amount").values_list("amount", "method", "notes")
    return remarks, list(told)


def test_what_nobody_can_read_is_other_and_never_cash(cast, db):
    rows = [
        "05/01/2026;B-1;100001;comptant;;",
        "05/01/2026;B-1;100002;;;reste de janvier",
        "05/01/2026;B-1;100003;mobile money;Mobile;à préciser",
        "05/01/2026;B-1;100004;Mobile money;OM:224;",
        "05/01/2026;B-1;100005;;Wave;",
        "05/01/2026;B-1;100006;cash ou OM;;",
    ]
    remarks, payments = bring_in(cast, HEADINGS + "\n".join(rows))
    assert remarks == [
        (3, "method_missing"),
        (4, "method_unknown"),
        (5, "method_from_channel"),
        (6, "method_from_channel"),
        (7, "method_unknown"),
    ]
    assert payments == [
        (100_001, "cash", ""),
        (100_002, "other", "reste de janvier"),
        (100_003, "other", "mobile money · à préciser"),
        (100_004, "orange_money", "Mobile money"),
        (100_005, "wave", ""),
        (100_006, "other", "cash ou OM"),
    ]


def test_a_file_that_never_says_it_is_told_so_once(cast, db):
    rows = ["05/01/2026;B-1;100001", "06/01/2026;B-1;100002", "07/01/2026;B-4;100003"]
    remarks, payments = bring_in(cast, "Date;Contrat;Montant\n" + "\n".join(rows))
    assert remarks == [(2, "methods_missing")]
    assert {method for _amount, method, _notes in payments} == {"other"}
