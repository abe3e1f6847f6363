#!/usr/bin/env bash
# Make sure that the system has the libraries Qt loads and the tools the window's tests use.
# Installs them where apt-get may be used without asking; otherwise prints the line to run.
set -euo pipefail

packages=(
  libdbus-1-3 libegl1 libfontconfig1 libgl1 libxkbcommon0 libxkbcommon-x11-0
  libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
  libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
  fonts-dejavu-core xauth xdotool xvfb
)

if ! command -v apt-get >/dev/null; then
  echo "No apt-get here: install the X11 libraries that Qt 6 needs, Xvfb and xdotool by hand" \
    "(on Debian they are: ${packages[*]})."
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
    missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

install=(apt-get install --yes --no-install-recommends "${missing[@]}")
if [ "$(id -u)" = 0 ]; then
  sudo=()
elif sudo --non-interactive true 2>/dev/null; then
  sudo=(sudo)
else
  echo "The tests of the window need system libraries. Run this, then make test again:" >&2
  echo "  sudo ${install[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
${sudo[@]+"${sudo[@]}"} apt-get update -qq
${sudo[@]+"${sudo[@]}"} "${install[@]}" -qq >/dev/null
echo "Installed: ${missing[*]}"
