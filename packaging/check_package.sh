#!/usr/bin/env bash
# Try a built program as a stranger would: moved elsewhere, with nothing of this checkout in reach.
# usage: check_package.sh FOLDER
set -euo pipefail

built=$(realpath "$1")
samples=$(realpath "$(dirname "$0")/../resources/samples")
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
moved="$away/a folder with spaces"
cp -a "$built" "$moved"
program="$moved/inpaint-studio"

run() { env -i HOME="$away" PATH=/usr/bin:/bin LANG=C.UTF-8 "$@"; }

cd "$away"
run "$program" --version
for engine in patchmatch edgeconnect pconv telea; do
  run "$program" fill "$samples/photo.jpg" --mask "$samples/photo-mask.png" \
    --engine "$engine" --quiet --out "$away/$engine.png"
done
if command -v xvfb-run >/dev/null; then
  painted=$(run xvfb-run --auto-servernum "$program" --temp-home --exit-after-paint)
  echo "The window was painted after $painted ms."
else
  echo "No xvfb-run here: the window was not tried."
fi
echo "Size: $(du -sh "$built" | cut -f1)"
