from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("<int:job_id>/", views.job, name="job"),
    path("<int:job_id>/file", views.job_file, name="job_file"),
    path("<int:job_id>/cancel", views.cancel, name="cancel_job"),
]
