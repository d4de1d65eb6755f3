"""Where a request works: the branches of the person, and the one chosen at the head of the page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from sites_app.models import Site


class BranchMiddleware:
    """Give the request ``sites`` and ``site`` (lazily: a page that does not ask costs no query)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.sites = SimpleLazyObject(lambda: sites_of(request))
        request.site = SimpleLazyObject(lambda: chosen_site(request))
        return self.get_response(request)


def sites_of(request: HttpRequest) -> list[Site]:
    """Return the branches that exist for the person of the request."""
    if not hasattr(request, "_sites"):
        user = getattr(request, "user", None)
        known = user is not None and user.is_authenticated
        seen = Site.objects.visible_to(user) if known else []
        request._sites = list(getattr(user, "_sites", seen))
    return request._sites


def chosen_site(request: HttpRequest) -> Site | None:
    """Return the branch to which the pages are narrowed; None for all that the person sees.

    Unlike ``request.site`` this may be compared with None.
    """
    sites = sites_of(request)
    if len(sites) == 1:
        return sites[0]
    code = request.session.get("site")
    return next((site for site in sites if site.code == code), None)
