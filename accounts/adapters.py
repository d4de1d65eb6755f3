"""What allauth asks us."""

import io

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse

from accounts import lockout
from accounts.asking import proved_lately
from accounts.models import User
from accounts.sign_ins import DEVICE, DEVICE_DAYS
from akig.lib.addresses import client_address
from akig.lib.encryption import cipher


class AccountAdapter(DefaultAccountAdapter):
    def authenticate(self, request: HttpRequest, **credentials: str) -> User | None:
        """Try a password, on the pages and for the API. Raises Locked."""
        attempt = lockout.begin(credentials["email"], client_address(request))
        user = super().authenticate(request, **credentials)
        if user is not None:
            attempt.give_back()
        return user

    def post_login(self, request: HttpRequest, user: User, **kwargs) -> HttpResponse:
        """Let the browser be told again at the next sign-in."""
        response = super().post_login(request, user, **kwargs)
        response.set_cookie(
            DEVICE, request.device, DEVICE_DAYS, secure=request.is_secure(), httponly=True,
            samesite="Lax",
        )  # fmt: skip
        return response

    def is_reauthentication_required(self, **kwargs) -> bool:
        """Ask again before a second factor changes, unless the person proved himself lately."""
        return not proved_lately(self.request)

    def is_open_for_signup(self, request) -> bool:
        """People are entered by the agency; nobody signs himself up."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        drawn = io.BytesIO()
        segno.make(url).save(drawn, kind="svg", scale=5, light="#fff", xmldecl=False)
        return drawn.getvalue().decode()
