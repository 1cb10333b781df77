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

# What the tests look at pages and books with, as program:package of Debian.
packages=
if [ "${1:-}" = test ]; then
    for one in chromium:chromium npm:npm pdftotext:poppler-utils epubcheck:epubcheck \
        latexmk:latexmk xelatex:texlive-xetex rsvg-convert:librsvg2-bin; do
        command -v "${one%%:*}" >/dev/null || packages="$packages ${one#*:}"
    done
    case $packages in *texlive*)
        packages="$packages texlive-latex-extra texlive-fonts-recommended fonts-noto-cjk" ;;
    esac
fi
if [ -n "$packages" ]; then
    echo "setting up what the tests need of Debian:$packages" >&2
    # shellcheck disable=SC2086 # one word a package
    { apt-get update -qq && apt-get install -qq --no-install-recommends $packages; } \
        >/dev/null || {
        echo "./build.sh: that could not be installed; as root:" \
            "apt-get install --no-install-recommends$packages" >&2
        exit 1
    }
fi

# The engine's own modules too start faster from compiled bytecode.
unset PYTHONDONTWRITEBYTECODE
python="$here/.venvs/book/bin/python"
[ -x "$python" ] || python=python3
PYTHONPATH="$here${PYTHONPATH:+:$PYTHONPATH}" exec "$python" -P -m tabbook.cli.bootstrap "$@"
