from django.urls import path

from reporting import views

app_name = "reporting"
urlpatterns = [
    path("owner/", views.own_dashboard, name="owner_dashboard"),
    path("owner/<int:owner_id>/", views.dashboard_of_owner, name="dashboard_of_owner"),
    path("arrears/", views.arrears, name="arrears"),
    path("reports/finance/", views.finance, name="finance"),
    path("reports/finance/pdf", views.make_finance_pdf, name="finance_pdf"),
    path("costs/", views.cost_list, name="cost_list"),
    path("costs/enter", views.enter_cost, name="enter_cost"),
]
