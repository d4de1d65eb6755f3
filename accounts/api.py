"""Signing in and out over the API, and who is signed in."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import callers, tokens
from accounts.authentication import HeaderAuthentication
from accounts.serializers import (
    Credentials,
    LogoutRequest,
    RefreshRequest,
    TokenPair,
    UserBlock,
)
from akig.lib.addresses import client_address
from akig.lib.problems import NotAuthenticated
from akig.lib.rest import ApiView


class BearerScheme(OpenApiAuthenticationExtension):
    """How the description of the API names our tokens."""

    target_class = HeaderAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SignInView(ApiView):
    """The door before the door: nobody is known yet, so the address is counted."""

    authentication_classes = ()
    permission_classes = ()
    counted_by = "auth"

    def checked(self, request: Request) -> dict:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class Login(SignInView):
    serializer_class = Credentials

    @extend_schema(operation_id="login", request=Credentials, responses=TokenPair, auth=[])
    def post(self, request: Request) -> Response:
        """Exchange e-mail and password for a pair of tokens."""
        sent = self.checked(request)
        pair = tokens.sign_in(
            email=sent["email"],
            password=sent["password"],
            address=client_address(request),
            agent=request.headers.get("User-Agent", ""),
            request=request._request,
        )
        return Response(TokenPair(pair).data)


class Refresh(SignInView):
    serializer_class = RefreshRequest

    @extend_schema(
        operation_id="refresh_tokens", request=RefreshRequest, responses=TokenPair, auth=[]
    )
    def post(self, request: Request) -> Response:
        """Exchange a refresh token for a new pair; the old one is dead."""
        return Response(TokenPair(tokens.refresh(self.checked(request)["refresh"])).data)


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
