# Sourced by demo and test: makes `.venv` from a lock file. Idempotent: does nothing while the lock is the one installed.
# Usage: prepare_environment LOCK_FILE

find_python() {
  for candidate in ${SUYUAN_PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  echo "Suyuan needs Python 3.11 or newer with venv: install it (on Debian: python3 and python3-venv), or name one in SUYUAN_PYTHON." >&2
  return 1
}

prepare_environment() {
  local lock="$1" python stamp wanted
  stamp=.venv/installed
  wanted="$lock $(cksum < "$lock") $(cksum < pyproject.toml)"
  if [ -x .venv/bin/python ] && [ -f "$stamp" ] && grep -qxF "$wanted" "$stamp"; then
    return
  fi
  python=$(find_python)
  echo "Setting up .venv from $lock ($("$python" --version)) ..."
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  if ! install_fast "$lock" && ! install_plainly "$lock"; then
    echo "The packages could not be installed: is there a network to the package registry? See pip's message above; then run this again." >&2
    return 1
  fi
  echo "$wanted" >> "$stamp"
}

# uv installs in a few seconds what takes pip most of a minute. Where it cannot be had, or knows another registry than pip, pip does it.
install_fast() {
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock 2>/dev/null &&
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r "$1" 2>/dev/null &&
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable . 2>/dev/null
}

install_plainly() {
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1" &&
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
}
