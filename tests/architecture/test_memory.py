"""What a web process must not carry."""

import subprocess
import sys

WEB = """
import sys
from django.urls import get_resolver
import akig.wsgi

def resolve(resolver):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            resolve(pattern)
        else:
            pattern.callback

resolve(get_resolver())
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
HEAVY = {"weasyprint", "fontTools", "openpyxl", "PIL", "numpy", "lxml", "pyvrp"}


def test_a_web_process_loads_nothing_that_makes_papers_workbooks_or_walks():
    told = subprocess.run(
        [sys.executable, "-c", WEB], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(told.stdout.split())
    assert {"django", "reporting", "payments", "agents"} <= loaded
    assert loaded & HEAVY == set()
