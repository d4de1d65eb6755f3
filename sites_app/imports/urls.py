from django.urls import path

from sites_app.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.import_list, name="import_list"),
    path("nouveau", views.begin, name="begin"),
    path("export.zip", views.export, name="export"),
    path("<int:run_id>/", views.import_run, name="import_run"),
    path("<int:run_id>/colonnes", views.columns, name="columns"),
    path("<int:run_id>/appliquer", views.apply_run, name="apply_run"),
    path("<int:run_id>/reprendre", views.undo_run, name="undo_run"),
    path("<int:run_id>/lignes.csv", views.refused_rows, name="refused_rows"),
]
