#!/bin/sh
# Makes .venv with everything the book needs. Called by make; safe to run again after a failure.
set -eu
cd "$(dirname "$0")/.."

stop() {
    echo "setup: $*" >&2
    exit 1
}

# 1. A Python that is new enough. PYTHON=/path/to/python3 chooses one.
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
python=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "$new_enough" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    found=$("${PYTHON:-python3}" --version 2>&1 || true)
    stop "needs Python 3.11 or newer, found ${found:-none}: install one, or point to it with make PYTHON=/path/to/python3.11"
fi

# 2. Room for it.
need_mb=3000
free_mb=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
if [ ! -x .venv/bin/python ] && [ "$free_mb" -lt "${SETUP_NEED_MB:-$need_mb}" ]; then
    stop "needs ${SETUP_NEED_MB:-$need_mb} MB of free disk space here, found $free_mb MB: free some, or clone to a larger disk"
fi

# 3. The environment. Debian splits ensurepip off into python3-venv: do without it where it lacks.
if ! .venv/bin/python -c "$new_enough" 2>/dev/null; then
    echo "[1/4] .venv: a private environment with $("$python" --version)"
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        "$python" -m venv --without-pip .venv ||
            stop "$python has no venv module: install it (Debian, Ubuntu: sudo apt-get install python3-venv)"
        "$python" -m pip --python .venv/bin/python install --quiet pip 2>/dev/null ||
            .venv/bin/python tools/get_pip.py ||
            stop "this Python comes without pip: install it (Debian, Ubuntu: sudo apt-get install python3-venv), then run make again"
    fi
fi

with_pip() {
    .venv/bin/python -m pip install --disable-pip-version-check --quiet "$@"
}

# uv loads and unpacks side by side, and leaves compiling to the first import: a tenth of pip's work.
# It does not read pip's settings, so it is told where those look for packages.
setting() {
    .venv/bin/python -m pip config list 2>/dev/null |
        sed -n "s/^[a-z:]*\\.$1='\\(.*\\)'\$/\\1/p" | head -n 1
}

prepare_uv() {
    with_pip --only-binary :all: "$(grep '^uv==' requirements.txt)" 2>/dev/null || return 0
    export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$(setting index-url)}"
    export UV_INDEX="${UV_INDEX:-$(setting extra-index-url)}"
    export UV_FIND_LINKS="${UV_FIND_LINKS:-$(setting find-links | tr ' ' ,)}"
    export SSL_CERT_FILE="${SSL_CERT_FILE:-$(setting cert)}"
    export UV_INDEX_STRATEGY=unsafe-first-match # any index that has the release will do, as for pip
}

with_uv() {
    .venv/bin/python -m uv pip install --quiet --python .venv/bin/python "$@"
}

# What uv cannot do here (a log-in that only pip knows, say) pip does, or says what is wrong.
install() {
    with_uv "$@" 2>/dev/null || with_pip "$@" || stop \
        "a package could not be installed (above). Without network: connect and run make again. Behind a mirror: set PIP_INDEX_URL. With a full disk: free space; $(df -Ph . | awk 'NR == 2 { print $4 }') are left."
}

# 4. The lock, to the letter. It was compiled without torch's CUDA libraries, so torch comes last
# and by itself: from its CPU index where that answers, else from wherever pip finds packages.
lock=$(mktemp)
trap 'rm -f "$lock"' EXIT
grep -v '^torch==' requirements.txt >"$lock"
prepare_uv
echo "[2/4] $(wc -l <"$lock" | tr -d ' ') packages from requirements.txt (less than a minute)"
install --no-deps -r "$lock"

torch=$(grep '^torch==' requirements.txt)
cpu_index=https://download.pytorch.org/whl/cpu
echo "[3/4] $torch, the CPU build (less than a minute)"
if [ "$(uname -s)" = Linux ] && .venv/bin/python -c \
    "import urllib.request as u; u.urlopen('$cpu_index/torch/', timeout=10)" 2>/dev/null; then
    install --index-url "$cpu_index" "$torch"
else
    install "$torch"
fi

echo "[4/4] lecturekit, from this folder"
install --no-deps --no-build-isolation --editable .

# 5. OpenCV's wheel can open windows, for which it wants libraries that a server or a slim container
# lacks. The headless wheel of the same version has the same functions, and the book opens none.
if ! said=$(.venv/bin/python -c 'import cv2' 2>&1); then
    library=$(printf '%s\n' "$said" | sed -n 's/.*ImportError: \(lib[^:]*\): cannot open.*/\1/p')
    if [ -n "$library" ]; then
        version=$(sed -n 's/^opencv-python==\([^ ;]*\).*/\1/p' requirements.txt)
        .venv/bin/python -m pip uninstall --quiet --yes opencv-python
        install --no-deps "opencv-python-headless==$version"
        echo "      no $library here, so opencv-python-headless takes opencv-python's place: same functions, no windows"
    fi
fi
failed=
for module in torch cv2 av lecturekit; do
    .venv/bin/python -c "import $module" || failed="$failed $module"
done
[ -z "$failed" ] ||
    stop "installed, but not importable (above):$failed. If a system library is missing, install it; else remove .venv. Then run make again"
touch .venv/.ready
