"""How one kind of row is brought in: the ground that the resources of every app stand on."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from import_export.resources import ModelResource
from import_export.results import RowResult

from akig.lib import parsing
from akig.lib.headings import Kind
from akig.lib.money import EXPONENTS, AmountError, parse_amount
from akig.lib.parsing import CellError
from sites_app.imports.desk import Desk
from sites_app.imports.reasons import sentence

LINE = "line"
SHIFTED = "shifted"
IS_NEW = "is_new"
SHIELD = "'"
NUMBER = re.compile(r"[+-][\d ]+(?:[.,]\d+)?")
RISKY = ("=", "+", "-", "@", "\t", SHIELD)

RESOURCES: dict[str, type["PortfolioResource"]] = {}


def register(resource: type["PortfolioResource"]) -> type["PortfolioResource"]:
    """Make a resource the one that brings in and hands out its kind of file."""
    RESOURCES[resource.kind.name] = resource
    return resource


class Refusal(ValidationError):
    """A row that is not brought in: which column (a field of the kind), which code, what detail."""

    def __init__(self, column: str, code: str, detail: object = ""):
        self.column = column
        self.detail = parsing.text(detail)[:200]
        super().__init__(sentence(code), code=code)


class Cells:
    """The cells of one row by the names of the kind's fields, read or refused."""

    def __init__(self, row: dict, desk: Desk):
        self.row = row
        self.desk = desk
        self.line = row[LINE]

    def raw(self, name: str) -> object:
        return self.row.get(name)

    def has(self, name: str) -> bool:
        return not parsing.is_nothing(self.row.get(name))

    def text(self, name: str, limit: int = 0) -> str:
        """Return a cell as one line; a formula is kept as text and reported."""
        value = self.row.get(name)
        if parsing.looks_like_formula(value):
            self.report(name, "formula_in_cell", value)
        read = parsing.text(value)
        if limit and len(read) > limit:
            raise Refusal(name, "text_too_long", read)
        return read

    def clipped(self, name: str, limit: int) -> str:
        return self.text(name)[:limit]

    def code(self, name: str, limit: int = 20) -> str:
        read = parsing.code(self.row.get(name)) if self.has(name) else ""
        if len(read) > limit:
            raise Refusal(name, "text_too_long", read)
        return read

    def name(self, name: str = "name", first: str = "first_name", limit: int = 150) -> str:
        self.text(name)
        parts = (self.row.get(first), self.row.get(name))
        written = " ".join(str(part) for part in parts if part and not parsing.is_nothing(part))
        read = self._read(name, parsing.name, written)
        if len(read) > limit:
            raise Refusal(name, "text_too_long", read)
        return read

    def a_date(self, name: str, *, not_after: date | None = None) -> date:
        return self._read(
            name,
            lambda value: parsing.a_date(value, not_after=not_after),
            self.row.get(name),
        )

    def amount(
        self, name: str, currency: str, *, negative: str = "refuse", zero: str = "refuse"
    ) -> int:
        """Read an amount in the branch's currency, in minor units."""
        if self.has("currency"):
            self._check_currency(currency)
        try:
            return parse_amount(self.row.get(name), currency, negative=negative, zero=zero)
        except AmountError as refusal:
            raise Refusal(name, refusal.code, self.row.get(name)) from refusal

    def phones(self, name: str, region: str = "") -> tuple[str, ...]:
        """Read the telephones of a cell; those that are none are reported."""
        read = parsing.phones(self.row.get(name), region)
        for code, written in read.problems:
            self.report(name, code, written)
        return read.numbers

    def or_report(self, name: str, read: Callable, missing: object = None) -> object:
        """Read a cell that the row can do without: what cannot be read is reported."""
        if not self.has(name):
            return missing
        try:
            return read(self.row.get(name))
        except CellError as error:
            self.report(name, error.code, error.value)
        except AmountError as error:
            self.report(name, error.code, self.row.get(name))
        return missing

    def email(self, name: str = "email") -> str:
        written = self.text(name).replace(" ", "").lower()
        if not self.has(name):
            return ""
        try:
            models.EmailField().run_validators(written)
        except ValidationError:
            self.report(name, "email_invalid", written)
            return ""
        return written

    def report(self, name: str, code: str, detail: object = "") -> None:
        self.desk.report(self.line, name, code, detail)

    def _read(self, name: str, read: Callable, value: object):
        try:
            return read(value)
        except CellError as error:
            raise Refusal(name, error.code, error.value) from error

    def _check_currency(self, currency: str) -> None:
        try:
            parse_amount(f"1 {parsing.text(self.row['currency'])}", currency)
        except AmountError as refusal:
            raise Refusal("currency", "currency_mismatch", self.row["currency"]) from refusal


