"""An agency that keeps everything in one workbook: headings in two lines, hidden rows, formulas."""

import io
from datetime import datetime

import openpyxl

OWNERS = """
Kaloum Immo – liste des bailleurs
Réf. bailleur|Nom / Raison sociale|Contact|E-mail|Honoraires (%)|Obs.
BL-01|SOW Mamadou Aliou|00224 628 10 10 01|m.sow@example.org|0.1|
BL-02|Héritiers Feu Camara|O628101002||7,5%|contact : le fils
BL-03|Sow  Mamadou-Aliou|628101001|||la même personne ?
BL-04|Société Immo+|+221 77 610 10 04 / 628 10 10 04|||
TOTAL : 4 bailleurs
"""
PROPERTIES = """
Bâtiment||Bailleur||Localisation||Succursale
Code|Désignation|Réf.|Nom|Commune|Quartier|
K1|Immeuble Almamya|BL-01|SOW Mamadou Aliou|Kaloum|Almamya|Conakry
K2|Cour Coronthie||Camara Héritiers Feu|Kaloum|Coronthie|Conakry
K3|Villa Camayenne|BL-09||Dixinn|Camayenne|Conakry
K4|Maison sans maître|||Dixinn|Bellevue|Conakry
"""
UNITS = """
Bât.|N° porte|Niveau|Nature|Nb pièces|Loyer demandé (FG)
K1|101|1er|Appt|3|1 250 000
K1|102|1er|Appt|3|1,250,000 FGN
K1|RDC-A|RDC|Boutique||=1000000+250000
K2|Chambre 1||Chambre|1|FG
K2|Chambre 2||Chambre|1|-
Total|||||=SUM(F2:F6)
"""
TENANTS = """
Matricule|Prénom|Nom|Tél. 1|Tél. 2|Succursale
PR1|Aminata|Sylla|628 20 20 01|664 20 20 01|Conakry
PR2|Ibrahima|BAH|00224628202002||Conakry
PR3|ibrahima|Bâh|628202002||Conakry
PR4||Ets Diallo & Frères|628.20.20.04/664.20.20.04|néant|Conakry
PR5|Kadiatou|Barry|62820200S||Conakry
"""
LEASES = """
Contrats en cours au 31/10/2025
N° contrat|Preneur||Local||Durée||Loyer par mois|Fréquence|État
|Matricule|Nom|Immeuble|N° local|Début|Fin|||
C-1|PR1|Aminata Sylla|Immeuble Almamya|101|@2024-03-01||1250000|Mens.|En cours
C-2|PR2||Immeuble Almamya|102|45413|30/04/26|1 250 000 frs|par mois|Actif
C-3|PR4||K1|RDC-A|2025-01-01||3.000.000|Trim.|
C-4|PR5||K2|Chambre 1|01/01/25||400 000|Sem.|
C-5||Bah Ibrahima|K2|Chambre 1|1/1/25||400 000|mensuel|
C-6|PR5||K2|Chambre 2|13/13/2025||400 000|mensuel|
|||||||=SUM(H4:H9)||
"""
BALANCES = """
Situation des preneurs arrêtée au 31 octobre 2025
N° contrat|Preneur|Arriérés
C-1|Aminata Sylla|1250000
C-2|Bah|-
C-3|Diallo|-3 000 000
TOTAL||=SUM(C3:C5)
"""
PAYMENTS = """
Date|N° contrat|Preneur|Somme versée|Moyen|N° reçu
@2025-11-05|C-1|Aminata Sylla|1250000|Esp.|1001
06/11/25|C-1||1 250 000|O.M.|1002
45967|C-3||1.500.000 FG|chèque n° 123|1003
45967|C-3||1.500.000 FG|chèque n° 123|1003
31/11/2025|C-3||5000|cash|1004
08/11/2025|C-3||2 5OO OOO|cash|1005
09/11/2025|C-3||500000 FCFA|cash|1006
10/11/2025|C-3|||cash|1007
11/11/2025||Ibrahima Bah|100000|cash|1008
Total général|||=SUM(D2:D10)||
"""
SUMMARY = """
Kaloum Immo
Onglets :|Bailleurs, Bâtiments, Locaux, Preneurs, Contrats, Situation, Encaissements
"""
INSURANCE = """
Immeuble|Montant|Observations
K1|5 000 000|assureur à relancer
"""
SHEETS = {
    "Sommaire": SUMMARY,
    "Bailleurs": OWNERS,
    "Bâtiments": PROPERTIES,
    "Locaux": UNITS,
    "Preneurs": TENANTS,
    "Contrats": LEASES,
    "Situation": BALANCES,
    "Encaissements": PAYMENTS,
    "Assurances": INSURANCE,
}


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, text in SHEETS.items():
        sheet = book.create_sheet(title)
        for line in text.strip("\n").splitlines():
            sheet.append([cell_of(written) for written in line.split("|")])
    book["Bâtiments"].merge_cells("A1:B1")
    book["Locaux"].row_dimensions[3].hidden = True
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def cell_of(written: str):
    """Return a number, a day (@…) or a text, as the hands of an office fill cells."""
    if written.startswith("@"):
        return datetime.fromisoformat(written[1:])
    if written.replace(".", "", 1).isdigit() and written.count(".") < 2:
        return float(written) if "." in written else int(written)
    return written or None
