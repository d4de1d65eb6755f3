"""The one family of refusals: what the rules of the business do not allow."""


class BusinessError(Exception):
    """A refusal with a stable ``code`` for machines and a translated ``message`` for people.

    ``fields`` maps a field's name to what is wrong with it; ``status`` is the HTTP status that a
    door answers with. Doors translate it once: ``akig.lib.rest`` (JSON) and ``akig.lib.forms``
    (pages).
    """

    code = "validation_error"
    status = 400
    message = ""

    def __init__(
        self, message: str = "", *, code: str = "", fields: dict | None = None, status: int = 0
    ):
        self.message = message or self.message
        self.code = code or self.code
        self.status = status or self.status
        self.fields = fields or {}
        super().__init__(str(self.message))


class NotAllowed(BusinessError):
    """The actor is known, but his role does not hold this right."""

    code = "permission_denied"
    status = 403


class Conflict(BusinessError):
    """The state of things forbids it now."""

    code = "conflict"
    status = 409
