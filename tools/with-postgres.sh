#!/usr/bin/env bash
# usage: with-postgres.sh COMMAND …  -- run a command with CALLROOM_DATABASE_URL at a throw-away PostgreSQL
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if ! ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1; then
  echo "No PostgreSQL on this machine: its tests are left out (apt-get install postgresql)" >&2
  exit 0
fi
# The folder's name is short: a socket's path has at most 107 bytes.
folder=$(mktemp -d /tmp/cpg.XXXX)
trap '"$here/postgres.sh" stop "$folder" || true' EXIT
"$here/postgres.sh" start "$folder"
CALLROOM_DATABASE_URL="postgres://callroom@/callroom?host=$folder" "$@"
