from django.urls import path

from tenants import views

app_name = "tenants"
urlpatterns = [
    path("locataires/", views.tenant_list, name="tenant_list"),
    path("locataires/choix", views.tenant_choices, name="tenant_choices"),
    path("locataires/nouveau", views.add_tenant, name="add_tenant"),
    path("locataires/<int:tenant_id>/", views.tenant_page, name="tenant_page"),
    path("locataires/<int:tenant_id>/corriger", views.correct_tenant, name="correct_tenant"),
    path("locataires/<int:tenant_id>/visites", views.set_visiting_hours, name="set_visiting_hours"),
    path("locataires/<int:tenant_id>/acces", views.link_tenant, name="link_tenant"),
    path("locataires/<int:tenant_id>/archiver", views.archive_tenant, name="archive_tenant"),
    path("locataires/<int:tenant_id>/donnees", views.export_tenant, name="export_tenant"),
    path("locataires/<int:tenant_id>/effacer", views.erase_tenant, name="erase_tenant"),
    path("garants/<int:guarantor_id>/effacer", views.erase_guarantor, name="erase_guarantor"),
    path("locataires/<int:tenant_id>/garant", views.add_guarantor, name="add_guarantor"),
    path("locataires/<int:tenant_id>/historique", views.tenant_history, name="tenant_history"),
    path("garants/<int:guarantor_id>/retirer", views.remove_guarantor, name="remove_guarantor"),
    path("baux/", views.lease_list, name="lease_list"),
    path("baux/nouveau", views.sign_lease, name="sign_lease"),
    path("baux/apercu", views.preview_lease, name="preview_lease"),
    path("baux/<int:lease_id>/", views.lease_page, name="lease_page"),
    path("baux/<int:lease_id>/signer", views.sign_prepared_lease, name="sign_prepared_lease"),
    path("baux/<int:lease_id>/corriger", views.correct_lease, name="correct_lease"),
    path("baux/<int:lease_id>/loyer", views.change_rent, name="change_rent"),
    path("baux/<int:lease_id>/preavis", views.give_notice, name="give_notice"),
    path("baux/<int:lease_id>/terminer", views.end_lease, name="end_lease"),
    path("baux/<int:lease_id>/annuler", views.cancel_lease, name="cancel_lease"),
    path("baux/<int:lease_id>/historique", views.lease_history, name="lease_history"),
]
