"""Statements as large as they come, made up line by line: what the readers are measured with."""

from collections.abc import Iterator, Sequence

WAVE = (
    "timestamp,transaction_id,transaction_type,amount,fee,currency,balance,is_reversal,"
    "counterparty_name,counterparty_mobile,client_reference,payment_reason,business_user_name\n"
)
BANK = "Relevé de compte\nDate opération;Date valeur;Libellé;Référence;Débit;Crédit;Solde\n"
NAMES = ("Awa Diop", "Modou Sy", "Fatou Ndiaye", "Pape Kane", "Aïda Sané", "Ndèye Bousso Ba")


def wave(lines: int, leases: Sequence[str] = (), phones: Sequence[str] = ()) -> bytes:
    """Return an export of Wave of so many payments; every third names one of ``leases``.

    ``phones`` (E.164) pay in turn, else telephones of nobody.
    """
    return (WAVE + "".join(_wave(lines, leases, phones))).encode()


def _wave(lines: int, leases: Sequence[str], phones: Sequence[str]) -> Iterator[str]:
    balance = 0
    for number in range(lines):
        amount = 20_000 + number % 97 * 500
        fee = amount // 100
        balance += amount - fee
        minute = number * 400_000 // lines
        day = f"2026-{1 + minute // 44_640:02d}-{1 + minute // 1440 % 28:02d}"
        phone = phones[number % len(phones)] if phones else f"+22176{number:07d}"
        lease = leases[number % len(leases)] if leases and number % 3 == 0 else "loyer"
        yield (
            f"{day}T{minute // 60 % 24:02d}:{minute % 60:02d}:01Z,T_{number:011d},merchant_payment,"
            f"{amount},{fee},XOF,{balance},false,{NAMES[number % 6]},{phone},,{lease},\n"
        )


def bank(lines: int, leases: Sequence[str] = ()) -> bytes:
    """Return a bank's export in Windows-1252 of so many transfers received."""
    return (BANK + "".join(_bank(lines, leases))).encode("cp1252")


def _bank(lines: int, leases: Sequence[str]) -> Iterator[str]:
    balance = 0
    for number in range(lines):
        amount = 1_000_000 + number % 97 * 5000
        balance += amount
        day = f"{1 + number % 28:02d}/{1 + number * 10 // lines:02d}/2026"
        lease = leases[number % len(leases)] if leases and number % 3 == 0 else "loyer"
        shown = (f"{value:,}".replace(",", " ") for value in (amount, balance))
        yield (
            f"{day};{day};VIR RECU {NAMES[number % 6]} REF VIR-26-{number:06d} {lease};"
            f"BAN{number:011d};;{';'.join(shown)}\n"
        )
