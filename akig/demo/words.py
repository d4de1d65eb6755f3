"""Names and places of the region. The persons made of them are invented."""

from dataclasses import dataclass


def listed(text: str) -> list[str]:
    return text.split()


#: Men's names, then as many women's.
GIVEN = {
    "GN": listed(
        "Mamadou Alpha Ibrahima Amadou Ousmane Abdoulaye Thierno Mohamed Sékou Lansana Fodé "
        "Moussa Aboubacar Saïdou Souleymane Kabinet Mory Facinet Naby Daouda Elhadj Bangaly "
        "Cellou Boubacar Aminata Fatoumata Mariama Kadiatou Aïssatou Hawa Oumou Djénabou Fanta "
        "Mabinty Hadja Binta Ramatoulaye Safiatou Nènè Saran Hassanatou Makalé M’Mah Adama Sira "
        "Nantenin Kankou Mafoudia"
    ),
    "SN": listed(
        "Mamadou Ousmane Cheikh Modou Ibrahima Abdou Serigne Pape Alioune Moustapha Babacar "
        "Assane Lamine Malick El-Hadji Khadim Idrissa Omar Awa Fatou Aïssatou Ndèye Mame Astou "
        "Khady Coumba Aminata Rokhaya Marième Sokhna Bineta Ramata Dieynaba Adja Yacine Seynabou"
    ),
    "ML": listed(
        "Modibo Amadou Bakary Seydou Drissa Moussa Oumar Adama Lassana Boubacar Souleymane Issa "
        "Cheick Yacouba Mahamadou Brehima Sidi Kalifa Aminata Fatoumata Kadiatou Mariam Awa Oumou "
        "Assitan Rokia Djénéba Fanta Nana Bintou Salimata Korotoumou Ramata Maïmouna Safiatou "
        "Sitan"
    ),
}

FAMILY = {
    "GN": listed(
        "Diallo Barry Bah Sow Baldé Camara Sylla Soumah Bangoura Touré Condé Keïta Kourouma "
        "Traoré Doumbouya Cissé Kaba Kanté Fofana Conté Youla Yansané Dramé Savané Diakité "
        "Magassouba Béavogui Guilavogui Koivogui Haba Loua Lamah Millimono Tolno Sagno Oularé "
        "Bérété Cherif Souaré Tounkara"
    ),
    "SN": listed(
        "Diop Ndiaye Fall Sow Ba Diouf Sarr Gueye Mbaye Faye Seck Cissé Sy Niang Diagne Thiam "
        "Kane Ndour Sène Mbengue Wade Dieng Camara Sané Badji Diatta Tall Lo Samb Ngom"
    ),
    "ML": listed(
        "Traoré Coulibaly Diarra Keïta Konaté Sissoko Dembélé Sidibé Diallo Touré Maïga Cissé "
        "Camara Sangaré Kouyaté Doumbia Togola Bagayoko Haïdara Samaké Ballo Koné Berthé Tangara "
        "Kanté Goïta"
    ),
}

PROFESSIONS = listed(
    "commerçant enseignante infirmier chauffeur couturière comptable fonctionnaire mécanicien "
    "ingénieure magasinier coiffeuse restauratrice pharmacien informaticien journaliste "
    "juriste transporteur technicienne sage-femme menuisier"
)

RELATIONS = listed("père mère frère sœur oncle tante employeur ami conjoint cousin")

FIRMS = [
    "Comptoir {name}",
    "Établissements {name}",
    "{name} et Frères",
    "Transports {name}",
    "Pharmacie {name}",
    "Quincaillerie {name}",
    "Cabinet {name}",
    "{name} Négoce",
]

LANDMARKS = [
    "derrière la mosquée",
    "près du marché",
    "en face de l’école primaire",
    "à côté de la station-service",
    "après le carrefour",
    "près du centre de santé",
    "au bord du goudron",
    "derrière le terrain de football",
    "en face de la pharmacie",
    "près de la gare routière",
]


@dataclass(frozen=True)
class Quarter:
    """A quarter, its commune, where it lies; ``level`` is how its rents stand to the branch's."""

    name: str
    commune: str
    latitude: float
    longitude: float
    level: float


