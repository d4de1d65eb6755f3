from django.urls import path

from reporting import views, views_audit, views_record

app_name = "reporting"
urlpatterns = [
    path("proprietaire/", views.own_dashboard, name="owner_dashboard"),
    path("proprietaire/<int:owner_id>/", views.dashboard_of_owner, name="dashboard_of_owner"),
    path("impayes/", views.arrears, name="arrears"),
    path("rapports/finance/", views.finance, name="finance"),
    path("rapports/finance/pdf", views.make_finance_pdf, name="finance_pdf"),
    path("controle/", views_audit.self_audit, name="self_audit"),
    path("controle/verifier", views_audit.check_books, name="check_books"),
    path("registre/", views_record.record_page, name="record_page"),
    path("registre/<int:trace_id>/", views_record.record_line, name="record_line"),
    path("fin-de-mois/", views_audit.month_end, name="month_end"),
    path("fin-de-mois/<int:period_id>/", views_audit.closed_month, name="closed_month"),
]
