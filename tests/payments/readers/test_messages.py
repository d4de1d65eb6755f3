"""Messages of operators, as people paste them."""

from datetime import UTC, date, datetime

import pytest

from payments.readers import StatementRefused, read_message

ORANGE = (
    "Vous avez reçu 1 500 000 GNF de MAMADOU BAH (624001122) le 18/11/2026 12:31. Frais: 0 GNF. "
    "Nouveau solde: 3 250 000 GNF. ID transaction: MP261118.1231.C01650."
)
ORANGE_MALI = (
    "Vous avez recu un transfert de 3300 FCFA du 79531543. ID: PP251226.2111.C98322. "
    "Consultez votre nouveau solde sur Max it ou au #144#6#. OFM MALI"
)
MTN = (
    "You have received 460000 GNF from FATOUMATA CISSE (224664006264) on your mobile money account "
    "at 2026-08-19 08:30:44. Message from sender: loyer BAIL-2024-0313. "
    "Your new balance: 4710000 GNF. Financial Transaction Id: 9003101540."
)
WAVE = (
    "Vous avez reçu 25.000F de Awa Diop (771234567) le 05/10/2026. Frais: 250F. "
    "Nouveau solde: 125.000F. ID: T_KEC5HNZ0249. Wave"
)
SENT = (
    "Transfert effectue pour 39000 FCFA a FATOU TOURE (221772165395) le 2026-02-07 16:23:16. "
    "Frais: 100 FCFA. Nouveau solde: 987 FCFA, Reference: Paiement. "
    "ID de la transaction: 6524349286."
)


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        (ORANGE, "GN", (1_500_000, 0, 3_250_000, "MP261118.1231.C01650", "MAMADOU BAH",
                        "+224624001122", "orange_money")),
        (ORANGE_MALI, "ML", (3300, 0, None, "PP251226.2111.C98322", "", "+22379531543",
                             "orange_money")),
        (MTN, "GN", (460_000, 0, 4_710_000, "9003101540", "FATOUMATA CISSE", "+224664006264",
                     "mtn_momo")),
        (WAVE, "SN", (25_000, 250, 125_000, "T_KEC5HNZ0249", "Awa Diop", "+221771234567", "wave")),
        (SENT, "SN", (-39_000, 100, 987, "6524349286", "FATOU TOURE", "+221772165395", "")),
    ],
)  # fmt: skip
def test_a_message_reads_to_what_it_says(text, region, expected):
    read = read_message(text, region)
    assert (
        read.amount, read.fee, read.balance, read.reference, read.party, read.phone, read.kind
    ) == expected  # fmt: skip
    assert read.raw == {"message": text}


def test_a_message_tells_its_time_also_by_orange_s_number():
    assert read_message(MTN, "GN").happened_at == datetime(2026, 8, 19, 8, 30, 44, tzinfo=UTC)
    told = read_message(ORANGE_MALI, "ML")
    assert (told.day, told.happened_at.hour) == (date(2025, 12, 26), 21)
    assert read_message(MTN, "GN").other_references == ("BAIL-2024-0313",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "message_unreadable"),
        ("Bonjour, rappelez-moi", "message_incomplete"),
        ("Vous avez recu 15000 GNF de 624001122", "message_incomplete"),
        (ORANGE.replace("GNF", "FCFA"), "currency"),
        (ORANGE.replace("1 500 000", "1 500 000.50"), "amount_decimal"),
        ("Votre paiement de 50000 GNF a echoue. ID transaction 9003101540", "message_failed"),
    ],
)
def test_what_cannot_be_read_says_what_is_missing(text, code):
    with pytest.raises(StatementRefused) as told:
        read_message(text, "GN")
    assert told.value.code == code
    assert told.value.sentence
