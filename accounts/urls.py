from django.urls import path

from accounts import views, views_keys

app_name = "people"
urlpatterns = [
    path("personnes/nouvelle", views.add_person, name="add_person"),
    path("personnes/<int:person_id>/corriger", views.correct_person, name="correct_person"),
    path("personnes/<int:person_id>/role", views.change_role, name="change_role"),
    path("personnes/<int:person_id>/exclure", views.shut_out, name="shut_out"),
    path("personnes/<int:person_id>/reprendre", views.let_in, name="let_in"),
    path("personnes/<int:person_id>/mot-de-passe", views.renew_password, name="renew_password"),
    path("cles/", views_keys.key_list, name="key_list"),
    path("cles/nouvelle", views_keys.make_key, name="make_key"),
    path("cles/<int:key_id>/", views_keys.key_page, name="key_page"),
    path("cles/<int:key_id>/renouveler", views_keys.renew_key, name="renew_key"),
    path("cles/<int:key_id>/revoquer", views_keys.revoke_key, name="revoke_key"),
    path("personnes/<int:person_id>/liberer", views.release, name="release"),
    path("personnes/<int:person_id>/second-facteur", views.remove_factor, name="remove_factor"),
]
