"""What the browser is told about a page: only our own files, nothing written inside it."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def policy(answer) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("path", ["/", "/locataires/", "/admin/", "/verify/", "/api/docs", "/xyz"])
def test_every_page_runs_our_own_files_only(client, cast, path):
    client.force_login(cast.awa)
    told = policy(client.get(path))
    assert told["default-src"] == told["base-uri"] == told["frame-ancestors"] == ["'none'"]
    assert told["form-action"] == told["style-src"] == ["'self'"]
    assert not any("unsafe-inline" in word for words in told.values() for word in words)
    # The back-office's library evaluates its own attributes; nothing else does.
    evaluates = "'unsafe-eval'" in told["script-src"]
    assert evaluates == path.startswith("/admin/")


def test_no_template_writes_style_or_script_into_its_page():
    written = re.compile(r"<style|<script(?![^>]*src=)|\sstyle=|\son[a-z]+=\"")
    offending = [
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if "pdf" not in path.parts and path.name not in ("_paper.html", "_frame.html")
        if written.search(path.read_text())
    ]
    assert offending == []
