"""The pages of jobs: how far the work is, what failed, the file it made."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notifications.models import Job
from notifications.services import cancel_job

SECONDS_BETWEEN_LOOKS = 2


@require_safe
@login_required
def jobs(request: HttpRequest) -> HttpResponse:
    mine = Job.objects.filter(requested_by=request.user)
    page = Paginator(mine, 50).get_page(request.GET.get("page"))
    return render(request, "notifications/jobs.html", {"page": page})


@require_safe
@never_cache
@login_required
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    found.hear_news()
    response = render(request, "notifications/job.html", {"job": found})
    if found.is_open:
        # A header, so that the page looks again without a line of JavaScript.
        response["Refresh"] = str(SECONDS_BETWEEN_LOOKS)
    return response


@require_safe
@never_cache
@login_required
def job_file(request: HttpRequest, job_id: int) -> FileResponse:
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    if not found.file or not found.file.storage.exists(found.file.name):
        raise Http404
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=found.file_name)


@require_POST
@login_required
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    cancel_job(request.user, found)
    return redirect("notifications:job", job_id=found.pk)
