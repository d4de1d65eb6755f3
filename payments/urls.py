from django.urls import path

from payments.views import books, charges, deposits, papers, payments

app_name = "payments"
urlpatterns = [
    path("paiements/", payments.payment_list, name="payment_list"),
    path("paiements/encaisser", payments.record_payment, name="record_payment"),
    path("paiements/apercu", payments.preview_payment, name="preview_payment"),
    path("paiements/<int:payment_id>/", payments.payment_page, name="payment_page"),
    path("paiements/<int:payment_id>/annuler", payments.cancel_payment, name="cancel_payment"),
    path("paiements/<int:payment_id>/historique", payments.payment_history, name="payment_history"),
    path("recus/", payments.receipt_list, name="receipt_list"),
    path("recus/<int:receipt_id>/", payments.receipt, name="receipt"),
    path("recus/<str:number>.pdf", papers.receipt_paper, name="receipt_paper"),
    path("mon-compte/", payments.my_account, name="my_account"),
    path(
        "locataires/<int:tenant_id>/releve",
        papers.tenant_statement,
        name="tenant_statement",
    ),
    path("echeances/", charges.charge_list, name="charge_list"),
    path("echeances/nouvelle", charges.raise_charge, name="raise_charge"),
    path("echeances/loyers", charges.charge_rent, name="charge_rent"),
    path("echeances/loyers/apercu", charges.preview_rent, name="preview_rent"),
    path("echeances/loyers/<int:run_id>/", charges.rent_run, name="rent_run"),
    path("echeances/penalites", charges.charge_late_fees, name="charge_late_fees"),
    path("echeances/<int:charge_id>/", charges.charge_page, name="charge_page"),
    path("echeances/<int:charge_id>/annuler", charges.waive_charge, name="waive_charge"),
    path(
        "echeances/<int:charge_id>/quittance",
        charges.issue_quittance,
        name="issue_quittance",
    ),
    path("cautions/", deposits.deposit_list, name="deposit_list"),
    path("cautions/<int:movement_id>/annuler", deposits.reverse_deposit, name="reverse_deposit"),
    path("baux/<int:lease_id>/caution", deposits.hold_deposit, name="hold_deposit"),
    path(
        "baux/<int:lease_id>/caution/reprendre",
        deposits.take_over_deposit,
        name="take_over_deposit",
    ),
    path("baux/<int:lease_id>/caution/retenir", deposits.deduct_deposit, name="deduct_deposit"),
    path("baux/<int:lease_id>/caution/rendre", deposits.refund_deposit, name="refund_deposit"),
    path("journal/", books.journal, name="journal"),
    path("journal/balance", books.trial_balance, name="trial_balance"),
    path("journal/periodes/", books.period_list, name="period_list"),
    path(
        "journal/periodes/<int:period_id>/rouvrir",
        books.reopen_period,
        name="reopen_period",
    ),
    path("depenses/", books.cost_list, name="cost_list"),
    path("depenses/saisir", books.enter_cost, name="enter_cost"),
]