@dataclass(frozen=True)
class Place:
    """What the generator must know of a branch; ``rent`` is a usual flat's, in minor units."""

    code: str
    share: float
    language: str
    rent: int
    step: int
    floor: int
    ceiling: int
    quarters: tuple[Quarter, ...]


PLACES = [
    Place(
        "GN_CONAKRY", 0.42, "fr", 1_900_000, 50_000, 300_000, 15_000_000,
        (
            Quarter("Almamya", "Kaloum", 9.5136, -13.7122, 1.6),
            Quarter("Boulbinet", "Kaloum", 9.5068, -13.7174, 1.4),
            Quarter("Sandervalia", "Kaloum", 9.5101, -13.7087, 1.5),
            Quarter("Camayenne", "Dixinn", 9.5372, -13.6876, 1.3),
            Quarter("Dixinn Port", "Dixinn", 9.5509, -13.6791, 1.0),
            Quarter("Bellevue", "Dixinn", 9.5560, -13.6712, 1.0),
            Quarter("Madina", "Matam", 9.5407, -13.6686, 1.2),
            Quarter("Coléah", "Matam", 9.5305, -13.6827, 1.1),
            Quarter("Kipé", "Ratoma", 9.6034, -13.6454, 1.3),
            Quarter("Nongo", "Ratoma", 9.6283, -13.6266, 1.1),
            Quarter("Lambanyi", "Ratoma", 9.6465, -13.6108, 0.9),
            Quarter("Kaporo", "Ratoma", 9.6178, -13.6381, 0.9),
            Quarter("Taouyah", "Ratoma", 9.5829, -13.6529, 1.0),
            Quarter("Cosa", "Ratoma", 9.6111, -13.6010, 0.7),
            Quarter("Sonfonia", "Ratoma", 9.6679, -13.5728, 0.7),
            Quarter("Matoto", "Matoto", 9.5888, -13.6087, 0.7),
            Quarter("Yimbaya", "Matoto", 9.5857, -13.6235, 0.7),
            Quarter("Enta", "Matoto", 9.6157, -13.5798, 0.6),
        ),
    ),
    Place(
        "GN_KINDIA", 0.11, "fr", 900_000, 50_000, 300_000, 6_000_000,
        (
            Quarter("Manquépas", "Kindia", 10.0570, -12.8560, 1.2),
            Quarter("Wondima", "Kindia", 10.0489, -12.8627, 0.9),
            Quarter("Tafory", "Kindia", 10.0634, -12.8693, 1.0),
            Quarter("Sinania", "Kindia", 10.0452, -12.8541, 0.8),
            Quarter("Cassia", "Kindia", 10.0663, -12.8508, 0.9),
            Quarter("Sambaya", "Kindia", 10.0391, -12.8765, 0.8),
        ),
    ),
    Place(
        "GN_MAMOU", 0.08, "ff", 800_000, 50_000, 300_000, 5_000_000,
        (
            Quarter("Poudrière", "Mamou", 10.3772, -12.0881, 1.1),
            Quarter("Pétel", "Mamou", 10.3705, -12.0842, 0.9),
            Quarter("Almamya", "Mamou", 10.3811, -12.0939, 1.0),
            Quarter("Boulbinet", "Mamou", 10.3744, -12.0967, 0.9),
            Quarter("Sabou", "Mamou", 10.3661, -12.0913, 0.8),
        ),
    ),
    Place(
        "GN_LABE", 0.06, "ff", 850_000, 50_000, 300_000, 5_000_000,
        (
            Quarter("Daka", "Labé", 11.3239, -12.2915, 1.0),
            Quarter("Kouroula", "Labé", 11.3140, -12.2812, 1.1),
            Quarter("Tata", "Labé", 11.3278, -12.2793, 0.9),
            Quarter("Pounthioun", "Labé", 11.3101, -12.2930, 0.9),
            Quarter("N’Diolou", "Labé", 11.3352, -12.2866, 0.8),
        ),
    ),
    Place(
        "SN_DAKAR", 0.18, "fr", 220_000, 5_000, 40_000, 1_800_000,
        (
            Quarter("Plateau", "Dakar-Plateau", 14.6667, -17.4345, 1.6),
            Quarter("Médina", "Médina", 14.6825, -17.4498, 0.9),
            Quarter("Fann Hock", "Fann-Point E-Amitié", 14.6884, -17.4622, 1.3),
            Quarter("Point E", "Fann-Point E-Amitié", 14.6963, -17.4599, 1.4),
            Quarter("Mermoz", "Mermoz-Sacré-Cœur", 14.7069, -17.4751, 1.3),
            Quarter("Sacré-Cœur 3", "Mermoz-Sacré-Cœur", 14.7176, -17.4691, 1.2),
            Quarter("Ouakam", "Ouakam", 14.7246, -17.4888, 0.9),
            Quarter("Yoff", "Yoff", 14.7580, -17.4708, 0.9),
            Quarter("Ngor", "Ngor", 14.7497, -17.5141, 1.5),
            Quarter("Liberté 6", "Sicap-Liberté", 14.7241, -17.4598, 1.0),
            Quarter("Parcelles Assainies", "Parcelles Assainies", 14.7620, -17.4420, 0.7),
            Quarter("Grand Yoff", "Grand Yoff", 14.7364, -17.4487, 0.7),
        ),
    ),
    Place(
        "ML_BAMAKO", 0.15, "fr", 130_000, 5_000, 25_000, 1_200_000,
        (
            Quarter("Hippodrome", "Commune II", 12.6603, -7.9777, 1.2),
            Quarter("ACI 2000", "Commune IV", 12.6363, -8.0302, 1.5),
            Quarter("Badalabougou", "Commune V", 12.6205, -7.9902, 1.3),
            Quarter("Hamdallaye", "Commune IV", 12.6403, -8.0236, 1.0),
            Quarter("Lafiabougou", "Commune IV", 12.6366, -8.0412, 0.8),
            Quarter("Faladié", "Commune VI", 12.5874, -7.9427, 0.9),
            Quarter("Sogoniko", "Commune VI", 12.5985, -7.9569, 0.8),
            Quarter("Kalaban Coura", "Commune V", 12.5803, -7.9940, 0.7),
            Quarter("Magnambougou", "Commune VI", 12.6150, -7.9526, 0.9),
            Quarter("Djélibougou", "Commune I", 12.6747, -7.9526, 0.8),
        ),
    ),
]  # fmt: skip

