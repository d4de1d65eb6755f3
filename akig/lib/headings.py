"""Which kind of file this is, and which column is which, from the headings alone.

A heading is reduced to a set of concepts: "N° du contrat", "Réf bail" and "Lease no" are all
``{code, lease}``. A kind of file lists, for each of its fields, the sets that name it. Two columns
that could both be one field are never chosen between: the field is ambiguous and people decide.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz, process

from akig.lib.parsing import fold, text

CONCEPTS = {
    "owner": "proprietaire bailleur mandant landlord owner lessor proprio",
    "tenant": "locataire preneur tenant occupant lessee renter",
    "property": "bien immeuble batiment bat compound property building residence propriete"
    " concession cour imm",
    "site": "site",
    "unit": "lot local unit unite porte appartement appart appt apt logement apartment flat door",
    "lease": "bail baux contrat lease contract",
    "branch": "agence succursale branch antenne filiale",
    "code": "code no n num numero number nr id identifiant ref reference cle",
    "matricule": "matricule",
    "name": "nom name denomination designation intitule appellation libelle",
    "first": "prenom firstname",
    "phone": "tel telephone phone gsm mobile portable cellulaire contact whatsapp cell"
    " telephonique",
    "email": "email mail courriel mel",
    "address": "adresse address domicile",
    "quarter": "quartier quarter secteur neighbourhood neighborhood district",
    "commune": "commune municipality",
    "city": "ville city town localite",
    "landmark": "repere landmark indication",
    "latitude": "latitude lat",
    "longitude": "longitude lon lng long",
    "gps": "gps coordonnee coordinate geolocalisation",
    "type": "type categorie category nature kind usage",
    "floor": "etage floor niveau level",
    "piece": "piece",
    "room": "room chambre",
    "area": "surface superficie area m2",
    "rent": "loyer rent",
    "advised": "conseille propose demande asking advised catalogue affiche indicatif",
    "month": "mensuel mensuelle mois month monthly mensualite",
    "period": "periode periodicite frequence frequency periodicity rythme echeancier",
    "charge": "charge charges appele appelee charged",
    "deposit": "caution depot garantie deposit",
    "start": "debut start entree begin beginning effet commencement effective",
    "end": "fin end sortie echeance expiration expiry depart terme",
    "date": "date jour day arrete arretee arretes",
    "state": "statut etat status state situation",
    "note": "observation remarque note commentaire comment remark memo obs info notes",
    "balance": "solde balance",
    "rest": "reste restant remaining outstanding",
    "due": "due owed exigible exigibilite",
    "arrears": "arriere arrears arrear impaye dette debt creance",
    "opening": "ouverture opening initial reprise report nouveau nouvelle new",
    "amount": "montant amount somme mt mnt sum valeur value",
    "pay": "paiement payment encaissement reglement versement paye payee verse versee regle"
    " encaisse paid payer pay pmt settlement",
    "receipt": "recu receipt quittance received",
    "method": "mode moyen method forme means",
    "transaction": "transaction txn trx tx txid transactionid",
    "operation": "operation",
    "external": "externe external",
    "cheque": "cheque check chq",
    "allocation": "affectation allocation imputation motif objet purpose concerne",
    "channel": "canal channel",
    "currency": "devise currency monnaie",
    "commission": "commission honoraire fee frais",
    "management": "gestion management gerance",
    "rate": "taux rate pourcentage percentage",
    "bank": "banque bank rib iban",
    "account": "compte account",
    "job": "profession job metier emploi employeur fonction occupation employer activite",
    "guarantor": "garant guarantor avaliste avaliseur",
    "relation": "lien relation parente relationship",
    "revision": "revision revise revisee augmentation hausse indexation increase revised",
    "reason": "reason justification",
    "language": "langue language",
    "identity": "identite identity cni passeport passport nin",
    "nationality": "nationalite nationality",
    "birth": "naissance birth",
    "notice": "preavis notice conge",
    "count": "nombre nb nbre qte",
    "order": "ordre ligne line row rang",
    "sign": "sens",
    "whole": "raison",
    "safety": "securite safety consigne",
    "social": "sociale social",
}
CONCEPT_OF = {word: concept for concept, words in CONCEPTS.items() for word in words.split()}
LONG_WORDS = [word for word in CONCEPT_OF if len(word) >= 7]
STOP_TEXT = """
    de du des d la le les l un une en au aux a of the and et ou or for per par pour s sur to in from
    gnf fg fgn xof fcfa cfa f franc eur euro usd pct jj mm aaaa dd yyyy j
    complet complete full actuel actuelle courant current contractuel contractuelle principal
    hc ht ttc net brut obligatoire facultatif
