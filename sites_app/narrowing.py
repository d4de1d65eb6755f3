"""The API's views of what belongs to a branch: narrowed, versioned, invisible from elsewhere."""

import re
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import callers
from akig.lib.errors import Conflict, NotAllowed
from akig.lib.filters import Matching
from akig.lib.problems import VersionConflict
from akig.lib.rest import ApiView
from sites_app.models import Site
from sites_app.querysets import branches_of

ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


class SiteForbidden(NotAllowed):
    """The branch, known or not, is none of the caller's."""

    code = "site_forbidden"


def refuse_foreign(user, code: str) -> None:
    """Raise SiteForbidden unless branch ``code`` is one of ``user``'s."""
    if user.works_here:
        own = code in branches_of(user)
    else:
        own = "\x00" not in code and Site.objects.visible_to(user).filter(code=code).exists()
    if not own:
        raise SiteForbidden(_("You are not assigned to this branch."))


def own_site(user, code: str) -> Site:
    """Return the branch ``code``. Raises SiteForbidden."""
    refuse_foreign(user, code)
    return Site.objects.get(code=code)


def site_asked(request: Request, code: str | None) -> Site:
    """Return the branch that an act is for: the one said, asked for, or the caller's primary one.

    Raises SiteForbidden for a branch that is not the caller's, ValidationError when the caller has
    several and means none.
    """
    if code and request.site_code and code != request.site_code:
        raise ValidationError({"site": [_("The request is narrowed to another branch.")]})
    code = code or request.site_code
    if not code:
        own = branches_of(request.user)
        primary = request.user.assignments.current().filter(is_primary=True, site__in=own).first()
        if primary is None and len(own) != 1:
            raise ValidationError({"site": ErrorDetail(_("Say at which branch."), "required")})
        code = primary.site_id if primary else own[0]
    return own_site(request.user, code)


class BranchView(ApiView):
    """A view narrowed by ``X-Site-ID`` or ``?site=``.

    ``request.site`` is the branch (loaded when first looked at) and ``request.site_code`` its
    code, or both are None for all the caller's branches.
    """

    narrowed = True

    def narrow(self, request: Request) -> None:
        asked = {request.headers.get("X-Site-ID", ""), request.query_params.get("site", "")} - {""}
        request.site = request.site_code = None
        for code in asked:
            refuse_foreign(request.user, code)
        if len(asked) > 1:
            raise ValidationError({"site": [_("The address and the header name two branches.")]})
        if asked:
            (code,) = asked
            request.site_code = code
            request.site = SimpleLazyObject(lambda: Site.objects.get(code=code))
        if isinstance(request.auth, callers.Caller):
            branches_of(request.user)
            callers.keep(request.auth)

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        rows = super().get_queryset().visible_to(self.request.user)
        code = self.request.site_code
        return self.narrowed_to(rows, code) if code else rows

    def narrowed_to(self, rows: QuerySet, code: str) -> QuerySet:
        return rows.at(code)


class NounView(ListModelMixin, RetrieveModelMixin, BranchView, GenericViewSet):
    """A noun: list, read, and where ``rights`` say so enter and correct. Nothing is deleted.

    Serializers perform the act; ``version`` is given to it, so that it refuses what is stale.
    """

    versioned = True
    filter_backends = (Matching, DjangoFilterBackend)
    lookup_value_regex = "[0-9]+"

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.get_object())

    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        row = serializer.save()
        return self.shown(self.get_queryset().get(pk=row.pk), status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        version = expected_version(request)
        if version is not None and version != row.version:
            raise self.conflict(row, version)
        serializer = self.get_serializer(row, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        try:
            serializer.save(version=version)
        except Conflict as refusal:
            if refusal.code != "stale":
                raise
            raise self.conflict(self.get_object(), version) from refusal
        return self.shown(self.get_object())

    def get_object(self):
        # Not the filters of the list: an address that names a row asks for no search.
        row = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, row)
        return row

    def shown(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        return Response(
            self.get_serializer(row).data, status=code, headers={"ETag": f'"{row.version}"'}
        )

    def conflict(self, row: Any, version: int) -> VersionConflict:
        yours = {**self.request.data, "version": version}
        return VersionConflict(current=self.get_serializer(row).data, yours=yours)


def expected_version(request: Request) -> int | None:
    """Read ``If-Match``: the version that the caller saw, or None where any will do.

    What is no version of ours can match none: -1.
    """
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return None
    found = ETAG.fullmatch(header)
    return int(found[1]) if found else -1
