# Sourced by scripts/test --all: installs what the heavy tests need, idempotently. A part that cannot be had is named, and the tests
# that need it are then skipped in sight (with CI=true they fail).

install_heavy_parts() {
  local packages=()
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || packages+=(nodejs npm)
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages+=(postgresql)
  [ -x /usr/bin/chromium ] || packages+=(chromium)
  fc-list 2>/dev/null | grep -qi "noto.*cjk" || packages+=(fonts-noto-cjk fontconfig)
  command -v go >/dev/null 2>&1 || [ -x .cache/go/bin/go ] || packages+=(golang-go)
  ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || packages+=(libfaketime)
  if [ ${#packages[@]} -gt 0 ]; then
    echo "Installing ${packages[*]} ..."
    if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
      echo "MISSING: ${packages[*]}. Install them with your package manager; the tests that need them are skipped." >&2
    else
      export DEBIAN_FRONTEND=noninteractive
      apt-get update -qq && apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
    fi
  fi
  install_go
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

# The network's engine needs Go 1.21 or newer, and Debian's may be older: any Go fetches a newer one as a module, whose sum is pinned.
GO_TOOLCHAIN=golang.org/toolchain@v0.0.1-go1.24.9.linux-amd64
GO_TOOLCHAIN_SUM=h1:XCaHFxbYbAFzirf0FlQ6XUJ3WM+yR7FdDHZvREoPVDI=

install_go() {
  [ -x .cache/go/bin/go ] && export PATH="$PWD/.cache/go/bin:$PATH"
  go_builds_the_engine && return
  if ! command -v go >/dev/null 2>&1 || [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "MISSING: Go 1.21 or newer. Install it with your package manager; the tests on the real network are skipped." >&2
    return
  fi
  echo "Fetching Go for the network's engine ..."
  local said fetched
  said=$(cd "$(mktemp -d)" && GOTOOLCHAIN=local go mod download -json "$GO_TOOLCHAIN") || true
  fetched=$(echo "$said" | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
  if ! echo "$said" | grep -qF "\"Sum\": \"$GO_TOOLCHAIN_SUM\""; then
    echo "MISSING: Go 1.21 or newer: it could not be fetched, or is not the pinned one. The tests on the real network are skipped." >&2
    return
  fi
  rm -rf .cache/go && mkdir -p .cache && cp -R "$fetched" .cache/go && chmod -R u+w .cache/go
  chmod +x .cache/go/bin/* && find .cache/go/pkg/tool -type f -exec chmod +x {} +  # a module keeps no modes
  export PATH="$PWD/.cache/go/bin:$PATH"
}

go_builds_the_engine() {
  local version
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
  case "$version" in
    go1.[0-9] | go1.[0-9].* | go1.1[0-9]* | go1.20*) return 1 ;;
    go1.*) return 0 ;;
  esac
  return 1
}

run_slither() {
  (cd contracts && PATH="$PWD/node_modules/.bin:$PATH" ../.cache/slither/bin/slither . --config-file slither.config.json)
}
