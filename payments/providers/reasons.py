"""Why a payment did not come, in words for people."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

#: Ours first, then the providers' own words.
REASONS = {
    "address_not_https": _("The provider's address does not begin with https."),
    "answer_incomplete": _("The provider's answer lacks something."),
    "answer_too_large": _("The provider's answer is too large."),
    "busy": _("The provider has too much to do."),
    "credentials_refused": _("The provider does not accept our credentials."),
    "currency_not_served": _("The provider does not take this currency."),
    "never_arrived": _("The request never reached the provider."),
    "no_answer": _("The provider does not answer."),
    "not_json": _("The provider's answer cannot be read."),
    "not_known_yet": _("The provider does not know the request yet."),
    "phone_missing": _("The payer's telephone is missing."),
    "redirected": _("The provider's address leads elsewhere."),
    "secret_missing": _("A secret is missing."),
    "server_error": _("The provider has a fault."),
    "no_signature": _("The message is not signed."),
    "no_timestamp": _("The signature does not say when it was made."),
    "no_token": _("The message has no token."),
    "too_old": _("The signature is too old."),
    "wrong_signature": _("The signature is wrong."),
    "APPROVAL_REJECTED": _("The payer refused."),
    "CANCELLED": _("The payer refused."),
    "EXPIRED": _("The payer did not answer in time."),
    "FAILED": _("The payment failed."),
    "ONGOING": _("The payer has another request open."),
    "PAYER_DELAYED": _("The payer has not answered yet."),
    "PAYER_NOT_FOUND": _("This telephone has no account there."),
    "PAYEE_NOT_ALLOWED_TO_RECEIVE": _("Our account may not receive money."),
    "NOT_ALLOWED": _("The payer's account may not pay."),
    "NOT_ALLOWED_TARGET_ENVIRONMENT": _("The target environment is wrong."),
    "INVALID_CALLBACK_URL_HOST": _("Our domain is not registered at the provider."),
    "INVALID_CURRENCY": _("The provider does not take this currency."),
    "SERVICE_UNAVAILABLE": _("The provider has a fault."),
    "COULD_NOT_PERFORM_TRANSACTION": _("The provider could not finish in time."),
    "NOT_ENOUGH_FUNDS": _("The payer has not enough money."),
    "PAYER_LIMIT_REACHED": _("The payer has reached a limit."),
    "INTERNAL_PROCESSING_ERROR": _("The provider could not do it; often money is lacking."),
    "insufficient-funds": _("The payer has not enough money."),
    "blocked-account": _("The payer's account may not pay."),
    "payment-failure": _("The payment failed."),
}


def reason_text(reason: str) -> str:
    """Return ``reason`` in the reader's language, the provider's own words where we know none."""
    if reason.startswith("http_"):
        return gettext("The provider refused (%(status)s).") % {"status": reason[5:]}
    return str(REASONS.get(reason, reason))
