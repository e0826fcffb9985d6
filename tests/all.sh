#!/usr/bin/env bash
# Installs what the tests need and runs them all, those that cargo ignores by itself among them.
set -euo pipefail
cd "$(dirname "$0")/.."

# Debian's package for each program.
declare -A packages=(
    [chromium]=chromium [chromedriver]=chromium-driver [nginx]=nginx-light [haproxy]=haproxy
    [certutil]=libnss3-tools [curl]=curl [openssl]=openssl [valgrind]=valgrind
    [redis-server]=redis-server [redis-cli]=redis-tools
)

PATH="$PATH:/usr/sbin"
missing=()
for program in "${!packages[@]}"; do
    command -v "$program" >/dev/null || missing+=("${packages[$program]}")
done

if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" != 0 ]; then as_root=(sudo -n); fi
    if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true; then
        echo "Missing: ${missing[*]}. Install these (Debian's names), or run 'cargo test' alone." >&2
        exit 1
    fi
    echo "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -qq </dev/null
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
start=$SECONDS
status=0
# The build may use every core; browsers and proxies should not compete for them.
cargo test --all-features --no-fail-fast "$@" -- --include-ignored --test-threads=2 2>&1 | tee "$log" || status=$?

sum() { awk -v word="$1" '/^test result:/ { for (i = 2; i <= NF; i++) if ($i ~ "^" word) n += $(i - 1) } END { print n + 0 }' "$log"; }
echo
echo "$(sum passed) passed, $(sum failed) failed, $(sum ignored) ignored in $((SECONDS - start)) s"
grep -E '^test .* FAILED$' "$log" || true
exit "$status"