#: Property kind, how common, the word in its name, units (from, to), what is let, rent level.
HOUSES = [
    ("building", 30, "Immeuble", 6, 16, "flat", 1.1),
    ("residence", 12, "Résidence", 6, 14, "flat", 1.5),
    ("compound", 22, "Cour", 4, 9, "room", 0.35),
    ("compound", 14, "Concession", 3, 7, "flat", 0.7),
    ("villa", 14, "Villa", 1, 1, "villa", 3.2),
    ("shops", 6, "Galerie", 4, 10, "shop", 0.8),
    ("offices", 2, "Bureaux", 3, 8, "office", 1.8),
]

TREES = [
    "Les Manguiers",
    "Les Palmiers",
    "Le Baobab",
    "Les Orangers",
    "Les Flamboyants",
    "La Corniche",
    "Le Niger",
    "Le Fouta",
    "Les Cocotiers",
    "La Savane",
    "L’Espoir",
    "La Paix",
    "La Concorde",
    "Le Belvédère",
    "Les Acacias",
    "Le Fromager",
    "La Teranga",
    "Le Mandé",
    "Les Bougainvilliers",
    "Le Soleil",
]

TROUBLES = [
    ("plumbing", "Fuite d’eau dans la salle de bain"),
    ("plumbing", "Chasse d’eau bloquée"),
    ("plumbing", "Pompe du forage en panne"),
    ("electricity", "Disjoncteur qui saute"),
    ("electricity", "Compteur à remplacer"),
    ("electricity", "Groupe électrogène à réviser"),
    ("security", "Serrure du portail cassée"),
    ("security", "Éclairage de la cour en panne"),
    ("other", "Infiltration par le toit"),
    ("other", "Peinture de la cage d’escalier"),
]

EQUIPMENT = [
    ("Groupe électrogène", "Perkins"),
    ("Pompe de forage", "Grundfos"),
    ("Climatiseur", "Samsung"),
    ("Réservoir d’eau", "Polytank"),
    ("Chauffe-eau", "Ariston"),
    ("Portail motorisé", "Came"),
]
