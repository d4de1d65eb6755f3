"""Who may act: people, their role, and the tokens of their telephones."""

import math
import uuid
from datetime import timedelta

import pghistory
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.roles import STAFF
from akig.lib.encryption import OLD, SealedTextField
from akig.lib.models import append_only

#: So long before its end a key waits to be renewed.
SOON = timedelta(days=7)
#: An address that cannot exist (RFC 2606).
SYSTEM = "system@akig.invalid"
#: The addresses of the demonstration's people, whose password everybody knows.
DEMO_DOMAIN = "@akig.demo"

#: What people do that changes no row and is on record all the same.
DEEDS = ("signed_in", "sign_in_failed", "signed_out", "exported")


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Keep the people that exist for ``user``: all to whoever manages them, else the person."""
        people = self.exclude(email=SYSTEM)
        return people if user.may("user.manage") else people.filter(pk=user.pk)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, email):
        return self.get(email=email.lower())

    def create_user(self, email: str, password: str | None, *, role: str, **fields) -> "User":
        """Create a person with one role (a name of ``accounts.roles.ROLES``)."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save()
        user.groups.add(Group.objects.get(name=role))
        return user

    def system(self) -> "User":
        """Return the person as whom commands and scheduled jobs act; nobody can sign in as it."""
        user = self.filter(email=SYSTEM).first()
        return user or self.create_user(SYSTEM, None, role="admin", name="AKIG")


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    *map(pghistory.ManualEvent, ("password", "released", *DEEDS)),
    exclude=["password", "last_login", "owes_factor_since"],
)
class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. The role is the one group that the person is in."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    phone = PhoneNumberField(_("telephone"), blank=True)
    language = models.CharField(_("language"), max_length=8, default="fr")
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    # Kept here by ``accounts.factors``, so that a page that asks makes no query.
    owes_factor_since = models.DateTimeField(
        _("owes a second factor since"), null=True, blank=True, editable=False
    )

    objects = UserManager()
    #: What the person lent to the program that is at work (``accounts.keys.Lent``), if one is.
    key = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return str(self)

    @cached_property
    def _authority(self) -> tuple[str, frozenset[str]]:
        rows = list(self.groups.values_list("name", "permissions__codename"))
        return (rows[0][0] if rows else "", frozenset(code for _role, code in rows if code))

    @property
    def role(self) -> str:
        return self._authority[0]

    @property
    def rights(self) -> frozenset[str]:
        """The permission codes of the role; empty for a person who was shut out.

        A program that comes with the person's key has those of its scopes among them.
        """
        rights = self._authority[1] if self.is_active else frozenset()
        return rights & self.key.scopes if self.key else rights

    def may(self, code: str) -> bool:
        """Tell whether the role holds the permission ``code`` (a key of ``roles.PERMISSIONS``)."""
        return code in self.rights

    @property
    def is_staff(self) -> bool:
        """The back-office opens to those who work at the agency, field agents apart."""
        return self.is_active and self.role in STAFF and self.role != "agent"

    @property
    def works_here(self) -> bool:
        return self.role in STAFF

    @property
    def is_system(self) -> bool:
        return self.email == SYSTEM

    @property
    def is_demonstration(self) -> bool:
        return self.email.endswith(DEMO_DOMAIN)

    @property
    def factor_days_left(self) -> int | None:
        """The days left to set up a second factor; None for who has one or needs none."""
        if self.owes_factor_since is None or self.is_demonstration:
            return None
        due = self.owes_factor_since + timedelta(days=settings.MFA_GRACE_DAYS)
        return max(0, math.ceil((due - timezone.now()) / timedelta(days=1)))


@pghistory.track(
    pghistory.InsertEvent("role_given"), pghistory.DeleteEvent("role_taken"), obj_field=None
)
class HeldRole(User.groups.through):
    """A role that a person holds: Django's own table, of which a history is kept here."""

    class Meta:
        proxy = True
        verbose_name = _("role")
        verbose_name_plural = _("roles")


@pghistory.track(
    pghistory.InsertEvent("factor_added"),
    pghistory.DeleteEvent("factor_removed"),
    fields=["user", "type"],
    model_name="SecondFactorEvent",
    obj_field=None,
)
class SecondFactor(Authenticator):
    """What proves a person beside the password: allauth's own table, with a history kept here."""

    class Meta:
        proxy = True
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")


class Right(models.Model):
    """No table: the name under which Django keeps our permissions."""

    class Meta:
        managed = False
        default_permissions = ()

    def __str__(self):
        return str(self.pk)


