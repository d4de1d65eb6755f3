#!/bin/sh
# Install Debian packages that are missing: "run" (Pango and fonts, for PDFs), "ci" (besides: a
# browser and gettext), or packages by name. Without the right to install, say what is missing;
# named packages then fail, the others go on.
set -eu

run="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig fonts-dejavu-core"
case "$1" in
run) wanted=$run must=0 ;;
ci) wanted="$run gettext chromium" must=0 ;;
*) wanted=$* must=1 ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    [ "$1" = run ] && [ -e .venv/packages.told ] && exit 0
    echo "Not a Debian system: for PDFs see that Pango, HarfBuzz and the DejaVu fonts are installed." >&2
    [ "$1" = run ] && [ -d .venv ] && touch .venv/packages.told
    exit $must
fi

missing=
for package in $wanted; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
        missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=env
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    echo "Please install, as root (PDFs need it):  apt-get install -y$missing" >&2
    exit $must
fi
echo "Installing Debian packages:$missing"
install() { $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
install 2>/dev/null || { $as_root apt-get update -qq && install; } || {
    echo "apt-get failed. Please install, as root:  apt-get install -y$missing" >&2
    exit $must
}
