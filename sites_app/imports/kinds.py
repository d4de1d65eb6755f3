"""The kinds of files an agency hands over, and the headings their columns go by.

Only words stand here, so it may speak of tenants and payments; what is done with the rows is in
each app's ``resources.py``.
"""

from akig.lib.headings import Kind, a_field

NOTE = a_field("note", "note", many=True)
PHONE = a_field("phone", "phone|code phone", many=True)
EMAIL = a_field("email", "email|email address|address electronique")
BRANCH = a_field("branch", "branch|branch code|branch name", "site|site code|site name")
BRANCH_ONLY = a_field("branch", "branch|branch code|branch name")
CURRENCY = a_field("currency", "currency")

TENANT_REFERENCE = (
    a_field("tenant_code", "tenant code|matricule|tenant matricule|code matricule"),
    a_field("tenant", "tenant|tenant name|tenant first name"),
    a_field("tenant_phone", "phone|tenant phone|code phone|tenant code phone", many=True),
)
PROPERTY_REFERENCE = (
    a_field("property_code", "property code", "site code"),
    a_field("property", "property|property name|property site", "site|site name"),
)
OWNER_REFERENCE = (
    a_field("owner_code", "owner code"),
    a_field("owner", "owner|owner name|owner first name"),
)

OWNERS = Kind(
    "owners",
    (
        a_field("code", "matricule", "code"),
        a_field("name", "name|first name|whole social|name whole social"),
        a_field("first_name", "first"),
        PHONE,
        EMAIL,
        a_field("address", "address|address quarter|quarter|city"),
        a_field("commission", "commission|rate commission|rate|commission %|management commission"),
        BRANCH,
        a_field("bank", "bank|bank account|account|code account|bank code|bank code account"),
        a_field("identity", "identity|piece identity|code piece identity|code identity"),
        NOTE,
    ),
    needs=(("name",),),
    nouns=frozenset(("owner",)),
    itself="name",
    hints=frozenset(("owner",)),
)
PROPERTIES = Kind(
    "properties",
    (
        a_field("code", "", "code"),
        a_field("name", "name", "site|site name"),
        *OWNER_REFERENCE,
        a_field("owner_phone", "owner phone|phone", many=True),
        a_field("branch", "branch|branch code|branch name|site code", "site|site name"),
        a_field("kind", "type"),
        a_field("commune", "commune"),
        a_field("quarter", "quarter"),
        a_field("city", "city"),
        a_field("address", "address"),
        a_field("landmark", "landmark"),
        a_field("latitude", "latitude|gps latitude"),
        a_field("longitude", "longitude|gps longitude"),
        a_field("coordinates", "gps|gps code"),
        a_field("commission", "commission|rate commission|commission %|management commission"),
        a_field("safety", "safety|safety note"),
        NOTE,
    ),
    needs=(("name",), ("owner_code", "owner", "branch", "quarter", "address")),
    nouns=frozenset(("property",)),
    itself="name",
    hints=frozenset(("property",)),
)
UNITS = Kind(
    "units",
    (
        *PROPERTY_REFERENCE,
        a_field("number", "unit|unit code|unit name", "code"),
        a_field("kind", "type", "property type"),
        a_field("floor", "floor"),
        a_field("rooms", "piece|count piece|room|count room|code room|code piece"),
        a_field(
            "rent",
            "rent|rent advised|rent month|rent month advised|rent amount|rent advised amount",
        ),
        a_field("area", "area"),
        a_field("state", "state"),
        BRANCH_ONLY,
        CURRENCY,
        NOTE,
    ),
    needs=(("property_code", "property"), ("number",)),
    nouns=frozenset(("unit",)),
    itself="number",
    hints=frozenset(("unit",)),
)
TENANTS = Kind(
    "tenants",
    (
        a_field("code", "matricule|code matricule", "code"),
        a_field("name", "name|first name|whole social|name whole social"),
        a_field("first_name", "first"),
        PHONE,
        EMAIL,
        BRANCH,
        a_field("job", "job"),
        a_field("guarantor", "guarantor|guarantor name"),
        a_field("guarantor_phone", "guarantor phone|guarantor code phone"),
        a_field("guarantor_relation", "guarantor relation"),
        a_field("guarantor_job", "guarantor job"),
        a_field("language", "language"),
        a_field("identity", "identity|piece identity|code piece identity|code identity"),
        a_field("nationality", "nationality"),
        a_field("birth", "birth|date birth"),
        a_field("address", "address|quarter"),
        a_field("property", "property"),
        a_field("unit", "unit|unit code"),
        NOTE,
    ),
    needs=(("name",),),
    nouns=frozenset(("tenant",)),
    itself="name",
    hints=frozenset(("tenant",)),
)
GUARANTORS = Kind(
    "guarantors",
    (
        a_field("tenant_code", "tenant code|matricule|tenant matricule|code matricule"),
        a_field("tenant", "tenant|tenant name|tenant first name"),
        a_field("guarantor", "guarantor|guarantor name"),
        a_field("guarantor_phone", "guarantor phone|guarantor code phone", many=True),
        a_field("guarantor_relation", "relation|guarantor relation"),
        a_field("guarantor_job", "job|guarantor job"),
        BRANCH_ONLY,
    ),
    # A list of tenants names guarantors too; only this one says how they are related.
    needs=(("tenant_code", "tenant"), ("guarantor",), ("guarantor_relation",)),
    nouns=frozenset(("guarantor",)),
    hints=frozenset(("guarantor",)),
)
LEASES = Kind(
    "leases",
    (
        a_field("ref", "lease|lease code", "code"),
        *TENANT_REFERENCE,
        *PROPERTY_REFERENCE,
        *OWNER_REFERENCE,
        a_field("unit", "unit|unit code|unit name"),
        BRANCH_ONLY,
        a_field("start", "start|date start", "date"),
        a_field("end", "end|date end"),
        a_field("rent", "rent|rent month|rent amount|rent month amount|amount month", "amount"),
        a_field("periodicity", "period|period pay|period rent|rent period"),
        a_field(
            "deposit",
            "deposit|deposit amount|deposit pay|deposit pay amount|deposit receipt|deposit rent",
        ),
        a_field("deposit_months", "deposit month|deposit count month|count deposit month"),
        a_field("state", "state"),
        a_field("service_charge", "charge month|charge|service charge"),
        a_field("due_day", "date due"),
        a_field("notice", "notice|date notice"),
        CURRENCY,
        NOTE,
    ),
    needs=(("tenant_code", "tenant"), ("unit",), ("start",), ("rent",)),
    nouns=frozenset(("lease",)),
    itself="ref",
    hints=frozenset(("lease",)),
)
RENTS = Kind(
    "rents",
    (
        a_field("lease", "lease|lease code"),
        a_field("tenant", "tenant|tenant name"),
        a_field("start", "start|date start|date revision|start revision|date start revision"),
        a_field(
            "rent",
            "opening rent|opening rent month|opening rent amount|revision rent"
            "|revision rent month|revision rent amount|revision opening rent",
        ),
        a_field(
            "service_charge",
            "opening charge|opening charge month|opening service charge|revision charge"
            "|revision charge month",
        ),
        a_field(
            "reason", "allocation|reason|whole|revision allocation|note|revision note", many=True
        ),
        BRANCH_ONLY,
        CURRENCY,
    ),
    # "Loyer" alone is what a list of leases says; a rent that changes calls itself new.
    needs=(("lease",), ("start",), ("rent",)),
    hints=frozenset(("revision",)),
)
BALANCES = Kind(
    "balances",
    (
        a_field("lease", "lease|lease code", "code"),
        *TENANT_REFERENCE,
        *PROPERTY_REFERENCE,
        *OWNER_REFERENCE,
        a_field("unit", "unit|unit code"),
        BRANCH_ONLY,
        a_field("date", "date|date balance|date opening|date balance opening"),
        a_field(
            "balance",
            "balance|balance due|rest due|rest pay|rest pay due|amount due|due|arrears|rest"
            "|balance opening|opening|balance pay|arrears amount|amount arrears|amount balance"
            "|balance amount|balance tenant|amount rest|amount rest due|amount rest pay|rent due",
        ),
        CURRENCY,
        NOTE,
    ),
    needs=(("balance",), ("lease", "tenant_code", "tenant")),
    nouns=frozenset(("balance", "opening")),
    itself="balance",
    hints=frozenset(("balance", "opening", "arrears")),
)
CHARGES = Kind(
    "charges",
    (
        a_field("lease", "lease|lease code"),
        a_field("tenant", "tenant|tenant name"),
        a_field("kind", "type|charge type|type charge"),
        a_field("start", "start period|date start period"),
        a_field("end", "end period|date end period"),
        a_field("due_date", "due date|end|date end"),
        a_field("amount", "amount charge|charge amount|amount"),
        BRANCH_ONLY,
        CURRENCY,
    ),
    needs=(("lease",), ("kind",), ("start",), ("end",), ("due_date",), ("amount",)),
    hints=frozenset(("charge",)),
)
PAYMENTS = Kind(
    "payments",
    (
        # "Date valeur" speaks of a date and, by its second word, of an amount.
        a_field("date", "date|date pay|date operation|date receipt|date transaction|date amount"),
        *TENANT_REFERENCE,
        *OWNER_REFERENCE,
        *PROPERTY_REFERENCE,
        a_field("unit", "unit|unit code"),
        BRANCH_ONLY,
        a_field("lease", "lease|lease code", "code"),
        a_field("amount", "amount|amount pay|amount receipt|pay amount|rent pay|amount operation"),
        a_field("method", "method|method pay|pay type|method receipt", "type"),
        a_field("allocation", "allocation|month allocation|rent month|period", "month"),
        a_field("channel", "channel|channel pay"),
        a_field(
            "external_ref",
            "code external|external|transaction|code transaction|code pay|code operation"
            "|transaction external code",
            "code",
        ),
        a_field("receipt_ref", "receipt|code receipt|code piece|piece|cheque|code cheque"),
        a_field("state", "state|state pay"),
        CURRENCY,
        NOTE,
    ),
    needs=(("amount",), ("date",), ("lease", "tenant_code", "tenant")),
    nouns=frozenset(("pay",)),
    itself="amount",
    hints=frozenset(("pay", "transaction")),
)

KINDS = (
    OWNERS,
    PROPERTIES,
    UNITS,
    TENANTS,
    GUARANTORS,
    LEASES,
    RENTS,
    BALANCES,
    CHARGES,
    PAYMENTS,
)
"""In the order in which files are brought in: each names only what came before."""
