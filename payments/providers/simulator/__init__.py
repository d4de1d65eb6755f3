"""The four providers on this machine: for the demonstration, and for tests over real HTTP.

with Simulator() as simulator:
    simulator.next("lost_callback")
    ...  # a Provider with ``base_url=simulator.url`` and ``SECRETS[kind]``
"""

from payments.providers.simulator.credentials import SECRETS
from payments.providers.simulator.orders import Message, Order, Scenario
from payments.providers.simulator.server import Simulator

__all__ = ["SECRETS", "Message", "Order", "Scenario", "Simulator"]
