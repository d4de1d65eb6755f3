"""What the columns of a table of movements are, from their headings or, without any, their cells.

A heading is folded (no accent, capital or punctuation) and freed of little words and currencies;
what is left is looked up. Broken accents count as any letter. The first synonym is the likeliest:
between two columns for one field the better one wins, the other stays what it is.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from akig.lib.parsing import fold

#: Field -> headings, the most telling first.
SYNONYMS = {
    "day": """date operation|date transaction|transaction date|operation date|date heure|date time
        |datetime|timestamp|booking date|date comptable|date comptabilisation|posting date|date op
        |date mouvement|date ecriture|date paiement|date|jour|day|completion time|date creation
        |created at|created on|when created""",
    "value_day": "date valeur|value date|dt valeur|val date",
    "time": "heure|time|hour|heure operation|heure transaction|transaction time",
    "reference": """id transaction|transaction id|txn id|trans id|transactionid|numero transaction
        |n transaction|no transaction|transaction number|reference transaction
        |transaction reference|financial transaction id|reference operation|n operation
        |numero operation|reference|ref|ref operation|receipt no|id|numero piece|n piece|piece
        |code transaction|n ecriture|reference banque|bank reference|reference om""",
    "other": """client reference|external id|externalid|external transaction id|reference client
        |ref client|reference externe|ref externe|end to end id|endtoendid|cheque|n cheque
        |numero cheque|cheque no|check number|your reference|votre reference|reference marchand
        |merchant reference|order id|checkout api session id|reference donneur ordre""",
    "status": "status|statut|etat|state|transaction status|statut transaction|resultat",
    "type": """type operation|type transaction|transaction type|type|nature operation|nature
        |operation|operation type|service|sens libelle""",
    "sign": "sens|d c|dc|debit credit|credit debit|c d|cd|sens operation|dr cr|sign|cdt dbt",
    "amount": """amount|montant|montant operation|montant transaction|transaction amount|somme
        |valeur|value|montant brut|gross amount|mt|montant net|net amount""",
    "debit": """debit|debits|montant debit|mouvement debit|sortie|sorties|withdrawal|withdrawals
        |paid out|money out|debit amount|retrait|retraits|decaissement|depense|depenses|out""",
    "credit": """credit|credits|montant credit|mouvement credit|entree|entrees|deposit|deposits
        |paid in|money in|credit amount|versement|versements|encaissement|recette|recettes|in""",
    "fee": """fee|fees|frais|frais transaction|commission|commissions|transaction fee|charges
        |frais commission|government tax amount|tax amount|tax|taxe|montant frais|fee amount""",
    "balance": """balance|solde|running balance|solde apres|solde apres operation|new balance
        |nouveau solde|balance after|solde progressif|solde courant|available balance
        |solde disponible|solde comptable|account balance|closing balance""",
    "currency": "currency|devise|monnaie|ccy|currency code|code devise",
    "text": """message|motif|libelle|libelle operation|description|details|detail|payment reason
        |narration|narrative|note|notes|objet|commentaire|commentaires|communication|remarks
        |remarque|intitule|designation|payer message|payee note|note payee|information
        |informations complementaires|reason|memo|particulars|purpose|motif paiement|observation
        |observations|custom fields|transaction details|nature libelle""",
    "party": """nom client|client name|counterparty name|nom|client|beneficiaire|donneur ordre|tiers
        |nom tiers|nom payeur|payeur|name|sender|sender name|expediteur|nom expediteur|contrepartie
        |payer|payer name|customer name|customer|emetteur|nom emetteur|remitter|nom prenom
        |nom abonne|abonne""",
    "phone": """n compte|numero compte|counterparty mobile|telephone|tel|msisdn|numero telephone
        |n telephone|numero client|mobile|payer msisdn|numero payeur|sender msisdn|phone
        |phone number|customer msisdn|numero|n client|numero abonne|contact|mobile number|gsm
        |numero expediteur|compte client|n compte client""",
    "from": "from|de|from account|source|depuis|from msisdn|debtor|compte debite",
    "from_name": "from name|from handler name|nom de|source name|nom source|from username",
    "to": "to|a|vers|to account|destination|destinataire|to msisdn|compte credite",
    "to_name": "to name|to handler name|destination name|nom destinataire|to username",
    "reversal": "is reversal|reversal|annulation|extourne|est annulation|reversed",
    "reversal_of": """original transaction id|transaction origine|reference origine|ref origine
        |original reference|reference originale|id transaction origine|original id""",
}
#: Fields that several columns may feed.
MANY = frozenset(("text", "fee", "other"))
#: What people choose among on the page for unknown headings, most important first.
LABELS = {
    "day": _("Day"),
    "amount": _("Amount, money out with a minus sign"),
    "credit": _("Money in"),
    "debit": _("Money out"),
    "reference": _("Provider's number"),
    "text": _("Text"),
    "party": _("Payer's name"),
    "phone": _("Payer's telephone"),
    "fee": _("Fee"),
    "balance": _("Balance after it"),
    "status": _("State"),
    "type": _("Kind"),
    "time": _("Time"),
    "value_day": _("Value date"),
    "other": _("Other reference"),
    "currency": _("Currency"),
    "sign": _("Debit or credit"),
}
LITTLE_WORDS = """
    de du des d la le les l the of en un une au aux gnf xof fcfa cfa f fg eur usd ttc local utc gmt
