#!/usr/bin/env bash
# Put the program into the desktop's menu: entry, icons and description under PREFIX/share.
# usage: install-desktop.sh [PREFIX] [PROGRAM]     (default: ~/.local, and inpaint-studio on the PATH)
set -euo pipefail

prefix=${1:-"$HOME/.local"}
program=${2:-inpaint-studio}
here=$(dirname "$0")
icons="$here/../resources/icons"

place() { install -D -m 644 "$1" "$prefix/share/$2"; }

place "$here/inpaint-studio.desktop" applications/inpaint-studio.desktop
sed -i "s|^Exec=inpaint-studio |Exec=\"$program\" |" "$prefix/share/applications/inpaint-studio.desktop"
place "$here/org.inpaint_studio.InpaintStudio.metainfo.xml" \
  metainfo/org.inpaint_studio.InpaintStudio.metainfo.xml
place "$icons/inpaint-studio.svg" icons/hicolor/scalable/apps/inpaint-studio.svg
for size in 16 24 32 48 64 128 256 512; do
  place "$icons/inpaint-studio-$size.png" "icons/hicolor/${size}x$size/apps/inpaint-studio.png"
done
