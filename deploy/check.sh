#!/usr/bin/env bash
# Everything that must hold before a commit; stops at the first thing that does not.
# "--without-tests" leaves out what make test has just run.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
export AKIG_VAR="${AKIG_VAR:-$PWD/var/test}" AKIG_LOCAL=1

say() { printf '\n— %s\n' "$1"; }

say "style"
"$python" -m ruff check .
"$python" -m ruff format --check .

say "what attackers look for"
# Below these levels ruff judges each line by the same rules (S).
"$python" -m bandit --quiet --severity-level medium --confidence-level medium --recursive \
    . --exclude ./.venv,./var,./tests \
    2> >(grep -v "nosec encountered" >&2 || true)  # said of each part of a line that is judged

say "ladder"
"$PWD/.venv/bin/lint-imports"

say "settings and models"
"$python" manage.py check
"$python" manage.py makemigrations --check --dry-run

say "deployment"
env -u AKIG_LOCAL DEBUG=0 ALLOWED_HOSTS=akig.example \
    SECRET_KEY="$("$python" -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    "$python" manage.py check --deploy --fail-level WARNING

[ "${1:-}" = --without-tests ] && exit 0
say "tests (translations among them)"
"$python" -m pytest -n auto
