"""Another agency's spreadsheets, small, with other headings, separators, encodings and dirt."""

import io
from datetime import datetime

import openpyxl


def owners() -> bytes:
    """Tab separated, Windows-1252; a title, a repeated person, a broken number, a total."""
    rows = [
        "Fichier des mandants\t\t\t\t\t",
        "N°\tMandant\tN° mandant\tTél.\tCourriel\tTaux (%)\tRemarque",
        "1\tAïssata Keïta\tM01\t622 11 00 01\tAissata@Example.org\t8,5\t",
        "2\tSÉKOU  CAMARA\tM02\t00224 628 11 00 02\t\t10\tvit à Paris",
        "3\tKéïta Aissata\t\t622110001\t\t\tdéjà vue ?",
        "4\t\tM03\t622 11 00 03\t\t10\t",
        "\tTOTAL\t\t\t\t\t",
    ]
    return "\r\n".join(rows).encode("cp1252")


def properties() -> bytes:
    """Comma separated, UTF-8 with BOM; owners by name, a quoted line break, an unknown owner."""
    return (
        "\ufeffSuccursale,Immeuble,Réf,Bailleur,Quartier,Repère\r\n"
        'Conakry,Résidence Bambéto,R1,KEITA AISSATA,Bambéto,"derrière\nla pharmacie"\r\n'
        "Agence de Kindia,Cour Fissa,R2,Sékou Camara,FissÃ©,\r\n"
        "Conakry,Villa Inconnue,R3,Personne Jamais,Kipé,\r\n"
        "Bamako,Villa Loin,R4,Sékou Camara,,\r\n"
    ).encode()


def units() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "À lire"
    book.active.append(["Document interne", None])
    sheet = book.create_sheet("Locaux")
    for row in (
        ["Liste des locaux", None, None, None],
        [],
        ["Immeuble", "N° local", "Type", "Loyer par mois"],
        ["Résidence Bambéto", 1, "Appartement", 2_000_000],
        ["Résidence Bambéto", "2", "Boutique", "1.500.000 FG"],
        ["Résidence Bambéto", 2.0, "Boutique", 1_500_000],
        ["Cour Fissa", "A-1", "Chambre", "=500000*1"],
        ["Cour Fissa", "A-2", "Chambre", "à voir"],
        ["Cour Nulle Part", "A-1", "Chambre", 500_000],
        ["Total", None, None, 4_000_000],
    ):
        sheet.append(row)
    return saved(book)


def tenants() -> bytes:
    """Semicolons, UTF-8 without BOM, headings in another order."""
    rows = [
        "Tél.;Phone 2;Preneur;Matricule;Remarque;Succursale",
        "622 11 10 01;;Fanta Diallo;T-1;;Conakry",
        "+224 622 11 10 02;76 000 11 22;Mamadou Ba;T-2;;GN_CONAKRY",
        "62211100;;Oumar Sow;T-3;numéro à vérifier;Kindia",
        ";;Fanta Diallo;T-4;homonyme;Conakry",
        "622111005;;;T-5;;Conakry",
        "622111006;;Ibrahima Bah;T-6;=1+1;Tombouctou",
    ]
    return "\n".join(rows).encode()


LEASE_HEADINGS = (
    "N° bail|Preneur|Matricule|Immeuble|Local|Début|Fin|Loyer par mois (GNF)|Fréquence"
    "|Dépôt de garantie|État|Note"
)
LEASE_ROWS = (
    "B-3||T-2|Résidence Bambéto|1|01/06/2026||2000000||||",
    "B-1|Fanta Diallo|T-1|Résidence Bambéto|1|||2 000 000 FG|par mois|4.000.000|en cours|",
    "B-2||T-3|Cour Fissa|A1 et A2|1er janvier 2026|31-12-2026|900000|Trimestriel||Préavis|",
    "B-4|Mamadou Ba||Résidence Bambéto|2|||1500000|mensuel||actif|",
    "B-5||T-4|Résidence Bambéto|2|2025-01-01|2025-12-31|1400000|mensuel||Terminé|",
    "B-6||T-9|Résidence Bambéto|2|2024-01-01|2024-12-31|1|mensuel|||",
    "B-7||T-1|Cour Fissa|A-1|2024-01-01||500000|mensuel||Terminé|",
)


def leases() -> bytes:
    """XLSX with real dates and written ones; the overlapping newer lease stands first."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(LEASE_HEADINGS.split("|"))
    for written in LEASE_ROWS:
        row = [cell or None for cell in written.split("|")]
        if row[0] == "B-1":
            row[5] = datetime(2025, 3, 10)  # noqa: DTZ001 - a spreadsheet knows no time zone
        if row[0] == "B-4":
            row[5] = 46023
        sheet.append(row)
    return saved(book)


def balances() -> bytes:
    """The day stands in the title only; amounts in brackets are advances."""
    rows = [
        "Situation des comptes au 31/12/2025||",
        "",
        "Réf bail|Reste dû|Note",
        "B-1|2 500 000|",
        "B-5|(400 000)|trop perçu",
        "B-8|100 000|",
        "B-2|0|",
    ]
    return "\n".join(rows).encode("utf-16")


def payments() -> bytes:
    """Mac line ends, a transaction number or a receipt number, two equal ones without either."""
    rows = [
        "Payé le;Réf bail;Preneur;Tél;Immeuble;Encaissement;Moyen de paiement;N° reçu"
        ";ID transaction;Note",
        "05/01/2026;B-1;Fanta Diallo;;;2 000 000;Comptant;R1;;",
        "05/01/2026;;DIALLO Fanta;622111001;Résidence Bambéto;500 000;OM;;OM.1;",
        "06/01/2026;;Fanta Diallo;;Résidence Bambéto;500 000;OM;;OM.2;qui ?",
        "07/01/2026;B-4;;;;750000;mobile money;;;à préciser",
        "07/01/2026;B-4;;;;100000;liquide;;;",
        "07/01/2026;B-4;;;;100000;liquide;;;",
        "08/01/2026;B-4;;;;100;000;liquide;;;;",
        "09/01/2026;B-1;;;;2 000 000 FCFA;cash;R2;;",
        "10/01/2026;B-4;;;;1 500 000;virement;;OM.1;autre somme",
        "Total;;;;;5 450 000;;;;",
    ]
    return "\r".join(rows).encode()


def saved(book: openpyxl.Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def files() -> list[tuple[str, bytes]]:
    """Every file under a name that says nothing, in an order that helps nobody."""
    return [
        ("g.csv", payments()),
        ("f.csv", balances()),
        ("e.xlsx", leases()),
        ("d.csv", tenants()),
        ("c.xlsx", units()),
        ("b.csv", properties()),
        ("a.txt", owners()),
    ]
