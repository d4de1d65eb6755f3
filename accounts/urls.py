from django.urls import path

from accounts import views

app_name = "people"
urlpatterns = [
    path("personnes/nouvelle", views.add_person, name="add_person"),
    path("personnes/<int:person_id>/role", views.change_role, name="change_role"),
    path("personnes/<int:person_id>/exclure", views.shut_out, name="shut_out"),
    path("personnes/<int:person_id>/reprendre", views.let_in, name="let_in"),
    path("personnes/<int:person_id>/mot-de-passe", views.renew_password, name="renew_password"),
]
