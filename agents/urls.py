from django.urls import path

from agents import views, views_missions

app_name = "agents"
urlpatterns = [
    path("carte", views.map_page, name="map"),
    path("missions/", views_missions.mission_list, name="mission_list"),
    path("missions/preparer", views_missions.plan_day, name="plan_day"),
    path("missions/classement", views_missions.ranking_page, name="ranking"),
    path("missions/<int:mission_id>/", views_missions.mission_page, name="mission_page"),
]