class PortfolioResource(ModelResource):
    """One kind of row, in and out.

    A subclass says in ``resolve`` which object a row is; what comes back is either new (and then
    written with all others at once by ``write``) or already there. A row that cannot be brought in
    raises :class:`Refusal` and leaves the others alone.
    """

    kind: Kind
    file_name: str

    class Meta:
        fields = ()
        use_bulk = True
        batch_size = None
        skip_diff = True
        skip_unchanged = True
        report_skipped = True
        store_instance = True
        clean_model_instances = False

    def __init__(self, desk: Desk | None = None, **kwargs):
        super().__init__(**kwargs)
        self.desk = desk

    # What a subclass says

    def resolve(self, cells: Cells) -> tuple[models.Model, bool]:
        """Return the object of a row and whether it is new; raise Refusal."""
        raise NotImplementedError

    def prepare(self, rows: list[dict]) -> None:
        """Look up what all rows need, at once."""

    def write(self, instances: list[models.Model]) -> None:
        """Write the new objects."""
        type(self)._meta.model.objects.bulk_create(instances, batch_size=2000)

    @classmethod
    def undo(cls, actor, ids: list[int]) -> list[tuple[int, str]]:
        """Take back objects that an import made; return those that had to stay, and why."""
        raise NotImplementedError

    @classmethod
    def handed_out(cls, user, site=None) -> models.QuerySet:
        """The rows that ``user`` may export, of one branch or all of his."""
        raise NotImplementedError

    # How import-export calls it

    def before_import(self, dataset, **kwargs):
        self.prepare(dataset.dict)

    def get_or_init_instance(self, instance_loader, row):
        if row[SHIFTED]:
            raise Refusal("", "columns_shifted", row[SHIFTED])
        instance, is_new = self.resolve(Cells(row, self.desk))
        if is_new:
            self._fits(instance)
        row[IS_NEW] = is_new
        return instance, is_new

    def import_instance(self, instance, row, **kwargs):
        """Everything is read in ``resolve``."""

    def skip_row(self, instance, original, row, import_validation_errors=None):
        # What this very file repeats is not written yet, and yet there.
        return not row[IS_NEW]

    def bulk_create(self, using_transactions, dry_run, raise_errors, batch_size=None, result=None):
        if self.create_instances:
            self.write(self.create_instances)
            self.create_instances = []

    def after_import_row(self, row, row_result, **kwargs):
        if row_result.import_type == RowResult.IMPORT_TYPE_UPDATE:
            row_result.import_type = RowResult.IMPORT_TYPE_SKIP
        self.desk.step()

    def after_import(self, dataset, result, **kwargs):
        """Sequences count by themselves: no primary key is ever imported."""

    def export_field(self, field, instance, **kwargs):
        return shielded(super().export_field(field, instance, **kwargs))

    def _fits(self, instance) -> None:
        for field in instance._meta.concrete_fields:
            limit = getattr(field, "max_length", None)
            value = getattr(instance, field.attname, "") if limit else ""
            if limit and isinstance(value, str) and len(value) > limit:
                raise Refusal(field.name, "text_too_long", value)


def plain(amount: int | None, currency: str) -> int | Decimal | str:
    """Return minor units as a spreadsheet holds an amount: in whole units, digits only."""
    if amount is None:
        return ""
    exponent = EXPONENTS[currency]
    return amount if exponent == 0 else Decimal(amount).scaleb(-exponent)


def shielded(value: object) -> object:
    """Return a text that no spreadsheet runs: an apostrophe before what looks like a formula."""
    if isinstance(value, str) and value.startswith(RISKY):
        return value if NUMBER.fullmatch(value) else SHIELD + value
    return value


def unshielded(value: object) -> object:
    """Undo :func:`shielded`."""
    if isinstance(value, str) and value[:1] == SHIELD and value[1:].startswith(RISKY):
        return value[1:]
    return value
