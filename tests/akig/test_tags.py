import datetime as dt
from types import SimpleNamespace

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from akig.menu import MENUS, STAFF_MENU
from akig.templatetags.akig import STATES, menu, moment, money, money_in, month, phone
from akig.templatetags.akig import day as shown_day

OCTOBER = dt.date(2026, 10, 5)


def render(source, path="/", **context):
    request = RequestFactory().get(path)
    return engines["django"].from_string(source).render({**context}, request)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(1_500_000, "1\u202f500\u202f000"), (0, "–"), (None, "–"), (-500, "\u2212500")],
)
def test_amounts(amount, shown):
    assert money(amount) == shown


def test_amounts_in_sentences_name_their_currency_even_when_zero():
    assert money_in(0, "GNF") == "0\u00a0GNF"
    assert money_in(None, "XOF") == "0\u00a0XOF"


def test_dates_follow_the_language_of_the_page():
    with translation.override("fr"):
        assert shown_day(OCTOBER) == "5\u00a0oct.\u00a02026"
        assert month(OCTOBER) == "octobre 2026"
    with translation.override("en"):
        assert shown_day(OCTOBER) == "5\u00a0Oct\u00a02026"
    assert shown_day(None) == "–"


def test_instants_are_shown_in_local_time(settings):
    instant = dt.datetime(2026, 10, 5, 23, 30, tzinfo=dt.UTC)
    with translation.override("fr"):
        assert moment(instant) == "5\u00a0oct.\u00a02026, 23:30"
        assert (
            shown_day(instant.astimezone(dt.timezone(dt.timedelta(hours=9))))
            == "5\u00a0oct.\u00a02026"
        )


def test_telephones_are_shown_as_in_their_country():
    assert phone("+224622112233") == "622 11 22 33"
    assert phone("") == "–"
    assert phone("not a number") == "not a number"


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_a_word_and_a_shape(state):
    shown = render("{% badge state %}", state=state)
    assert str(STATES[state][1]) in shown
    assert "<path" in shown


def test_an_unknown_state_is_shown_as_it_is_and_escaped():
    assert "&lt;b&gt;" in render("{% badge state %}", state="<b>")


def test_the_query_string_is_rebuilt():
    assert render("{% query page=3 %}", "/?q=b%26c&page=2") == "?q=b%26c&amp;page=3"
    assert render("{% query page=None %}", "/?q=a&page=2") == "?q=a"


def test_the_head_of_a_column_sorts_both_ways():
    assert "?q=a&amp;sort=due" in render('{% sort_link "due" "Due" %}', "/?q=a&page=4")
    assert "?sort=-due" in render('{% sort_link "due" "Due" %}', "/?sort=due")
    assert "?sort=due" in render('{% sort_link "due" "Due" %}', "/?sort=-due")


def test_a_figure_opens_its_list():
    shown = render('{% figure "Collected" 1500 href="/list/" currency="GNF" %}')
    assert 'href="/list/"' in shown
    assert "1\u202f500" in shown


def test_the_title_of_a_page_is_also_that_of_its_tab(rf):
    child = "{% extends 'base_account.html' %}{% block title %}A &amp; {{ b }}{% endblock %}"
    request = rf.get("/")
    request.user = SimpleNamespace(is_authenticated=False)
    shown = engines["django"].from_string(child).render({"b": "<c>"}, request)
    assert "<title>A &amp; &lt;c&gt; · AKIG</title>" in shown


def somebody(role, rights=()):
    return SimpleNamespace(role=role, is_staff=False, may=lambda code: code in rights)


def shown_menu(user, path="/"):
    request = RequestFactory().get(path)
    request.user = user
    return menu({"request": request})


def test_the_menu_has_at_most_seven_groups():
    assert len(STAFF_MENU) <= 7
    assert all(len(groups) <= 7 for groups in MENUS.values())


def test_the_menu_hides_what_the_role_may_not_do():
    needed = {item.permission for group in STAFF_MENU for item in group.items} - {""}
    everything = {
        name for _group, items in shown_menu(somebody("pdg", needed))["groups"] for name in items
    }
    open_to_all = {
        item.label for group in STAFF_MENU for item in group.items if not item.permission
    }
    nothing = {name for _group, items in shown_menu(somebody("pdg"))["groups"] for name in items}
    assert nothing <= everything
    assert {label for label, _address in nothing} <= open_to_all


def test_an_owner_sees_only_what_is_an_owners():
    needed = {item.permission for group in STAFF_MENU for item in group.items}
    labels = {group for group, _items in shown_menu(somebody("proprietaire", needed))["groups"]}
    assert not labels & {group.label for group in STAFF_MENU}
