"""What the machine can check of the house style."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = [
    "accounts",
    "notifications",
    "sites_app",
    "tenants",
    "payments",
    "recovery",
    "agents",
    "reporting",
    "akig",
]
DOORS = ("views.py", "api.py", "admin.py", "forms.py", "panels.py", "tasks.py")


def tracked(pattern="*"):
    listed = subprocess.run(
        ["git", "ls-files", "--", pattern], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines()]


def sources():
    return [
        path
        for path in tracked("*.py")
        if path.relative_to(ROOT).parts[0] in APPS and "migrations" not in path.parts
    ]


def test_the_root_stays_small():
    markdown = {path.name for path in tracked("*.md") if path.parent == ROOT}
    assert markdown <= {
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    }


def test_no_module_is_a_drawer():
    drawers = {"utils", "helpers", "common", "misc", "core"}
    assert [path for path in sources() if path.stem in drawers] == []


def test_doors_never_fetch_by_id_alone():
    naked = re.compile(r"\.objects\.(get|get_or_create|all)\(")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sources()
        if path.name in DOORS
        for line in path.read_text().splitlines()
        if naked.search(line)
    ]
    assert found == []


def test_no_template_borrows_from_another_apps_folder():
    reach = re.compile(r"{%\s*(?:extends|include)\s+[\"'](\w+)/")
    shared = {"account", "allauth", "registration"}
    borrowing = []
    for path in tracked("templates/*.html"):
        app = path.relative_to(ROOT / "templates").parts[0]
        for other in reach.findall(path.read_text()):
            if other not in {app, *shared} and app in APPS:
                borrowing.append(f"{path.relative_to(ROOT)} -> {other}")
    assert borrowing == []
