"""Cells as offices write them: read right, or refused with the right word."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from akig.lib import parsing
from akig.lib.parsing import CellError


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (datetime(2017, 8, 1), date(2017, 8, 1)),  # noqa: DTZ001 - spreadsheets know no time zone
        (date(2017, 8, 1), date(2017, 8, 1)),
        ("31/12/2025", date(2025, 12, 31)),
        ("31-12-2025", date(2025, 12, 31)),
        ("31.12.2025", date(2025, 12, 31)),
        ("1/2/25", date(2025, 2, 1)),
        ("05/10/2026", date(2026, 10, 5)),
        (" 05 / 10 / 2026 ", date(2026, 10, 5)),
        ("2025-12-31", date(2025, 12, 31)),
        ("2025/12/31", date(2025, 12, 31)),
        ("2025-12-31 00:00:00", date(2025, 12, 31)),
        ("2025-12-31T14:30:00Z", date(2025, 12, 31)),
        ("31/12/2025 14:30", date(2025, 12, 31)),
        ("20251231", date(2025, 12, 31)),
        (20251231, date(2025, 12, 31)),
        ("5 oct. 2026", date(2026, 10, 5)),
        ("5-oct.-2026", date(2026, 10, 5)),
        ("1er janvier 2026", date(2026, 1, 1)),
        ("lundi 5 octobre 2026", date(2026, 10, 5)),
        ("mardi 3 mars 2026", date(2026, 3, 3)),
        ("5-Oct-26", date(2026, 10, 5)),
        ("October 5, 2026", date(2026, 10, 5)),
        ("15 août 2026", date(2026, 8, 15)),
        (46300, date(2026, 10, 5)),
        (46300.75, date(2026, 10, 5)),
        ("46300", date(2026, 10, 5)),
    ],
)
def test_reads_a_date(written, read):
    assert parsing.a_date(written) == read


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (None, "date_missing"),
        ("", "date_missing"),
        (" - ", "date_missing"),
        ("31/02/2026", "date_impossible"),
        ("00/00/0000", "date_impossible"),
        ("12/25/2025", "date_impossible"),
        ("31/11/2025", "date_impossible"),
        ("hier", "date_impossible"),
        ("2025", "date_impossible"),
        ("10/2025", "date_impossible"),
        (7, "date_impossible"),
        (True, "date_impossible"),
        ("12/03/2062", "date_future"),
        ("05/10/2206", "date_future"),
        ("01/11/2026", "date_future"),
    ],
)
def test_refuses_what_is_no_date(written, code):
    with pytest.raises(CellError) as refusal:
        parsing.a_date(written, not_after=date(2026, 10, 31))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("written", "region", "numbers"),
    [
        ("+224 622 00 12 34", "", ["+224622001234"]),
        ("00224622001234", "", ["+224622001234"]),
        ("224622001234", "SN", ["+224622001234"]),
        ("622 00 12 34", "GN", ["+224622001234"]),
        ("622-00-12-34", "GN", ["+224622001234"]),
        ("622.00.12.34", "GN", ["+224622001234"]),
        ("622/00/12/34", "GN", ["+224622001234"]),
        ("622\u00a000\u202f12\u00a034", "GN", ["+224622001234"]),
        (622001234, "GN", ["+224622001234"]),
        (622001234.0, "GN", ["+224622001234"]),
        ("622001234.0", "GN", ["+224622001234"]),
        ("611 00 22 37", "GN", ["+224611002237"]),
        ("70-000-61-94", "SN", ["+221700006194"]),
        ("76 000 67 20", "GN", ["+221760006720"]),
        ("622 00 12 34", "SN", ["+224622001234"]),
        ("+223 70 00 45 26", "GN", ["+22370004526"]),
        ("+22379002864", "GN", ["+22379002864"]),
        ("22379002864", "GN", ["+22379002864"]),
        ("79 00 28 64", "ML", ["+22379002864"]),
        ("(+224) 622 00 12 34", "GN", ["+224622001234"]),
        ("Tél. : 622 00 12 34", "GN", ["+224622001234"]),
        ("622 00 12 34 (mari)", "GN", ["+224622001234"]),
        ("622-00-12-34 ou 628.00.56.78", "GN", ["+224622001234", "+224628005678"]),
        ("622 00 12 34 / 628 00 56 78", "GN", ["+224622001234", "+224628005678"]),
        ("622-00-12-34; 628 00 56 78", "GN", ["+224622001234", "+224628005678"]),
        ("+224 622 00 12 34 - +224 628 00 56 78", "GN", ["+224622001234", "+224628005678"]),
        ("+224622001234 +224628005678", "GN", ["+224622001234", "+224628005678"]),
        ("622001234 628005678", "GN", ["+224622001234", "+224628005678"]),
        ("622 00 12 34\n628 00 56 78", "GN", ["+224622001234", "+224628005678"]),
        ("622 00 12 34 / 622001234", "GN", ["+224622001234"]),
        ("+33 6 12 34 56 78", "GN", ["+33612345678"]),
        ("", "GN", []),
        (None, "GN", []),
        ("-", "GN", []),
    ],
)
def test_reads_telephones(written, region, numbers):
    read = parsing.phones(written, region)
    assert (list(read.numbers), read.problems) == (numbers, ())


@pytest.mark.parametrize(
    ("written", "region", "code"),
    [
        ("62200018", "GN", "phone_8_digits"),
        ("62200018", "", "phone_8_digits"),
        ("622-00-386", "GN", "phone_8_digits"),
        (62200018, "GN", "phone_8_digits"),
        ("622 OO 12 33", "GN", "phone_with_letters"),
        ("demander à Awa", "GN", "phone_with_letters"),
        ("6,22001E+08", "GN", "phone_mangled_by_spreadsheet"),
        ("6.22E+08", "GN", "phone_mangled_by_spreadsheet"),
        ("#########", "GN", "phone_mangled_by_spreadsheet"),
        ("12345", "GN", "phone_invalid"),
        ("+224 222 00 12 34", "GN", "phone_invalid"),
        ("922001234", "GN", "phone_invalid"),
    ],
)
def test_reports_what_is_no_telephone(written, region, code):
    read = parsing.phones(written, region)
    assert (read.numbers, [problem for problem, _ in read.problems]) == ((), [code])


def test_keeps_the_good_telephone_of_two():
    read = parsing.phones("622 00 12 34 / 62200018", "GN")
    assert read.numbers == ("+224622001234",)
    assert read.problems == (("phone_8_digits", "62200018"),)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Modou  Ba ", "Modou Ba"),
        ("Néné\u00a0Bérété", "Néné Bérété"),
        ("\ufeffAwa Sow", "Awa Sow"),
        ("M'Mah Loua", "M'Mah Loua"),
        (1200, None),
        ("", None),
        ("?", None),
    ],
)
def test_normalises_names(written, kept):
    if kept is None:
        with pytest.raises(CellError, match="name_missing"):
            parsing.name(written)
    else:
        assert parsing.name(written) == kept


def test_folds_what_is_the_same_name():
    assert parsing.fold_name("DIALLO Makalé") == parsing.fold_name("makale  Diallo")
    assert parsing.fold_name("M’Mah Loua") == parsing.fold_name("M'MAH LOUA")
    assert parsing.fold("Dépôt de garantie") == "depot de garantie"
    assert parsing.fold("Sacré-Cœur 3") == "sacre coeur 3"
    assert parsing.fold_name("Amadou Diallo") != parsing.fold_name("Amadou Diallo Bah")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("MENSUEL", "monthly"),
        ("mensuelle", "monthly"),
        ("par mois", "monthly"),
        ("chaque mois", "monthly"),
        ("Monthly", "monthly"),
        ("Trimestriel", "quarterly"),
        ("tous les 3 mois", "quarterly"),
        ("3 mois", "quarterly"),
        ("Quarterly", "quarterly"),
        ("semestrielle", "half_yearly"),
        ("Half-yearly", "half_yearly"),
        ("6 mois", "half_yearly"),
        ("Annuel", "yearly"),
        ("par an", "yearly"),
        ("12 mois", "yearly"),
        (12, "yearly"),
    ],
)
def test_reads_periodicity(written, read):
    assert parsing.periodicity(written) == read


@pytest.mark.parametrize("written", ["hebdomadaire", "2 mois", "quotidien", "mensuel/annuel"])
def test_refuses_an_unknown_periodicity(written):
    with pytest.raises(CellError, match="periodicity_unknown"):
        parsing.periodicity(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ESPECES", "cash"),
        ("Espèces", "cash"),
        ("comptant", "cash"),
        ("Comptant", "cash"),
        ("cash", "cash"),
        ("Paiement en liquide", "cash"),
        ("OM", "orange_money"),
        ("orange money", "orange_money"),
        ("Orange-Money", "orange_money"),
        ("Orange Money marchand", "merchant_code"),
        ("MTN", "mtn_momo"),
        ("MoMo", "mtn_momo"),
        ("mtn momo", "mtn_momo"),
        ("MTN Mobile Money", "mtn_momo"),
        ("WAVE", "wave"),
        ("Virement bancaire", "bank_transfer"),
        ("Virt", "bank_transfer"),
        ("Dépôt banque", "bank_transfer"),
        ("Bank transfer", "bank_transfer"),
        ("chèque", "cheque"),
        ("CHQ BICIGUI", "cheque"),
        ("chèque bancaire", "cheque"),
        ("autre", "other"),
    ],
)
def test_reads_methods(written, read):
    assert parsing.method(written) == read


@pytest.mark.parametrize("written", ["troc", "complément", "orange/mtn", "mobile money"])
def test_does_not_guess_a_method(written):
    with pytest.raises(CellError, match="method_unknown"):
        parsing.method(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("actif", "active"),
        ("En cours", "active"),
        ("résilié", "ended"),
        ("Terminé", "ended"),
        ("préavis", "notice"),
        ("en préavis", "notice"),
        ("à venir", "future"),
        ("", ""),
        (None, ""),
    ],
)
def test_reads_lease_states(written, read):
    assert parsing.lease_state(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10%", Decimal(10)),
        ("10 %", Decimal(10)),
        (10, Decimal(10)),
        ("7,5", Decimal("7.5")),
        ("7,5 %", Decimal("7.5")),
        ("0,5 %", Decimal("0.5")),
        ("", None),
    ],
)
def test_reads_percentages(written, read):
    assert parsing.percent(written) == read


@pytest.mark.parametrize("written", ["dix", "110", "-3", "NaN", 0.1, "0,08"])
def test_refuses_what_is_no_percentage(written):
    with pytest.raises(CellError, match="percent_invalid"):
        parsing.percent(written)


def test_reads_coordinates():
    assert parsing.coordinate("9,543508", "latitude") == Decimal("9.543508")
    assert parsing.coordinate("-13.677619", "longitude") == Decimal("-13.677619")
    assert parsing.coordinate("", "latitude") is None
    with pytest.raises(CellError, match="latitude_impossible"):
        parsing.coordinate("95.605100", "latitude")


@pytest.mark.parametrize(
    "written", ["=cmd|' /C calc'!A0", "=1+1", "@SUM(A1)", "+SUM(A1)", "-cmd|x"]
)
def test_sees_a_formula(written):
    assert parsing.looks_like_formula(written)


@pytest.mark.parametrize(
    "written", ["- à repeindre", "+224 622 00 12 34", "-650 000", "", None, 5, "ok"]
)
def test_sees_no_formula_in_ordinary_cells(written):
    assert not parsing.looks_like_formula(written)


def test_reads_yes_and_no():
    assert parsing.yes_or_no("Oui") is True
    assert parsing.yes_or_no("non") is False
    assert parsing.yes_or_no("") is None
    with pytest.raises(CellError):
        parsing.yes_or_no("peut-être")
