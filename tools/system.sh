#!/usr/bin/env bash
# usage: system.sh venv | tests  -- bring what only the system's package manager has, or say what is missing
set -euo pipefail

have_postgres() { ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1 || command -v initdb >/dev/null; }
have_firefox() { command -v firefox-esr >/dev/null || command -v firefox >/dev/null; }
have_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }

missing=()
welcome=() # what one journey wants and no other test needs
case $1 in
  venv)
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv) ;;
  tests)
    have_chromium || missing+=(chromium)
    have_firefox || welcome+=(firefox-esr)
    have_postgres || missing+=(postgresql)
    command -v xgettext >/dev/null || missing+=(gettext) ;;
esac
[ $((${#missing[@]} + ${#welcome[@]})) -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing ${missing[*]} ${welcome[*]} with apt-get ..."
  export DEBIAN_FRONTEND=noninteractive
  # A server of the system's own is not wanted: tests start a throw-away one.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  apt-get update -qq
  for package in "${welcome[@]}"; do
    if apt-cache show "$package" >/dev/null 2>&1; then missing+=("$package"); fi
  done
  [ ${#missing[@]} -eq 0 ] || apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Missing: ${missing[*]} ${welcome[*]}. As root: apt-get install ${missing[*]} ${welcome[*]}" >&2
  [ "$1" = tests ] || exit 1
fi
