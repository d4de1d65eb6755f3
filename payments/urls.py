from django.urls import path

from payments import views, views_books, views_charges, views_documents

app_name = "payments"
urlpatterns = [
    path("paiements/", views.payment_list, name="payment_list"),
    path("paiements/encaisser", views.record_payment, name="record_payment"),
    path("paiements/apercu", views.preview_payment, name="preview_payment"),
    path("paiements/<int:payment_id>/", views.payment_page, name="payment_page"),
    path("paiements/<int:payment_id>/annuler", views.cancel_payment, name="cancel_payment"),
    path("paiements/<int:payment_id>/historique", views.payment_history, name="payment_history"),
    path("recus/", views.receipt_list, name="receipt_list"),
    path("recus/<int:receipt_id>/", views.receipt, name="receipt"),
    path("recus/<str:number>.pdf", views_documents.receipt_paper, name="receipt_paper"),
    path("mon-compte/", views.my_account, name="my_account"),
    path(
        "locataires/<int:tenant_id>/releve",
        views_documents.tenant_statement,
        name="tenant_statement",
    ),
    path("echeances/", views_charges.charge_list, name="charge_list"),
    path("echeances/nouvelle", views_charges.raise_charge, name="raise_charge"),
    path("echeances/loyers", views_charges.charge_rent, name="charge_rent"),
    path("echeances/loyers/apercu", views_charges.preview_rent, name="preview_rent"),
    path("echeances/loyers/<int:run_id>/", views_charges.rent_run, name="rent_run"),
    path("echeances/penalites", views_charges.charge_late_fees, name="charge_late_fees"),
    path("echeances/<int:charge_id>/", views_charges.charge_page, name="charge_page"),
    path("echeances/<int:charge_id>/annuler", views_charges.waive_charge, name="waive_charge"),
    path(
        "echeances/<int:charge_id>/quittance",
        views_charges.issue_quittance,
        name="issue_quittance",
    ),
    path("journal/", views_books.journal, name="journal"),
    path("journal/balance", views_books.trial_balance, name="trial_balance"),
    path("journal/periodes/", views_books.period_list, name="period_list"),
    path("journal/periodes/cloturer", views_books.close_period, name="close_period"),
    path(
        "journal/periodes/<int:period_id>/rouvrir",
        views_books.reopen_period,
        name="reopen_period",
    ),
    path("depenses/", views_books.cost_list, name="cost_list"),
    path("depenses/saisir", views_books.enter_cost, name="enter_cost"),
]
