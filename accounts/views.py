"""The page on which people correct what is known of them, and the acts on other people.

The people are shown by an app above, which knows where they work: these pages lead back there.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import forms, sign_ins
from accounts.asking import ask_again
from accounts.devices import devices_of
from accounts.models import User
from accounts.record import note
from akig.lib.doors import act_page, may, secret_page, sent
from akig.lib.dossiers import handed_out
from akig.lib.forms import ActForm

PEOPLE = "person_list"
PERSON = "person_page"
PASSWORD = {"template": "accounts/password.html", "shows": ("person", "password")}


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Correct one's name, telephone and language; the pages follow at once."""
    form = forms.ProfileForm(request.POST or None, initial=forms.known_of(request.user))
    return act_page(
        request,
        form,
        title=_("My account"),
        then=reverse("profile"),
        done=_("The correction is saved."),
        cancel="/",
    )


@never_cache
@login_required
@ask_again
def my_data(request: HttpRequest) -> HttpResponse:
    """Hand out what is kept of oneself; that one took it is on record."""
    form = forms.MyDataForm(sent(request))
    if form.is_bound and (packed := form.submit(request.user)) is not None:
        note("exported", request.user, request, what="accounts.user")
        return handed_out(packed, "akig.zip")
    page = {
        "form": form,
        "page_title": _("My data"),
        "consequence": _(
            "One file with all that is kept of you as a person who signs in. What you did for the "
            "agency stays with it. That you took the file is on record."
        ),
        "cancel": reverse("my_sign_ins"),
    }
    return render(request, "form_page.html", page)


@never_cache
@login_required
def my_sign_ins(request: HttpRequest) -> HttpResponse:
    """Show where one is signed in, and end what should not be."""
    if request.method == "POST":
        if sign_ins.end(request, request.POST.get("end", "")):
            messages.success(request, _("Ended."))
        return redirect("my_sign_ins")
    browsers = list(sign_ins.browsers_of(request.user))
    telephones = list(sign_ins.telephones_of(request.user))
    context = {
        "browsers": browsers,
        "telephones": telephones,
        "devices": devices_of(request.user),
        "several": len(browsers) + len(telephones) > 1,
    }
    return render(request, "accounts/sign_ins.html", context)


@never_cache
@may("user.manage")
@ask_again
def add_person(request: HttpRequest) -> HttpResponse:
    """Enter a person; the answer shows the password this once."""
    form = forms.AddPersonForm(request.POST or None, actor=request.user)
    return secret_page(request, form, title=_("Add a person"), cancel=reverse(PEOPLE), **PASSWORD)


@may("user.manage")
def correct_person(request: HttpRequest, person_id: int) -> HttpResponse:
    person = find_person(request, person_id)
    return _act_on(
        request,
        person,
        forms.CorrectPersonForm(
            request.POST or None, initial=forms.known_of(person), person=person
        ),
        title=_("Correct: %(name)s"),
        done=_("The correction is saved."),
    )


@may("user.manage")
@ask_again
def change_role(request: HttpRequest, person_id: int) -> HttpResponse:
    person = find_person(request, person_id)
    return _act_on(
        request,
        person,
        forms.ChangeRoleForm(request.POST or None, person=person, actor=request.user),
        title=_("Change the role: %(name)s"),
        done=_("The role is changed; it counts at once."),
    )


@may("user.manage")
def shut_out(request: HttpRequest, person_id: int) -> HttpResponse:
    person = find_person(request, person_id)
    return _act_on(
        request,
        person,
        forms.ShutOutForm(sent(request), person=person),
        title=_("Shut out: %(name)s"),
        consequence=_("Every browser and telephone of this person is signed out at once."),
        done=_("The person is shut out."),
    )


@may("user.manage")
@ask_again
def let_in(request: HttpRequest, person_id: int) -> HttpResponse:
    person = find_person(request, person_id)
    return _act_on(
        request,
        person,
        forms.LetInForm(sent(request), person=person),
        title=_("Let in: %(name)s"),
        consequence=_("The person signs in again with the same password."),
        done=_("The person may sign in again."),
    )


@never_cache
@may("user.manage")
@ask_again
def renew_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """Replace a lost password; the answer shows the new one this once."""
    person = find_person(request, person_id)
    return secret_page(
        request,
        forms.RenewPasswordForm(sent(request), person=person),
        title=_("New password: %(name)s") % {"name": person},
        consequence=_("The old password and every sign-in of this person end at once."),
        cancel=reverse(PERSON, args=[person.pk]),
        **PASSWORD,
    )


@may("user.manage")
@ask_again
def release(request: HttpRequest, person_id: int) -> HttpResponse:
    person = find_person(request, person_id)
    return _act_on(
        request,
        person,
        forms.ReleaseForm(sent(request), person=person),
        title=_("End the lock-out: %(name)s"),
        consequence=_("Failed sign-ins of this person are forgotten; the next one is tried."),
        done=_("The person may try again at once."),
    )


@may("user.manage")
@ask_again
def remove_factor(request: HttpRequest, person_id: int) -> HttpResponse:
    person = find_person(request, person_id)
    return _act_on(
        request,
        person,
        forms.RemoveFactorForm(sent(request), person=person),
        title=_("Take the second factor away: %(name)s"),
        consequence=_(
            "Every sign-in of this person ends at once; at the next one, the password alone opens "
            "the page where another telephone is set up. Make sure who is asking you."
        ),
        done=_("The second factor is taken away."),
    )


def find_person(request: HttpRequest, person_id: int) -> User:
    return get_object_or_404(User.objects.visible_to(request.user), pk=person_id)


def _act_on(
    request: HttpRequest, person: User, form: ActForm, *, title: str, done: str, **context: str
) -> HttpResponse:
    """Perform an act on ``person``, whose own page one comes from and goes back to."""
    page = reverse(PERSON, args=[person.pk])
    title = title % {"name": person}
    return act_page(request, form, title=title, then=page, done=done, cancel=page, **context)