class TokenFamily(models.Model):
    """One signed-in device: a chain of refresh tokens that lives and dies together.

    Only the newest refresh token is good; an older one shown again means that it was stolen, and
    the whole family dies. Access tokens name their family, so they die with it at once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="token_families", verbose_name=_("person")
    )
    current = models.CharField(_("newest token"), max_length=64)
    created_at = models.DateTimeField(_("signed in at"), auto_now_add=True)
    refreshed_at = models.DateTimeField(_("last used at"), auto_now=True)
    revoked_at = models.DateTimeField(_("ended at"), null=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    agent = models.CharField(_("device"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")

    def __str__(self):
        return f"{self.user} · {self.agent}"


class ApiKeyQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Keep the keys that exist for ``user``: all to whoever manages people, else none."""
        return self if user.may("user.manage") else self.none()

    def to_renew(self):
        """Keep those that hold and whose secret is old, or that end within a week."""
        now = timezone.now()
        old = models.Q(renewed_at__lt=now - OLD) | models.Q(expires_at__lt=now + SOON)
        return self.filter(old, revoked_at=None, expires_at__gt=now)


@pghistory.track(exclude=["digest", "old_digest", "last_used_at", "request_count"])
class ApiKey(models.Model):
    """By what a program signs in for the person who made it; its secret is kept nowhere.

    The program may do what its scopes say and its owner may at that moment, at those of its
    branches where the owner works. A secret that was replaced is good until ``old_until``.
    """

    owner = models.ForeignKey(
        User, models.CASCADE, related_name="api_keys", verbose_name=_("made by")
    )
    name = models.CharField(_("program"), max_length=100)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    old_digest = models.CharField(max_length=64, blank=True)
    old_until = models.DateTimeField(_("old secret good until"), null=True, blank=True)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("rights"))
    branches = ArrayField(models.CharField(max_length=20), verbose_name=_("branches"))
    created_at = models.DateTimeField(_("made on"), auto_now_add=True)
    renewed_at = models.DateTimeField(_("secret since"))
    expires_at = models.DateTimeField(_("good until"))
    revoked_at = models.DateTimeField(_("revoked on"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    request_count = models.PositiveBigIntegerField(_("requests"), default=0)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("key of a program")
        verbose_name_plural = _("keys of programs")
        ordering = ["name", "pk"]

    def __str__(self):
        return f"{self.name} · {self.prefix}"

    @property
    def state(self) -> str:
        if self.revoked_at:
            return "revoked"
        return "active" if timezone.now() < self.expires_at else "expired"


class ApiKeyDay(models.Model):
    """How many requests came with a key on a day."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="days", verbose_name=_("key"))
    day = models.DateField(_("day"))
    requests = models.PositiveBigIntegerField(_("requests"), default=0)

    class Meta:
        verbose_name = _("day of a key")
        verbose_name_plural = _("days of keys")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="one_count_per_key_day")]

    def __str__(self):
        return f"{self.key_id} · {self.day}"


class Lockout(models.Model):
    """The failed sign-ins of an account or from an address, and until when none is tried."""

    name = models.CharField(_("account or address"), max_length=80, primary_key=True)
    failures = models.PositiveIntegerField(_("failures"), default=0)
    last_at = models.DateTimeField(_("last failure"), default=timezone.now, db_index=True)
    until = models.DateTimeField(_("locked until"), default=timezone.now)

    class Meta:
        verbose_name = _("lock-out")
        verbose_name_plural = _("lock-outs")

    def __str__(self):
        return self.name


class Trace(models.Model):
    """A line of the record: one act that touched rows of one kind in one branch.

    The database writes it itself, with the first row of history (``accounts.record``). The rows
    are found by ``context``, where who, whence and why stand in full.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"))
    context = models.UUIDField(_("act"))
    model = models.CharField(_("kind"), max_length=80)
    # The code, not a key: branches stand above this app.
    site = models.CharField(_("branch"), max_length=20, null=True, db_column="site_id")
    person = models.BigIntegerField(_("person"), null=True)
    verb = models.CharField(_("act"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")
        indexes = [
            models.Index(fields=["at", "id"], name="trace_by_time"),
            models.Index(fields=["site", "at", "id"], name="trace_by_site"),
            models.Index(fields=["person", "at", "id"], name="trace_by_person"),
            models.Index(fields=["model", "at", "id"], name="trace_by_kind"),
            models.Index(fields=["verb", "at", "id"], name="trace_by_verb"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["context", "model", "site"], nulls_distinct=False, name="trace_once"
            ),
        ]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.model}"


class Seal(models.Model):
    """What stood in the record at the end of one day, as a digest chained to the day before.

    ``parts`` names for each table its columns, the number of its rows and their SHA-256;
    ``digest`` is that of the parts and of ``previous``, the digest of the day before.
    """

    day = models.DateField(_("day"), primary_key=True)
    parts = models.JSONField(_("tables"))
    previous = models.CharField(_("digest of the day before"), max_length=64, blank=True)
    digest = models.CharField(_("digest"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"), auto_now_add=True)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        triggers = [append_only()]

    def __str__(self):
        return f"{self.day} {self.digest}"


class Removal(models.Model):
    """History that was given up because it was old enough: all days before ``before``."""

    before = models.DateField(_("before"))
    rows = models.BigIntegerField(_("rows"))
    removed_at = models.DateTimeField(_("removed at"), auto_now_add=True)

    class Meta:
        verbose_name = _("removal")
        verbose_name_plural = _("removals")
        triggers = [append_only()]

    def __str__(self):
        return f"{self.before}: {self.rows}"


class Redaction(models.Model):
    """Columns of history that were blanked on purpose: one day of one table, in one act.

    ``rows`` are the keys of the rows. Where the day was sealed, ``before`` and ``after`` are the
    digests of the table's part of it: they join the seal to what stands there now.
    """

    at = models.DateTimeField(_("at"), auto_now_add=True)
    table = models.CharField(_("table"), max_length=80)
    day = models.DateField(_("day"))
    rows = models.JSONField(_("rows"))
    columns = models.JSONField(_("columns"))
    before = models.CharField(_("digest before"), max_length=64, blank=True)
    after = models.CharField(_("digest after"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        indexes = [models.Index(fields=["at"], name="redaction_by_time")]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.day} {self.table}: {len(self.rows)}"


class BrowserSession(models.Model):
    """A browser in which a person signed in. It is alive as long as Django's session ``key`` is.

    ``device`` is what the browser's cookie says, by which it is told again at the next sign-in.
    """

    DEVICE = 32

    user = models.ForeignKey(
        User, models.CASCADE, related_name="browser_sessions", verbose_name=_("person")
    )
    key = models.CharField(_("session"), max_length=40)
    device = models.CharField(_("device"), max_length=DEVICE)
    address = models.GenericIPAddressField(_("address"), null=True)
    agent = models.CharField(_("device"), max_length=200, blank=True)
    signed_in_at = models.DateTimeField(_("signed in at"), auto_now_add=True)

    class Meta:
        verbose_name = _("browser")
        verbose_name_plural = _("browsers")

    def __str__(self):
        return f"{self.user} · {self.agent}"


class DeviceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Keep the telephones that exist for ``user``: one's own."""
        return self.filter(user=user)


@pghistory.track(exclude=["key", "seen_at"])
class Device(models.Model):
    """A telephone on which a person works without network; it chose its ``uuid`` itself.

    What it has not sent yet lies on it encrypted under ``key`` (AES-256, base64), which it is given
    at each contact until it is cut off. ``seen_at`` is the last contact.
    """

    uuid = models.UUIDField(unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="devices", verbose_name=_("person"))
    name = models.CharField(_("device"), max_length=200, blank=True)
    key = SealedTextField(_("key"))
    created_at = models.DateTimeField(_("first used"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last used"), default=timezone.now)
    cut_off_at = models.DateTimeField(_("cut off at"), null=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("telephone of the field")
        verbose_name_plural = _("telephones of the field")

    def __str__(self):
        return f"{self.user} · {self.name}"


class ApiCall(models.Model):
    """A request to the API: whose, for what, how it ended; written by ``accounts.calls``."""

    at = models.DateTimeField(_("at"))
    caller = models.CharField(_("caller"), max_length=40, blank=True)
    method = models.CharField(_("method"), max_length=10)
    route = models.CharField(_("route"), max_length=120, blank=True)
    status = models.PositiveSmallIntegerField(_("status"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    request_id = models.CharField(_("request"), max_length=64)
    address = models.GenericIPAddressField(_("address"), null=True)

    class Meta:
        verbose_name = _("call of the API")
        verbose_name_plural = _("calls of the API")
        indexes = [
            models.Index(fields=["at"], name="call_by_time"),
            models.Index(fields=["caller", "at"], name="call_by_caller"),
        ]
        triggers = [append_only()]

    def __str__(self):
        return f"{self.method} {self.route} {self.status}"
