"""The forms of imports: handing files over, saying what columns are."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm
from akig.lib.tables import MEGABYTE
from sites_app.imports.engine import KIND_OF, Reading
from sites_app.imports.labels import FIELD_LABELS, KIND_LABELS
from sites_app.services.importing import choose_columns, receive_files


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files, cleaned to a list; each is checked for its size."""

    widget = ManyFilesInput(attrs={"accept": ".csv,.xlsx,.tsv,.txt", "multiple": True})

    def clean(self, data, initial=None):
        files = [
            super(ManyFilesField, self).clean(each, initial)
            for each in (data if isinstance(data, list | tuple) else [data])
        ]
        limit = settings.IMPORT_MAX_MEGABYTES
        if sum(each.size for each in files if each) > limit * MEGABYTE:
            raise forms.ValidationError(
                _("Together these files are larger than %(limit)s MB. Hand them over in parts."),
                code="file_too_large",
                params={"limit": limit},
            )
        return files


class ImportForm(ActForm):
    submit_label = _("Read the files")

    files = ManyFilesField(
        label=_("Spreadsheets"),
        help_text=_(
            "CSV or Excel (.xlsx): owners, properties, units, tenants, leases, opening balances,"
            " payments. Hand them over together; nothing is written before you have seen it."
        ),
    )
    branch = forms.ChoiceField(
        label=_("Branch of rows that name none"),
        required=False,
        help_text=_("Only asked where neither the row nor its property says it."),
    )

    def __init__(self, *args, sites, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(site.code, site.name) for site in sites]
        self.fields["branch"].choices = [("", _("None")), *choices]

    def perform(self, actor):
        files = [(each.name, each.read()) for each in self.cleaned_data["files"]]
        branch = self.cleaned_data["branch"]
        return receive_files(actor=actor, files=files, default_branch=branch)


class ColumnsForm(ActForm):
    """Say what a table is and what each of its columns is."""

    submit_label = _("Use these columns")

    kind = forms.ChoiceField(label=_("This table holds"), widget=forms.HiddenInput)

    def __init__(self, *args, run, reading: Reading, kind: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.run, self.reading = run, reading
        self.fields["kind"].choices = list(KIND_LABELS.items())
        self.fields["kind"].initial = kind
        names = [each.name for each in KIND_OF[kind].fields]
        choices = [("", _("Leave out")), *[(n, FIELD_LABELS[n]) for n in names]]
        chosen = {c: name for name, columns in reading.columns.items() for c in columns}
        for index, heading in enumerate(reading.table.headings):
            if heading:
                self.fields[f"column_{index}"] = forms.ChoiceField(
                    label=heading,
                    choices=choices,
                    required=False,
                    initial=chosen.get(index, ""),
                    help_text=self._example(index),
                )

    def _example(self, index: int) -> str:
        values = [
            str(row.cells[index])
            for row in self.reading.table.rows[:50]
            if index < len(row.cells) and row.cells[index] is not None
        ]
        return " · ".join(dict.fromkeys(values[:3]))[:80]

    def columns(self) -> dict[str, list[int]]:
        columns: dict[str, list[int]] = {}
        for name, value in self.cleaned_data.items():
            if name.startswith("column_") and value:
                columns.setdefault(value, []).append(int(name.removeprefix("column_")))
        return columns

    def clean(self):
        cleaned = super().clean()
        kind = KIND_OF.get(cleaned.get("kind", ""))
        if kind is None:
            return cleaned
        columns = self.columns()
        for any_of in kind.needs:
            if not any(name in columns for name in any_of):
                names = ", ".join(str(FIELD_LABELS[name]) for name in any_of)
                self.add_error(
                    None,
                    forms.ValidationError(
                        _("No column is: %(names)s."),
                        code="columns_missing",
                        params={"names": names},
                    ),
                )
        several = {each.name for each in kind.fields if each.many}
        for name, indexes in columns.items():
            if len(indexes) > 1 and name not in several:
                for index in indexes:
                    self.add_error(f"column_{index}", _("Two columns cannot be the same thing."))
        return cleaned

    def perform(self, actor):
        return choose_columns(
            actor=actor,
            run=self.run,
            table=self.reading.key,
            kind=self.cleaned_data["kind"],
            columns=self.columns(),
        )
