"""The payer's side: his telephone with what is asked of him, and a page with two buttons."""

from django.template.loader import render_to_string
from django.utils import translation

from akig.lib.money import format_amount
from payments.models import Provider
from payments.providers.simulator.orders import WAITING, Order, Orders
from payments.providers.simulator.protocol import Refusal, Reply, Request
from payments.providers.web import is_loopback

DECISIONS = {"pay": "paid", "refuse": "failed"}


class Pages:
    routes = [
        ("GET", r"/", "telephone"),
        ("GET", r"/payer/(?P<kind>\w+)/(?P<session>[\w-]+)", "show"),
        ("POST", r"/payer/(?P<kind>\w+)/(?P<session>[\w-]+)", "decide"),
    ]

    def __init__(self, orders: Orders):
        self.orders = orders

    def telephone(self, request: Request) -> Reply:
        """Show every payment that somebody still has to decide on."""
        waiting = [order for order in self.orders.all() if order.state == WAITING]
        return _page("telephone", {"orders": [_shown(order) for order in waiting]})

    def show(self, request: Request, kind: str, session: str) -> Reply:
        return _page("payer", {"order": _shown(self._find(kind, session))})

    def decide(self, request: Request, kind: str, session: str) -> Reply:
        order = self._find(kind, session)
        state = DECISIONS.get(request.form().get("decision", ""))
        if state is None:
            raise Refusal(400, {"code": "DECISION"})
        if order.state == WAITING:
            self.orders.decide(order, state)
        onwards = order.return_url if order.state == "paid" else order.cancel_url
        if onwards and is_loopback(onwards):
            return Reply(303, headers={"Location": onwards})
        return _page("payer", {"order": _shown(order)})

    def _find(self, kind: str, session: str) -> Order:
        order = self.orders.find(kind, session)
        if order is None:
            raise Refusal(404, {"code": "NOT_FOUND"})
        return order


def _shown(order: Order) -> dict:
    # The test environments' money has no decimals either: it stands for francs.
    amount = format_amount(int(order.amount))
    return {
        "provider": Provider.Kind(order.kind).label,
        "path": f"/payer/{order.kind}/{order.session}",
        "amount": f"{amount} {order.currency}",
        "phone": order.phone,
        "order_id": order.order_id,
        "state": order.state,
    }


def _page(name: str, context: dict) -> Reply:
    with translation.override("fr"):
        html = render_to_string(f"payments/simulator/{name}.html", context)
    return Reply(200, html, content_type="text/html; charset=utf-8")
