from django.urls import path

from agents import views

app_name = "agents"
urlpatterns = [path("carte", views.map_page, name="map")]
