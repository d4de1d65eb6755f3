"""The page on which people correct what the system knows of themselves."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.forms import ProfileForm
from akig.lib.doors import act_page


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Correct one's name, telephone and language; the pages follow at once."""
    user = request.user
    known = {"name": user.name, "phone": user.phone, "language": user.language}
    form = ProfileForm(request.POST or None, initial=known)
    return act_page(
        request,
        form,
        title=_("My account"),
        then=reverse("profile"),
        done=_("The correction is saved."),
        cancel="/",
    )
