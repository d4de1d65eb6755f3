"""Files of other agencies: other headings, order, separators, encodings, signs, and broken ones."""

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook

from payments.readers import StatementRefused, fingerprint, fingerprints, read_statement

BANK = """Relevé de compte;;;;
N° de compte : SN012 01234 000123456;;;;
Période : 01/10/2026 - 31/10/2026;;;;

Date opé.;Description de l'opération;Montant débit (FCFA);Montant crédit (FCFA);Solde progressif
;Solde précédent;;;1.000.000,00
02/10/2026;VIREMENT DE AWA DIOP BAIL-2026-0001;;250.000,00;1.250.000,00
02/10/2026;FRAIS TENUE DE COMPTE;5.000,00;;1.245.000,00
03/10/2026;VIREMENT DE MODOU SY;;100.000,00;1.345.000,00
;LOYER DU MOIS D'OCTOBRE;;;
05/10/2026;VIREMENT DE MODOU SY;;100.000,00;1.445.000,00
Total des mouvements;;5.000,00;450.000,00;
;Solde final;;;1.445.000,00
"""


def refused(content, **options) -> StatementRefused:
    content = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(StatementRefused) as told:
        read_statement("x", content, **options)
    assert told.value.sentence
    return told.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_bank_s_own_table_is_understood(encoding, delimiter):
    read = read_statement("x", BANK.replace(";", delimiter).encode(encoding))

    assert (read.problem, read.currency, read.account_number) == (
        None,
        "XOF",
        "SN012 01234 000123456",
    )
    assert [m.amount for m in read.movements] == [250_000, -5_000, 100_000, 100_000]
    assert (read.opening, read.closing) == (1_000_000, 1_445_000)
    assert (read.first_day, read.last_day) == (date(2026, 10, 2), date(2026, 10, 5))
    assert read.movements[0].other_references == ("BAIL-2026-0001",)
    assert read.movements[1].kind == "fee"
    assert read.movements[2].text == "VIREMENT DE MODOU SY LOYER DU MOIS D'OCTOBRE"
    assert read.movements[0].raw["Solde progressif"] == "1.250.000,00"


def test_accents_lost_on_the_way_still_name_the_columns():
    read = read_statement("x", BANK.encode("cp1252").replace(b"\xe9", b"?").replace(b"\xe8", b"?"))
    assert [m.amount for m in read.movements] == [250_000, -5_000, 100_000, 100_000]


def test_newest_first_is_as_good():
    head, rows = BANK.split("1.000.000,00\n")
    lines = [*rows.splitlines()[:3], "05/10/2026;VIREMENT;;100.000,00;1.445.000,00"]
    read = read_statement("x", (head.rsplit("\n", 1)[0] + "\n" + "\n".join(lines[::-1])).encode())
    assert (read.opening, read.closing) == (1_000_000, 1_445_000)


def test_the_first_line_that_breaks_the_balance_is_named():
    told = refused(BANK.replace("1.245.000,00", "1.244.000,00"))
    assert (told.code, told.line) == ("balance_broken", 8)


def test_a_closing_balance_that_does_not_follow_is_refused():
    told = refused(BANK.replace(";Solde final;;;1.445.000,00", ";Solde final;;;1.545.000,00"))
    assert told.code == "balance_broken"


@pytest.mark.parametrize(
    ("was", "is_now", "code", "line"),
    [
        ("250.000,00;1.250", "250.000,50;1.250", "amount_decimal", 7),
        ("250.000,00;1.250", "25O.000,00;1.250", "amount_not_a_number", 7),
        ("03/10/2026", "33/10/2026", "date_impossible", 9),
        ("03/10/2026;VIR", ";VIR", "date_missing", 9),
        (";;100.000,00;1.345", ";;;1.345", "amount_missing", 9),
        (";;100.000,00;1.345", ";100.000,00;100.000,00;1.345", "two_sides", 9),
    ],
)
def test_a_line_that_is_wrong_refuses_the_file(was, is_now, code, line):
    told = refused(BANK.replace(was, is_now))
    assert (told.code, told.line) == (code, line)


def test_a_file_cut_in_the_middle_of_a_line_is_refused():
    told = refused(BANK[: BANK.index("05/10/2026") + 32])
    assert (told.code, told.line) == ("file_cut", 11)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n", "not_a_table"),
        (b"PK\x03\x04 no workbook", "not_a_table"),
        (b"<html><body>Connexion</body></html>", "not_a_statement"),
    ],
)
def test_what_is_no_statement_is_refused(content, code):
    assert refused(content).code == code


def test_unknown_headings_are_asked_for_then_known():
    content = b"Quand;Combien;Quoi;Qui\n05/10/2026;1500;loyer;Awa\n06/10/2026;-200;achat;Bon\n"
    read = read_statement("x", content)
    assert read.problem == "columns"
    assert read.headings == ("Quand", "Combien", "Quoi", "Qui")
    assert read.sample[0] == ["05/10/2026", "1500", "loyer", "Awa"]

    chosen = {"day": "Quand", "amount": "Combien", "text": ["Quoi"], "party": "Qui"}
    read = read_statement("x", content, columns=chosen, currency="XOF")
    assert read.problem is None
    assert [(m.amount, m.text, m.party) for m in read.movements] == [
        (1500, "loyer", "Awa"),
        (-200, "achat", "Bon"),
    ]


def test_a_table_without_headings_is_asked_for_by_numbers():
    content = b"05/10/2026;1500;loyer\n06/10/2026;200;loyer\n"
    read = read_statement("x", content)
    assert (read.problem, read.headings) == ("columns", ("1", "2", "3"))
    read = read_statement("x", content, columns={"day": "1", "amount": "2", "text": "3"})
    assert [m.amount for m in read.movements] == [1500, 200]


