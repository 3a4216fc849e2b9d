# Sourced by scripts/test --all: installs what the heavy tests need, idempotently. A part that cannot be had is named, and the tests
# that need it are then skipped in sight (with CI=true they fail).

install_heavy_parts() {
  local packages=()
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || packages+=(nodejs npm)
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages+=(postgresql)
  [ -x /usr/bin/chromium ] || packages+=(chromium)
  fc-list 2>/dev/null | grep -qi "noto.*cjk" || packages+=(fonts-noto-cjk fontconfig)
  if [ ${#packages[@]} -gt 0 ]; then
    echo "Installing ${packages[*]} ..."
    if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
      echo "MISSING: ${packages[*]}. Install them with your package manager; the tests that need them are skipped." >&2
    else
      export DEBIAN_FRONTEND=noninteractive
      apt-get update -qq && apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
    fi
  fi
  if [ ! -x contracts/node_modules/.bin/forge ] || [ contracts/package-lock.json -nt contracts/node_modules/.installed ]; then
    echo "Installing the contract tools (forge, anvil, solc, OpenZeppelin) ..."
    (cd contracts && npm ci --silent --no-audit --no-fund && touch node_modules/.installed)
  fi
  if [ ! -x .cache/slither/bin/slither ]; then
    echo "Installing Slither in an environment of its own ..."
    .venv/bin/python -m venv .cache/slither
    .cache/slither/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-slither.lock
  fi
}

run_slither() {
  (cd contracts && PATH="$PWD/node_modules/.bin:$PATH" ../.cache/slither/bin/slither . --config-file slither.config.json)
}
