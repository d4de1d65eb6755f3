"""Foreign keys only point down the ladder; import-linter cannot see a key written as a string."""

from django.apps import apps

LADDER = [
    "accounts",
    "notifications",
    "sites_app",
    "tenants",
    "payments",
    "recovery",
    "agents",
    "reporting",
]


def our_models():
    return [model for model in apps.get_models() if model._meta.app_label in LADDER]


def test_no_foreign_key_climbs():
    climbing = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if field.related_model._meta.app_label in LADDER
        and LADDER.index(field.related_model._meta.app_label) > LADDER.index(model._meta.app_label)
    ]
    assert climbing == []


#: Tables that belong to no branch, and why.
BRANCHLESS = {
    "accounts.User": "people work at several branches",
    "accounts.HeldRole": "belongs to a person",
    "accounts.SecondFactor": "belongs to a person",
    "accounts.BrowserSession": "belongs to a person",
    "accounts.TokenFamily": "belongs to a person",
    "accounts.ApiKey": "belongs to a person, names several branches",
    "accounts.ApiKeyDay": "belongs to a key",
    "accounts.Device": "belongs to a person",
    "accounts.Lockout": "counts before anybody knows who it is",
    "accounts.Right": "has no table",
    "accounts.ApiCall": "belongs to who called, and may be of several branches",
    "accounts.Redaction": "is about the history of all branches",
    "accounts.Removal": "is about the history of all branches",
    "accounts.Seal": "is about the history of all branches",
    "agents.Handout": "belongs to a person, who may work at several branches",
    "agents.Operation": "belongs to a person, who may work at several branches",
    "notifications.Job": "stands below branches and carries the code",
    "payments.Callback": "kept before anybody knows whose it is",
    "payments.ExchangeRate": "holds for every branch",
    "payments.IdempotencyKey": "belongs to a person",
    "sites_app.Holiday": "belongs to a country",
    "sites_app.ImportRun": "one folder may hold several branches; seen by who brought it",
    "sites_app.ImportFile": "part of an import",
    "sites_app.ImportRow": "part of an import",
}


def test_every_table_of_a_branch_carries_its_site():
    without = {
        model._meta.label
        for model in our_models()
        if not hasattr(model, "pgh_tracked_model")
        and model._meta.label != "sites_app.Site"
        and "site" not in {field.name for field in model._meta.get_fields()}
    }
    assert without - set(BRANCHLESS) == set()


def test_every_history_table_is_append_only():
    histories = [model for model in our_models() if hasattr(model, "pgh_tracked_model")]
    assert histories
    unguarded = [
        model._meta.label
        for model in histories
        if "append_only" not in {trigger.name for trigger in model._meta.triggers}
    ]
    assert unguarded == []
