#!/usr/bin/env bash
# Fill the sample pictures through the command line and say where the results lie.
# usage: demo.sh PROGRAM FOLDER
set -euo pipefail

program=$1
output=$2
samples="$(dirname "$0")/../resources/samples"
mkdir -p "$output"

fill() { # name, engine, more options
  local name=$1 engine=$2
  shift 2
  echo
  echo "== $name, $engine"
  "$program" fill "$samples/$name.jpg" --mask "$samples/$name-mask.png" --engine "$engine" \
    --overwrite --out "$output/$name-$engine.png" --sheet "$output/$name-$engine-sheet.jpg" "$@"
}

echo "Filling two sample pictures, each three ways: this takes a minute or two."
for name in photo painting; do
  fill "$name" auto
  fill "$name" edgeconnect --edges-out "$output/$name-edgeconnect-edges.png"
  fill "$name" pconv
done

echo
echo "Look at these:"
for name in photo painting; do
  echo "  composite, Automatic             $output/$name-auto.png"
  echo "  composite, EdgeConnect           $output/$name-edgeconnect.png"
  echo "  its edge map                     $output/$name-edgeconnect-edges.png"
  echo "  composite, partial convolution   $output/$name-pconv.png"
  echo "  before/after sheets              $output/$name-{auto,edgeconnect,pconv}-sheet.jpg"
done
echo
echo "To fill a photo of your own (white in the mask is filled):"
echo "  $program fill PHOTO --mask MASK -o OUT.png"
echo "To paint the mask, open the window where there is a display:"
echo "  $program open PHOTO"
