"""Files as offices send them: found out, not asked."""

import io
import zipfile

import openpyxl
import pytest

from akig.lib import headings, tables
from akig.lib.tables import NotATable
from sites_app.imports.kinds import KINDS

OWNERS = [["Mandant", "Tél.", "Courriel"], ["Aïssata Keïta", "622 11 00 01", "a@example.org"]]


def one(content: bytes, name="x.csv"):
    (table,) = tables.read(name, content, KINDS)
    return table


def csv(rows, separator=";", end="\n") -> str:
    return end.join(separator.join(row) for row in rows) + end


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "cp850", "utf-16", "utf-16-le"]
)
def test_dialects(separator, end, encoding):
    table = one(csv(OWNERS, separator, end).encode(encoding))
    assert table.match.kind.name == "owners"
    assert table.rows[0].cells[0] == "Aïssata Keïta"
    assert table.rows[0].line == 2


def test_lines_are_physical():
    content = 'Titre;;\n\nMandant;Tél.;Remarque\nA B;1;"deux\nlignes"\nC D;2;\n'
    table = one(content.encode())
    assert (table.header_line, [row.line for row in table.rows]) == (3, [4, 6])
    assert table.rows[0].cells[2] == "deux\nlignes"


def test_a_quotation_mark_left_open_swallows_nothing():
    content = "Mandant;Tél.\n" + '"A B;1\n' + "".join(f"P {n};{n}\n" for n in range(100))
    assert len(one(content.encode()).rows) == 101


def test_excels_own_word_on_the_separator():
    assert one(b"sep=|\nMandant|Phone\nA B|1\n").rows[0].line == 3


@pytest.mark.parametrize(
    "line",
    [
        ";;",
        "TOTAL;;5",
        ";Total : 60 personnes;",
        "Sous-total;;1 500 000 GNF",
        "Agence de Kindia;;",
        ";;4 500 000",
        "Mandant;Tél.;Remarque",
        "--;--;--",
    ],
)
def test_lines_that_are_no_record(line):
    content = f"Mandant;Tél.;Remarque\nA B;1;x\n{line}\nC D;2;y\n".replace("Mandant;", "N°;", 0)
    if line == "Agence de Kindia;;":
        content = f"Réf mandant;Mandant;Tél.\nM1;A B;1\n{line}\nM2;C D;2\n"
    table = one(content.encode())
    assert [row.line for row in table.rows] == [2, 4]
    assert 3 in table.skipped


def test_somebody_called_total_is_a_record():
    content = "Code;Mandant;Tél.;Remarque\nM1;Total Guinée SA;622110001;station\n"
    assert len(one(content.encode()).rows) == 1


def test_broken_accents_are_mended_and_said():
    row = one("Mandant;Remarque\nAwa Sow;KipÃ© centre\n".encode()).rows[0]
    assert (row.cells[1], row.mended) == ("Kipé centre", (1,))


def workbook(*sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_of_a_workbook_the_sheets_that_are_tables():
    content = workbook(
        ("Feuil1", [["à vérifier"]]),
        ("Mandants", OWNERS),
        ("Locaux", [["Immeuble", "Local"], ["R1", 4]]),
    )
    found = tables.read("x.xlsx", content, KINDS)
    assert [(table.sheet, table.match.kind.name) for table in found] == [
        ("Mandants", "owners"),
        ("Locaux", "units"),
    ]


def test_percentages_of_a_workbook_are_per_cents():
    book = openpyxl.Workbook()
    book.active.append(["Mandant", "Commission"])
    book.active.append(["Awa Sow", 0.075])
    book.active["B2"].number_format = "0.0%"
    written = io.BytesIO()
    book.save(written)
    assert one(written.getvalue(), "x.xlsx").rows[0].cells[1] == "7.5%"


def bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 1000)
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (tables.MAX_UNZIPPED + 1))
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n;;\n", "empty_file"),
        (b"%PDF-1.4", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (b"\xd0\xcf\x11\xe0old excel", "not_a_table"),
        (b"<html><table></table></html>", "not_a_table"),
        (b"PK\x03\x04garbage", "not_a_table"),
        (b"\x00\xff\x10" * 500, "not_a_table"),
        (b"Bonjour", "no_headings"),
    ],
)
def test_what_is_no_table(content, code):
    with pytest.raises(NotATable) as refusal:
        tables.read("x", content, KINDS)
    assert refusal.value.code == code


