"""The form by which a branch sets another ladder."""

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from akig.lib.forms import ActForm, AmountField, DateField, TimeField
from recovery.models import Channel, Ladder
from recovery.services import ladders
from recovery.services.ladders import Step
from recovery.services.wordings import USUAL
from sites_app.models import Site

#: Empty rows beside the levels that there are.
MORE = 2


class StepForm(forms.Form):
    """One level; a row without a name is none."""

    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    after_days = forms.IntegerField(
        label=_("Days late"), min_value=0, max_value=3650, required=False
    )
    least = AmountField(label=_("From an amount of"), zero="accept", required=False)
    channel = forms.ChoiceField(label=_("By"), choices=Channel)
    fallback = forms.ChoiceField(
        label=_("Else by"), choices=[("", "–"), *Channel.choices], required=False
    )
    cost = AmountField(label=_("Cost"), zero="accept", required=False)

    def __init__(self, *args, initial=None, **kwargs):
        texts = (initial or {}).get("texts", {})
        given = {f"text_{code}": text for code, text in texts.items()}
        super().__init__(*args, initial={**(initial or {}), **given}, **kwargs)
        for code, language in settings.SPOKEN_LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(
                label=_("Words in %(language)s") % {"language": language},
                max_length=1000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4, "lang": code}),
            )

    def usual_fields(self) -> list[forms.BoundField]:
        """Return the fields that are shown at once: the words in the language that all fall to."""
        return [field for field in self if field not in self.other_words()]

    def other_words(self) -> list[forms.BoundField]:
        return [self[f"text_{code}"] for code, _name in settings.SPOKEN_LANGUAGES if code != USUAL]

    def step(self) -> Step:
        said = self.cleaned_data
        return Step(
            name=said["name"],
            after_days=said["after_days"],
            least=said["least"] or 0,
            channel=said["channel"],
            fallback=said["fallback"],
            cost=said["cost"] or 0,
            texts={code: said[f"text_{code}"] for code, _name in settings.SPOKEN_LANGUAGES},
        )

    def clean(self):
        said = super().clean()
        if said.get("name") and said.get("after_days") is None:
            self.add_error("after_days", _("Say after how many days."))
        return said


StepForms = forms.formset_factory(StepForm, extra=MORE, max_num=12)


class SetLadderForm(ActForm):
    submit_label = _("Set the ladder")
    valid_from = DateField(label=_("Holds from"), initial=timezone.localdate)
    day_starts = TimeField(label=_("Contact nobody before"))
    day_ends = TimeField(label=_("Contact nobody after"))
    contacts_per_week = forms.IntegerField(
        label=_("Contacts in a week, at most"), min_value=1, max_value=7
    )

    def __init__(self, data=None, *, site: Site, ladder: Ladder | None, **kwargs):
        self.site = site
        now = {
            name: getattr(ladder, name)
            for name in ("day_starts", "day_ends", "contacts_per_week")
            if ladder
        }
        super().__init__(data, initial=now, **kwargs)
        rows = [vars(step) for step in ladders.steps_of(ladder)]
        self.steps = StepForms(data, initial=rows, prefix="steps")

    def is_valid(self) -> bool:
        return super().is_valid() & self.steps.is_valid()

    def perform(self, actor) -> Ladder:
        steps = [form.step() for form in self.steps if form.cleaned_data.get("name")]
        return ladders.set_ladder(actor=actor, site=self.site, steps=steps, **self.cleaned_data)
