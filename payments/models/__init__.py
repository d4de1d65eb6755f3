from payments.models.charges import Charge, RentRun
from payments.models.costs import AgencyCost
from payments.models.ledger import Account, ClosedPeriod, JournalDay, JournalEntry, JournalLine
from payments.models.payments import (
    Allocation,
    CollectionDay,
    IdempotencyKey,
    Payment,
    PropertyMonth,
)
from payments.models.receipts import Receipt, ReceiptCounter
