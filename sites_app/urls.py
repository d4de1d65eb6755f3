from django.urls import path

from sites_app import views, views_approvals, views_branches, views_owners, views_persons

app_name = "sites_app"
urlpatterns = [
    path("accords/", views_approvals.approval_list, name="approval_list"),
    path("accords/<int:approval_id>/", views_approvals.approval_page, name="approval_page"),
    path("accords/<int:approval_id>/approuver", views_approvals.approve, name="approve"),
    path(
        "accords/<int:approval_id>/refuser",
        views_approvals.refuse_approval,
        name="refuse_approval",
    ),
    path(
        "accords/<int:approval_id>/retirer",
        views_approvals.withdraw_approval,
        name="withdraw_approval",
    ),
    path(
        "accords/<int:approval_id>/historique",
        views_approvals.approval_history,
        name="approval_history",
    ),
    path("agences/", views_branches.site_list, name="site_list"),
    path("agences/ouvrir", views_branches.open_branch, name="open_branch"),
    path("agences/<str:code>/", views_branches.site_page, name="site_page"),
    path("agences/<str:code>/regle", views_branches.set_rule, name="set_rule"),
    path("agences/<str:code>/regles/<str:name>", views_branches.rule_history, name="rule_history"),
    path("agences/<str:code>/jour-ferie", views_branches.add_holiday, name="add_holiday"),
    path("personnes/<int:person_id>/agence", views_branches.assign_person, name="assign_person"),
    path("proprietaires/", views_owners.owner_list, name="owner_list"),
    path("proprietaires/choix", views_owners.owner_choices, name="owner_choices"),
    path("proprietaires/nouveau", views_owners.add_owner, name="add_owner"),
    path("proprietaires/<int:owner_id>/", views_owners.owner_page, name="owner_page"),
    path("proprietaires/<int:owner_id>/corriger", views_owners.correct_owner, name="correct_owner"),
    path("proprietaires/<int:owner_id>/acces", views_owners.link_owner, name="link_owner"),
    path("proprietaires/<int:owner_id>/archiver", views_owners.archive_owner, name="archive_owner"),
    path("proprietaires/<int:owner_id>/donnees", views_persons.export_owner, name="export_owner"),
    path("proprietaires/<int:owner_id>/effacer", views_persons.erase_owner, name="erase_owner"),
    path(
        "proprietaires/<int:owner_id>/historique", views_owners.owner_history, name="owner_history"
    ),
    path("biens/", views.property_list, name="property_list"),
    path("biens/choix", views.property_choices, name="property_choices"),
    path("biens/nouveau", views.add_property, name="add_property"),
    path("biens/<int:property_id>/", views.property_page, name="property_page"),
    path("biens/<int:property_id>/corriger", views.correct_property, name="correct_property"),
    path("biens/<int:property_id>/archiver", views.archive_property, name="archive_property"),
    path("biens/<int:property_id>/commission", views.set_mandate, name="set_mandate"),
    path("biens/<int:property_id>/lots", views.generate_units, name="generate_units"),
    path("biens/<int:property_id>/lots/apercu", views.preview_units, name="preview_units"),
    path("biens/<int:property_id>/panne", views.report_fault, name="report_fault"),
    path("biens/<int:property_id>/historique", views.property_history, name="property_history"),
    path("lots/", views.unit_list, name="unit_list"),
    path("lots/<int:unit_id>/", views.unit_page, name="unit_page"),
    path("lots/<int:unit_id>/corriger", views.correct_unit, name="correct_unit"),
    path("lots/<int:unit_id>/archiver", views.archive_unit, name="archive_unit"),
    path("lots/<int:unit_id>/historique", views.unit_history, name="unit_history"),
    path("pannes/<int:ticket_id>/clore", views.close_ticket, name="close_ticket"),
]
