from django.urls import path

from agents import views, views_missions, views_results, views_terrain

app_name = "agents"
urlpatterns = [
    path("carte", views.map_page, name="map"),
    path("missions/", views_missions.mission_list, name="mission_list"),
    path("missions/preparer", views_missions.plan_day, name="plan_day"),
    path("missions/classement", views_missions.ranking_page, name="ranking"),
    path("missions/tableau", views_results.scoreboard_page, name="scoreboard"),
    path("missions/objectif/<int:assignment_id>", views_results.target, name="set_target"),
    path("missions/points/<int:assignment_id>", views_results.points, name="give_points"),
    path("missions/<int:mission_id>/", views_missions.mission_page, name="mission_page"),
    path("missions/<int:mission_id>/tournee", views_missions.order_visits, name="order_visits"),
    path("missions/<int:mission_id>/deplacer", views_missions.move_visit, name="move_visit"),
    path("terrain/", views_terrain.terrain, name="terrain"),
    path("terrain/sw.js", views_terrain.terrain_worker, name="terrain_worker"),
    path("terrain/manifest.json", views_terrain.terrain_manifest, name="terrain_manifest"),
    path("terrain/mots.json", views_terrain.terrain_words, name="terrain_words"),
]