"""
LITTLE = frozenset(LITTLE_WORDS.split())


def _key(folded: str) -> str:
    return " ".join(word for word in folded.split() if word not in LITTLE) or folded


KNOWN: dict[str, tuple[str, int]] = {}
for _field, _words in SYNONYMS.items():
    for _rank, _word in enumerate(_words.split("|")):
        _told = " ".join(_word.split())
        KNOWN.setdefault(_told, (_field, _rank))
        KNOWN.setdefault(_key(_told), (_field, _rank))

#: A word that settles what a longer heading is, when the whole of it is not known.
TELLING = (
    ("valeur", "value_day"),
    ("date", "day"),
    ("debit", "debit"),
    ("credit", "credit"),
    ("solde", "balance"),
    ("balance", "balance"),
    ("frais", "fee"),
    ("fee", "fee"),
    ("montant", "amount"),
    ("amount", "amount"),
    ("libelle", "text"),
    ("description", "text"),
    ("motif", "text"),
    ("reference", "reference"),
    ("telephone", "phone"),
    ("msisdn", "phone"),
    ("statut", "status"),
    ("status", "status"),
)
NOT_IT = frozenset(
    ("initial", "precedent", "avant", "before", "opening", "previous", "anterieur", "compte")
)
FAR = 50

BROKEN = re.compile("[\ufffd?]+")


@lru_cache(maxsize=4096)
def field_of(heading: str) -> tuple[str, int] | None:
    """Return the field that a heading names, and how tellingly (0 is best); None if none."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|['’]", " ", heading)
    folded = fold(spaced)
    found = KNOWN.get(folded) or KNOWN.get(_key(folded))
    if found:
        return found
    if not BROKEN.search(heading):
        return _telling(folded.split())
    shape = _key(" ".join(fold(BROKEN.sub("zqz", heading)).split())).replace("zqz", r"\w{0,2}")
    return next((KNOWN[known] for known in KNOWN if re.fullmatch(shape, known)), None)


def _telling(words: list[str]) -> tuple[str, int] | None:
    if NOT_IT & set(words):
        return None
    return next(((field, FAR) for word, field in TELLING if word in words), None)


Columns = dict[str, list[int]]


def recognise(headings: Sequence[object]) -> Columns:
    """Return field -> places of its columns, for a row of headings."""
    best: dict[str, list[tuple[int, int]]] = {}
    for place, heading in enumerate(headings):
        if isinstance(heading, str) and (found := field_of(heading.strip())):
            best.setdefault(found[0], []).append((found[1], place))
    columns: Columns = {}
    for name, found in best.items():
        if name in MANY:
            columns[name] = [place for _rank, place in found]
            continue
        (_rank, place), *rest = sorted(found)
        columns[name] = [place]
        if rest and name in ("reference", "party", "type"):
            left = "other" if name == "reference" else "text"
            columns.setdefault(left, []).extend(place for _rank, place in rest)
    if "day" not in columns and "value_day" in columns:
        columns["day"] = columns.pop("value_day")
    return columns


def is_enough(columns: Mapping[str, Sequence[int]]) -> bool:
    """Tell whether movements can be read from these columns: a day, and an amount."""
    return "day" in columns and bool({"amount", "debit", "credit"} & set(columns))


def chosen(columns: Mapping[str, object], headings: Sequence[str]) -> Columns | None:
    """Return the places of columns that people named; None when one of them is not there.

    ``columns`` says field -> heading, or several headings.
    """
    places = {fold(heading) or heading: place for place, heading in enumerate(headings)}
    found: Columns = {}
    for name, told in columns.items():
        for heading in [told] if isinstance(told, str) else list(told or ()):
            if not heading:
                continue
            place = places.get(fold(heading) or heading)
            if place is None:
                return None
            found.setdefault(str(name), []).append(place)
    return found if is_enough(found) else None
