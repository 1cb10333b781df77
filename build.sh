#!/bin/sh
# Entry point: install the engine if it is missing, then run it.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
python="$here/.venvs/book/bin/python"
if [ ! -x "$python" ]; then
    python=python3
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
        echo "$0: python3 must be Python 3.11 or newer, and is" \
            "$(python3 --version 2>&1 || echo missing)" >&2
        exit 1
    }
fi

if ! command -v uv >/dev/null && [ ! -x "$here/.venvs/uv/bin/uv" ]; then
    echo "setting up uv: there was none" >&2
    python3 -m pip install --quiet --target "$here/.venvs/uv" --require-hashes \
        -r "$here/tabbook/environments/tools/uv.txt" || {
        echo "./build.sh: uv could not be installed; is pip there (apt-get install" \
            "python3-pip), and the network? Run the command again." >&2
        exit 1
    }
fi

# Debian packages of the programs with which the tests examine pages and books.
packages=
if [ "${1:-}" = test ]; then
    while read -r purpose kind package name; do
        case $purpose in "#"* | "") continue ;; esac
        case $kind in
            tex) kpsewhich "$name" ;;
            font) fc-list "$name" | grep . ;;
            *) command -v "$name" ;;
        esac >/dev/null 2>&1 || packages="$packages $package"
    done <"$here/tabbook/environments/debian.txt"
fi
if [ -n "$packages" ]; then
    echo "installing Debian packages for the tests:$packages" >&2
    # shellcheck disable=SC2086 # one word per package
    { apt-get update -qq && apt-get install -qq --no-install-recommends $packages; } \
        >/dev/null || {
        echo "./build.sh: the packages could not be installed; as root:" \
            "apt-get install --no-install-recommends$packages" >&2
        exit 1
    }
fi

# Without this variable Python saves compiled bytecode, and the next start is faster.
unset PYTHONDONTWRITEBYTECODE
export TABBOOK_PROGRAM="$0"
PYTHONPATH="$here${PYTHONPATH:+:$PYTHONPATH}" exec "$python" -P -m tabbook.cli.bootstrap "$@"
