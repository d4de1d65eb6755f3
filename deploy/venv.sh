#!/bin/sh
# Make .venv with the newest suitable Python; on Debian install what python3 -m venv lacks.
set -eu

find_python() {
    for name in python3.11 python3.12 python3.13 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "AKIG needs Python 3.11 or newer. On Debian: apt-get install python3 python3-venv" >&2
    exit 1
}

python=$(find_python)
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')
    sh "$(dirname "$0")/packages.sh" "python$version-venv" || {
        echo "$python cannot make virtual environments. Install: python$version-venv" >&2
        exit 1
    }
fi
echo "Making .venv with $python…"
"$python" -m venv .venv
