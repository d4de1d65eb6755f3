"""What every view of the API has in common: strict reading, rights, limits, language."""

import io
import json
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from akig.lib.addresses import client_address
from akig.lib.errors import NotAllowed
from akig.lib.isolation import reading
from akig.lib.paging import NumberedPages
from akig.lib.problems import TooLarge, TooMany
from akig.lib.throttling import Count, count


class AlwaysJson(BaseContentNegotiation):
    """Each address answers one kind of content, whatever the caller would rather have."""

    def select_parser(self, request, parsers):
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


#: Half of a character, which JSON can write and no text can hold.
HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class StrictJsonParser(JSONParser):
    """JSON of a sane size and depth, whose texts are texts."""

    def parse(self, stream, media_type=None, parser_context=None):
        refuse_too_large(parser_context["request"])
        written = stream.read()
        try:
            said = super().parse(io.BytesIO(written), media_type, parser_context)
            if HALF.search(written):
                json.dumps(said, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError) as error:
            raise exceptions.ParseError(_("This is not readable JSON.")) from error
        return said


def refuse_too_large(request: Request) -> None:
    """Raise TooLarge by the announced length, before a byte is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise TooLarge(_("What you sent is too large."))


def refuse_nul(request: Request) -> None:
    """Raise ParseError for a character that PostgreSQL keeps in no text."""
    if "%00" in request.META.get("QUERY_STRING", ""):
        raise exceptions.ParseError(_("This address holds a character that no text has."))


class HoldsRight(BasePermission):
    """Ask the right that the view names for the method; unknown methods go on to their 405."""

    def has_permission(self, request, view) -> bool:
        if not request.user.is_authenticated:
            return False
        code = view.right_for(request.method)
        if code and not request.user.may(code):
            raise NotAllowed(_("Your role does not allow this."))
        return True


class ApiView(GenericAPIView):
    """A view of the API. ``rights`` names the permission that each method asks for.

    ``counted_by`` says whose requests a minute are counted: those of the ``user``, or on sign-in
    (``auth``) those of the address.
    """

    rights: dict[str, str] = {}
    counted_by = "user"
    content_negotiation_class = AlwaysJson
    pagination_class = NumberedPages
    parser_classes = (StrictJsonParser,)
    permission_classes = (HoldsRight,)
    counted: Count | None = None

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        with reading(request.method, self.right_for(request.method)):
            return super().dispatch(request, *args, **kwargs)

    def right_for(self, method: str) -> str:
        """Return the permission that ``method`` asks for; an empty text where none is named."""
        return self.rights.get("GET" if method == "HEAD" else method, "")

    def initial(self, request: Request, *args, **kwargs) -> None:
        self.format_kwarg = None
        request.version, request.versioning_scheme = None, None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(
            request
        )
        try:
            self.perform_authentication(request)
        except exceptions.APIException:
            self.count_request(request)
            raise
        self.speak_to(request)
        self.count_request(request)
        refuse_nul(request)
        self.check_permissions(request)
        self.narrow(request)

    def count_request(self, request: Request) -> None:
        """Count this request against its limit. Raises TooMany."""
        by_address = f"{self.counted_by}:at:{client_address(request)}"
        if self.counted_by == "auth":
            self.counted = count(by_address, settings.THROTTLE_AUTH)
        elif request.user is None or request.user.pk is None:
            self.counted = count(by_address, settings.THROTTLE_USER)
        else:
            # Whoever found the caller may have counted in the same breath.
            self.counted = getattr(request.auth, "counted", None) or count(
                f"user:{request.user.pk}", settings.THROTTLE_USER
            )
        if self.counted.wait:
            raise TooMany(self.counted.wait)

    def speak_to(self, request: Request) -> None:
        """Answer in the language of the person where the request asks for none."""
        chosen = getattr(request.user, "language", "")
        if chosen and "HTTP_ACCEPT_LANGUAGE" not in request.META:
            spoken = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
            translation.activate(spoken)

    def narrow(self, request: Request) -> None:
        """Narrow the request to a branch; see ``sites_app.narrowing``."""

    def get_authenticate_header(self, request: Request) -> str:
        # Also where nobody need be known: a wrong password answers 401 and never 403.
        return 'Bearer realm="api"'

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.counted is not None:
            response["X-RateLimit-Limit"] = str(self.counted.limit)
            response["X-RateLimit-Remaining"] = str(self.counted.remaining)
        return response


class UnknownPath(ApiView):
    """Whatever stands under /api/ and has no view."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        raise exceptions.NotFound