MTN = [
    "Id,Date,Status,Type,From,From handler name,To,To handler name,Amount,Fee,Balance,Currency",
    "7001000001,2026-10-05 08:30:44,Successful,Payment,FRI:224664006264/MSISDN,Awa Bah,"
    "FRI:224660000000/MSISDN,AGENCE,50000,500,149500,GNF",
    "7001000002,2026-10-05 09:30:44,Successful,Transfer,FRI:224660000000/MSISDN,AGENCE,"
    "FRI:224664006265/MSISDN,Bon Fils,20000,100,129400,GNF",
    "7001000003,2026-10-05 10:30:44,Pending,Payment,FRI:224664006266/MSISDN,Sia Leno,"
    "FRI:224660000000/MSISDN,AGENCE,70000,0,129400,GNF",
]


@pytest.mark.parametrize("has_headings", [True, False])
def test_mtn_with_and_without_headings(has_headings):
    content = "\n".join(MTN if has_headings else MTN[1:]).encode()
    read = read_statement("x", content)
    assert read.format == "mtn_momo"
    assert read.account_number == "+224660000000"
    assert [(m.amount, m.fee, m.phone, m.party, m.failed) for m in read.movements] == [
        (50_000, 500, "+224664006264", "Awa Bah", False),
        (-20_000, 100, "+224664006265", "Bon Fils", False),
        (70_000, 0, "+224664006266", "Sia Leno", True),
    ]
    assert read.movements[2].kind == "pending"
    assert read.movements[0].happened_at == datetime(2026, 10, 5, 8, 30, 44, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "day", "hour"),
    [
        ("10/25/2026 08:30", date(2026, 10, 25), 8),
        ("25/10/2026 08:30:12", date(2026, 10, 25), 8),
        ("25/10/26 08:30 PM", date(2026, 10, 25), 20),
        ("2026-10-25T08:30:12+02:00", date(2026, 10, 25), 6),
        ("20261025083012", date(2026, 10, 25), 8),
        ("25 oct. 2026", date(2026, 10, 25), None),
        ("25-10-2026", date(2026, 10, 25), None),
        ("46320", date(2026, 10, 25), None),
    ],
)
def test_days_in_every_writing(written, day, hour):
    read = read_statement("x", f"Date;Montant;Libellé\n{written};5000;loyer\n".encode())
    (movement,) = read.movements
    assert movement.day == day
    assert (movement.happened_at and movement.happened_at.hour) == hour


def test_a_state_that_is_not_understood_is_never_taken_for_money():
    content = "Date;Montant;Statut;Réf\n05/10/2026;5000;Bizarre;A100000\n"
    told = refused(content)
    assert (told.code, told.line) == ("status_unknown", 2)


def test_a_workbook_reads_like_a_table():
    book = Workbook()
    sheet = book.active
    sheet.append(["Orange Money - Relevé partenaire"])
    sheet.append(["N°", "Date", "Heure", "Référence", "Statut", "N° de Compte", "Débit", "Crédit"])
    sheet.append(
        [
            1,
            date(2026, 10, 5),
            "10:18:30",
            "MP261005.1018.D01567",
            "Succès",
            627006987,
            None,
            1500000,
        ]
    )
    sheet.append(
        [
            2,
            date(2026, 10, 6),
            "11:00:00",
            "MP261006.1100.D01568",
            "Echec",
            627006988,
            None,
            2000000,
        ]
    )
    file = io.BytesIO()
    book.save(file)
    read = read_statement("x", file.getvalue())
    assert read.format == "orange_money"
    assert [(m.amount, m.phone, m.failed) for m in read.movements] == [
        (1_500_000, "+224627006987", False),
        (2_000_000, "+224627006988", True),
    ]


def test_twins_without_a_number_are_told_apart_and_exports_that_overlap_are_not():
    head = "Date;Libellé;Crédit\n"
    rows = [f"{day:02d}/10/2026;VERSEMENT AWA;5000\n" * 2 for day in range(1, 6)]
    first = read_statement("x", (head + "".join(rows[:3])).encode()).movements
    second = read_statement("y", (head + "".join(rows[1:])).encode()).movements
    marks = [list(fingerprints(movements)) for movements in (first, second)]
    assert [len(set(found)) for found in marks] == [6, 8]
    assert len(set(marks[0]) & set(marks[1])) == 4


def test_one_number_for_a_payment_and_its_fee_are_two_movements():
    content = "Date;Référence;Débit;Crédit\n05/10/2026;A1000001;;5000\n05/10/2026;A1000001;50;\n"
    credit, fee = read_statement("x", content.encode()).movements
    assert fingerprint(credit) == "A1000001"
    assert fingerprint(fee) != "A1000001"
    assert "A1000001" in fee.other_references


def test_what_failed_may_succeed_later_under_the_same_number():
    head = "Date;Référence;Statut;Montant\n"
    marks = {
        fingerprint(
            read_statement("x", f"{head}05/10/2026;A1000001;{state};50\n".encode()).movements[0]
        )
        for state in ("En attente", "Succès")
    }
    assert len(marks) == 2


def test_times_in_a_table_are_not_taken_for_fields_of_swift():
    content = "Date;Montant\n2026-10-05 07:20:01;50\n2026-10-05 08:25:01;60\n2026-10-05 09:61;1\n"
    assert refused(content).code == "date_impossible"
    read = read_statement("x", content.replace("09:61", "09:51").encode())
    assert [m.amount for m in read.movements] == [50, 60, 1]
