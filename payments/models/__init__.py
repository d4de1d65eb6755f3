from payments.models.attempts import Attempt, Callback, PaymentClaim
from payments.models.charges import NEVER_CREDITS, Charge, RentRun
from payments.models.checks import BooksCheck
from payments.models.costs import AgencyCost
from payments.models.deposits import Damage, DepositMovement, ExitAccount, Instalment
from payments.models.ledger import Account, ClosedPeriod, JournalDay, JournalEntry, JournalLine
from payments.models.links import TenantLink
from payments.models.payments import (
    Allocation,
    CollectionDay,
    IdempotencyKey,
    Payment,
    PropertyMonth,
)
from payments.models.payouts import OwnerCost, OwnerPaymentDetails, Payout, PayoutRun, Reserve
from payments.models.receipts import Receipt, ReceiptCounter
from payments.models.shared import (
    Meter,
    MeterReading,
    Regularisation,
    SharedCost,
    SharedCostPart,
    Utility,
)
from payments.models.statements import (
    KnownPayer,
    LinePart,
    Proof,
    Reconciliation,
    Statement,
    StatementLine,
)
from payments.models.tills import BankDeposit, CashLimit, DayClosing, HandOver
from payments.models.wallets import ExchangeRate, MoneyAccount, Provider
