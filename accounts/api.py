"""Signing in and out over the API, who is signed in, and the keys of programs."""

from django.db.models import QuerySet
from drf_spectacular import authentication
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import callers, keys, tokens
from accounts.authentication import HeaderAuthentication, PageSession
from accounts.models import ApiKey
from accounts.serializers import (
    ApiKeySerializer,
    Credentials,
    FreshKey,
    KeyRequest,
    LogoutRequest,
    RefreshRequest,
    RenewRequest,
    TokenPair,
    UserBlock,
)
from akig.lib.addresses import client_address
from akig.lib.isolation import as_person
from akig.lib.problems import NotAuthenticated
from akig.lib.rest import ApiView


class SessionScheme(authentication.SessionScheme):
    """The browser's session, as the description of the API has always named it."""

    target_class = PageSession


class HeaderSchemes(OpenApiAuthenticationExtension):
    """How the description of the API names our tokens and keys."""

    target_class = HeaderAuthentication
    name = ["bearer", "apiKey"]

    def get_security_requirement(self, auto_schema) -> list[dict]:
        return [{name: []} for name in self.name]  # one of them, not both

    def get_security_definition(self, auto_schema) -> list[dict]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "Api-Key <key>",
            },
        ]


class SignInView(ApiView):
    """The door before the door: nobody is known yet, so the address is counted."""

    authentication_classes = ()
    permission_classes = ()
    counted_by = "auth"

    def checked(self, request: Request) -> dict:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


def shown(pair: tokens.Pair) -> Response:
    with as_person(pair.user):  # the request itself came from nobody
        return Response(TokenPair(pair).data)


class Login(SignInView):
    serializer_class = Credentials

    @extend_schema(operation_id="login", request=Credentials, responses=TokenPair, auth=[])
    def post(self, request: Request) -> Response:
        """Exchange e-mail, password and, where one is due, second factor for a pair of tokens."""
        sent = self.checked(request)
        pair = tokens.sign_in(
            email=sent["email"],
            password=sent["password"],
            otp=sent.get("otp", ""),
            address=client_address(request),
            agent=request.headers.get("User-Agent", ""),
            request=request._request,
        )
        return shown(pair)


class Refresh(SignInView):
    serializer_class = RefreshRequest

    @extend_schema(
        operation_id="refresh_tokens", request=RefreshRequest, responses=TokenPair, auth=[]
    )
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair; the old one is dead."""
        return shown(tokens.refresh(self.checked(request)["refresh"]))


class Logout(SignInView):
    serializer_class = LogoutRequest

    @extend_schema(
        operation_id="logout", request=LogoutRequest, responses={204: None}, auth=[{"bearer": []}]
    )
    def post(self, request: Request) -> Response:
        """End the sign-in: its refresh and access tokens are dead. Either one proves it."""
        sent = self.checked(request).get("refresh")
        scheme, _space, access = request.headers.get("Authorization", "").partition(" ")
        if sent:
            tokens.sign_out(sent, RefreshToken)
        elif scheme.lower() == "bearer":
            tokens.sign_out(access, AccessToken)
        else:
            raise NotAuthenticated
        return Response(status=status.HTTP_204_NO_CONTENT)


class Me(ApiView):
    serializer_class = UserBlock

    @extend_schema(operation_id="me")
    def get(self, request: Request) -> Response:
        """Return who is signed in."""
        response = Response(UserBlock(request.user).data)
        if isinstance(request.auth, callers.Caller):
            callers.keep(request.auth)
            response.stands_on = {}  # on the caller alone
        return response


class ApiKeyView(ListModelMixin, RetrieveModelMixin, ApiView, GenericViewSet):
    """The keys of programs. No key opens this: people alone lend rights."""

    rights = dict.fromkeys(("GET", "POST", "DELETE"), "user.manage")
    queryset = ApiKey.objects.select_related("owner").order_by("-created_at", "-pk")
    serializer_class = ApiKeySerializer
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().visible_to(self.request.user)

    @extend_schema(request=KeyRequest, responses={201: FreshKey})
    def create(self, request: Request) -> Response:
        """Make a key; the answer shows its secret this once."""
        asked = KeyRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        key, written = keys.make_key(actor=request.user, branches=said.pop("sites"), **said)
        return _fresh(key, written, status.HTTP_201_CREATED)

    @extend_schema(request=RenewRequest, responses=FreshKey)
    @action(detail=True, methods=["post"], rights={"POST": "user.manage"})
    def rotate(self, request: Request, pk: str) -> Response:
        """Give a key a new secret, shown this once; the old one works some hours more."""
        key = self.get_object()
        asked = RenewRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        key, written = keys.renew_key(actor=request.user, key=key, **asked.validated_data)
        return _fresh(key, written, status.HTTP_200_OK)

    def destroy(self, request: Request, pk: str) -> Response:
        """Revoke a key; it is dead at once."""
        keys.revoke_key(actor=request.user, key=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _fresh(key: ApiKey, written: str, code: int) -> Response:
    key.key = written
    return Response(FreshKey(key).data, status=code, headers={"Cache-Control": "no-store"})
