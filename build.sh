#!/bin/sh
# The one entry: set up the engine where it is missing, then run it.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)

if ! command -v uv >/dev/null && [ ! -x "$here/.venvs/uv/bin/uv" ]; then
    echo "setting up uv: there was none" >&2
    python3 -m pip install --quiet --target "$here/.venvs/uv" uv==0.13.9 || {
        echo "./build.sh: uv could not be installed; is pip there (apt-get install" \
            "python3-pip), and the network? Run the command again." >&2
        exit 1
    }
fi

if [ "${1:-}" = test ] && ! command -v chromium >/dev/null; then
    echo "setting up Chromium: the browser tests found none" >&2
    { apt-get update -qq && apt-get install -qq --no-install-recommends chromium; } \
        >/dev/null || {
        echo "./build.sh: Chromium could not be installed; as root:" \
            "apt-get install chromium" >&2
        exit 1
    }
fi

# The engine's own modules too start faster from compiled bytecode.
unset PYTHONDONTWRITEBYTECODE
python="$here/.venvs/book/bin/python"
[ -x "$python" ] || python=python3
python=$(PYTHONPATH="$here" "$python" -m tabbook.environments) || exit 1
PYTHONPATH="$here${PYTHONPATH:+:$PYTHONPATH}" exec "$python" -m tabbook "$@"
