from django.urls import path

from payments import views_documents

app_name = "payments"
urlpatterns = [
    path("recus/<str:number>.pdf", views_documents.receipt_paper, name="receipt_paper"),
    path(
        "locataires/<int:tenant_id>/releve",
        views_documents.tenant_statement,
        name="tenant_statement",
    ),
]