"""
STOP_WORDS = frozenset(STOP_TEXT.split())
NUMBER_WORDS = frozenset(("n", "no", "num", "numero", "nr", "number"))
#: Stands between the two lines of a heading: "Preneur › Nom".
BELOW = " › "
#: Concepts that mean nothing without whose they are: "Conjoint › Téléphone" is no tenant's.
WHOSE_WORDS = "name first phone email address city code matricule job identity birth amount date"
WHOSE = frozenset(WHOSE_WORDS.split())


@dataclass(frozen=True)
class Field:
    """One thing a kind of file can tell, and the headings that name it.

    ``strong`` headings name it alone; ``weak`` ones only when nothing else claims them.
    ``many``: several columns may feed it (telephones, notes).
    """

    name: str
    strong: frozenset[frozenset[str]]
    weak: frozenset[frozenset[str]] = frozenset()
    many: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of file: its fields, what it cannot be without, and its own nouns.

    ``needs`` is a tuple of alternatives: ``(("amount",), ("lease", "tenant"))`` asks for an amount
    and for a lease or a tenant. ``nouns`` are the concepts a heading may carry without changing
    its meaning here ("Téléphone du locataire" in a file of tenants); alone they are ``itself``.
    """

    name: str
    fields: tuple[Field, ...]
    needs: tuple[tuple[str, ...], ...]
    nouns: frozenset[str] = frozenset()
    itself: str = ""
    hints: frozenset[str] = frozenset()


@dataclass
class Match:
    """How a row of headings reads as one kind: field -> columns, and what stayed open."""

    kind: Kind
    columns: dict[str, tuple[int, ...]] = field(default_factory=dict)
    ambiguous: dict[str, tuple[int, ...]] = field(default_factory=dict)
    unknown: tuple[int, ...] = ()

    @property
    def missing(self) -> list[tuple[str, ...]]:
        """The needs that no column meets."""
        return [any_of for any_of in self.kind.needs if not any(f in self.columns for f in any_of)]

    @property
    def fits(self) -> bool:
        """Tell whether the headings hold all that this kind needs, even if people must choose."""
        there = {*self.columns, *self.ambiguous}
        return all(there & set(any_of) for any_of in self.kind.needs)

    @property
    def score(self) -> tuple[int, int]:
        """Headings understood, then needs met: the higher the likelier."""
        return (sum(len(columns) for columns in self.columns.values()), -len(self.missing))


def a_field(name: str, strong: str, weak: str = "", *, many: bool = False) -> Field:
    """Build a field from alternatives: ``a_field("ref", "lease|lease code", "code")``."""
    return Field(name, _sets(strong), _sets(weak), many)


def _sets(alternatives: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(a.split()) for a in alternatives.split("|") if a.strip())


def concepts(heading: object) -> frozenset[str]:
    """Return the concepts a heading speaks of; unknown words stand for themselves."""
    return _concepts(text(heading))


@lru_cache(maxsize=4096)
def _concepts(heading: str) -> frozenset[str]:
    # "dû" is a word, "du" is none; once the accents are gone they look alike.
    heading = re.sub(r"(?i)\bd(?:û|ûs|ûe|ûes)\b", "due", heading)
    heading = re.sub(r"(?i)\be-?mail\b", "email", heading)
    heading = re.sub(r"([a-z])([A-Z])", r"\1 \2", heading)
    heading = re.sub(r"(?i)\bas\s*of\b(?=\s*:?\s*\d)|['’]", " ", heading)
    heading = re.sub(r"(?i)\bas\s*of\b", " date ", heading)
    words = fold(heading.replace("#", " no ")).split()
    if len(words) > 1 and words[-1] == "du":
        words[-1] = "due"
    if words and words[-1] in ("le", "on", "at", "au"):
        words[-1] = "date"
    kept = [word for word in words if word not in STOP_WORDS or word in CONCEPT_OF]
    return frozenset(_concept(word) for word in kept if not word.isdigit())