def test_a_workbook_that_would_fill_the_memory(monkeypatch):
    monkeypatch.setattr(tables, "MAX_UNZIPPED", 100_000)
    with pytest.raises(NotATable) as refusal:
        tables.read("x.xlsx", bomb(), KINDS)
    assert refusal.value.code == "file_too_large"


def test_a_file_too_large():
    with pytest.raises(NotATable) as refusal:
        tables.read("x.csv", b"Mandant;Phone\nA B;1\n", KINDS, max_bytes=10)
    assert (refusal.value.code, refusal.value.status) == ("file_too_large", 413)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Mandant;N° mandant;Phone;Note", "owners"),
        ("Landlord ID;Landlord name;Phone number;Commission rate", "owners"),
        ("Proprietare;Contact;Adresse", "owners"),
        ("Immeuble;Réf;Bailleur;Succursale;Quartier", "properties"),
        ("Site;Bailleur;Succursale;Quartier", "properties"),
        ("Site;N° local;Pièces", "units"),
        ("Compound;Unit;Rent;Branch", "units"),
        ("Matricule;Preneur;Tél.;Courriel;Succursale;Remarque", "tenants"),
        ("Réf bail;Preneur;Tél.;Immeuble;Local;Date d'entrée;Date de sortie;Loyer", "leases"),
        ("Contrat;Matricule;Local;Début;Loyer", "leases"),
        ("Lease ref;Tenant code;Property code;Unit;Start date;Monthly rent", "leases"),
        ("N° bail;Reste dû;Au", "balances"),
        ("Lease;Outstanding as of 31/10/2025;Note", "balances"),
        ("Réf bail;Nom locataire;Arrêté au;Reste dû", "balances"),
        ("Contrat;Preneur;MONTANT DU;Date", "balances"),
        ("Lease;Balance due", "balances"),
        ("Bail;Payé le;Encaissement;Moyen de paiement;N° reçu;Tél", "payments"),
        ("tenant_name,owner_name,site_name,paid_at,amount,mode", "payments"),
        ("Date valeur;Bail;Montant reçu;Mode;N° transaction", "payments"),
        ("Date versement;Locataire;Immeuble;Versement;Moyen;ID transaction", "payments"),
        ("Date;Tenant;Phone;Owner;Site;Lease;Amount;Mode;Channel;Transaction", "payments"),
    ],
)
def test_the_headings_say_which_file_it_is(line, kind):
    cells = line.split(";" if ";" in line else ",")
    found = headings.recognise(cells, KINDS)
    assert [match.kind.name for match in found] == [kind]
    assert not found[0].unknown


def test_a_list_of_people_is_not_guessed():
    found = headings.recognise(["Nom", "Téléphone"], KINDS)
    assert {match.kind.name for match in found} == {"owners", "tenants"}
    hinted = headings.recognise(["Nom", "Téléphone"], KINDS, ["Liste des propriétaires"])
    assert [match.kind.name for match in hinted] == ["owners"]


def test_two_columns_of_one_meaning_are_asked_for():
    (match,) = headings.recognise(["Date", "Contrat", "Montant", "Montant payé"], KINDS)
    assert (match.kind.name, set(match.ambiguous)) == ("payments", {"amount"})
    assert match.missing == [("amount",)]


def test_a_reference_that_may_be_lease_or_transaction_is_asked_for():
    (match,) = headings.recognise(["Date", "Référence", "Locataire", "Montant"], KINDS)
    assert set(match.ambiguous) == {"lease", "external_ref"}
