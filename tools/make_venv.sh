#!/bin/sh
# make_venv.sh DIRECTORY [PYTHON]: a virtual environment of the first Python >= 3.11 that this machine has.
set -eu
directory=$1
shift
for python in "${@:-python3}" python3.11 python3.12 python3.13 python3.14; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    exec "$python" -m venv "$directory"
  fi
  [ $# -eq 0 ] || break # a Python that was asked for by name is taken or refused
done
echo "sangfroid needs Python 3.11 or newer${1:+; $1 is not}" >&2
exit 1
