"""Where a request works: the branches of the person, and the one chosen at the head of the page."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from akig.lib import isolation
from sites_app.isolation import scope_of
from sites_app.models import Site
from sites_app.querysets import shared_with


class BranchMiddleware:
    """Let the request see its person's branches alone, and give it ``sites`` and ``site``.

    All lazily: a page that does not ask costs no query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.sites = SimpleLazyObject(lambda: sites_of(request))
        request.site = SimpleLazyObject(lambda: _chosen(request))
        with isolation.as_caller(request):
            return self.get_response(request)


def sites_of(request: HttpRequest) -> list[Site]:
    """Return the branches that exist for the person of the request."""
    if not hasattr(request, "_sites"):
        user = getattr(request, "user", None)
        request._sites = []
        if user is not None and user.is_authenticated:
            scope_of(user)  # which reads them, unless somebody has
            seen = Site.objects.visible_to(user)
            name = "_sites" if user.works_here else "_sites_seen"
            request._sites = list(getattr(user, name, seen))
    return request._sites


def chosen_site(request: HttpRequest) -> Site | None:
    """Return the branch to which a page is narrowed; None for all that the person sees.

    ``?site=`` asks for one on this page, the header of the pages for one on all of them. Unlike
    ``request.site`` this may be compared with None. Raises Http404 for a branch asked for in vain.
    """
    found = _chosen(request)
    if found is None and request.GET.get("site"):
        raise Http404
    return found


def sites_shown(request: HttpRequest) -> list[Site]:
    """Return the branches that a page tells of: the chosen one, or all that the person sees."""
    chosen = chosen_site(request)
    return sites_of(request) if chosen is None else [chosen]


def _chosen(request):
    sites = sites_of(request)
    code = request.GET.get("site") or request.session.get("site")
    found = next((site for site in sites if site.code == code), None)
    is_only = len(sites) == 1 and not request.GET.get("site") and not shared_with(request.user)
    return found or (sites[0] if is_only else None)