def _concept(word: str) -> str:
    for form in (word, word.rstrip("sx"), re.sub(r"(?:ee|e)s?$", "e", word)):
        if form in CONCEPT_OF:
            return CONCEPT_OF[form]
    if len(word) >= 6:
        near = process.extract(word, LONG_WORDS, scorer=fuzz.ratio, score_cutoff=88, limit=5)
        others = [score for found, score, _ in near if CONCEPT_OF[found] != CONCEPT_OF[near[0][0]]]
        if near and all(score <= near[0][1] - 4 for score in others):
            return CONCEPT_OF[near[0][0]]
    return word


def is_bare_number(heading: object) -> bool:
    """Tell whether a heading is only "N°" or "#": often a counter of lines, not a code."""
    words = fold(str(heading or "").replace("#", " no ")).split()
    return bool(words) and all(word in NUMBER_WORDS or word in ("ordre", "ligne") for word in words)


def match(headings: Sequence[object], kind: Kind) -> Match:
    """Read a row of headings as one kind of file."""
    strong: dict[str, list[int]] = {}
    weak: dict[int, list[str]] = {}
    for index, heading in enumerate(headings):
        for found in _readings(heading):
            if name := _strongly(found, kind):
                strong.setdefault(name, []).append(index)
                break
            if names := [f.name for f in kind.fields if found in f.weak]:
                weak[index] = names
                break
    result = Match(kind)
    for name, columns in strong.items():
        _settle(result, name, columns, headings)
    _add_weak(result, weak)
    used = {
        c for columns in (*result.columns.values(), *result.ambiguous.values()) for c in columns
    }
    result.unknown = tuple(i for i, h in enumerate(headings) if text(h) and i not in used)
    return result


def _readings(heading: object) -> list[frozenset[str]]:
    """Return what a heading can mean: all of it, else its lower line where that stands alone."""
    lower = text(heading).rpartition(BELOW)[2]
    alone = concepts(lower)
    readings = [concepts(heading), alone if alone.isdisjoint(WHOSE) else frozenset()]
    return [found for found in readings if found]


def _strongly(found: frozenset[str], kind: Kind) -> str:
    for each in kind.fields:
        if found in each.strong:
            return each.name
    own = found & kind.nouns
    if not own:
        return ""
    rest = found - kind.nouns
    if not rest:
        return kind.itself
    return next((f.name for f in kind.fields if rest in f.strong or rest in f.weak), "")


def _settle(result: Match, name: str, columns: list[int], headings: Sequence[object]) -> None:
    several = next(f.many for f in result.kind.fields if f.name == name)
    if len(columns) > 1 and not several:
        # "Code" beside "N°": the bare number counts lines.
        columns = [c for c in columns if not is_bare_number(headings[c])] or columns
    if len(columns) == 1 or several:
        result.columns[name] = tuple(columns)
    else:
        result.ambiguous[name] = tuple(columns)


def _add_weak(result: Match, weak: dict[int, list[str]]) -> None:
    taken = set(result.columns) | set(result.ambiguous)
    open_to = {c: [n for n in names if n not in taken] for c, names in weak.items()}
    wanted: dict[str, list[int]] = {}
    for column, names in open_to.items():
        for name in names:
            wanted.setdefault(name, []).append(column)
    for name, columns in wanted.items():
        if len(columns) == 1 and len(open_to[columns[0]]) == 1:
            result.columns[name] = tuple(columns)
        else:
            result.ambiguous[name] = tuple(columns)


def recognise(
    headings: Sequence[object], kinds: Iterable[Kind], hints: Sequence[str] = ()
) -> list[Match]:
    """Return the likeliest reading first; several when the headings alone do not decide.

    ``hints`` are texts around the table (title lines, the sheet's and the file's name), asked only
    to choose between readings that are equally good. An empty list means no kind fits.
    """
    matches = [match(headings, kind) for kind in kinds]
    complete = [m for m in matches if m.fits]
    best = max((m.score for m in complete), default=(0, 0))
    if not complete or max(m.score for m in matches)[0] > best[0] + 2:
        # Another kind explains the headings far better but lacks a column: better to ask.
        return []
    equal = [m for m in complete if m.score == best]
    if len(equal) > 1:
        own = [m for m in equal if _speaks_of(m.kind, headings)]
        equal = own if len(own) == 1 else equal
    for hint in hints:
        hinted = [m for m in equal if concepts(hint) & m.kind.hints]
        if len(hinted) == 1 and len(equal) > 1:
            equal = hinted
    return equal


def _speaks_of(kind: Kind, headings: Sequence[object]) -> bool:
    return any(concepts(heading) & kind.nouns for heading in headings)
