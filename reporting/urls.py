from django.urls import path

from reporting import views

app_name = "reporting"
urlpatterns = [
    path("proprietaire/", views.own_dashboard, name="owner_dashboard"),
    path("proprietaire/<int:owner_id>/", views.dashboard_of_owner, name="dashboard_of_owner"),
    path("impayes/", views.arrears, name="arrears"),
    path("rapports/finance/", views.finance, name="finance"),
    path("rapports/finance/pdf", views.make_finance_pdf, name="finance_pdf"),
]
