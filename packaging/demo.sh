#!/usr/bin/env bash
# Fill the sample pictures with both networks through the command line and say where the results lie.
# usage: demo.sh PROGRAM FOLDER
set -euo pipefail

program=$1
output=$2
samples="$(dirname "$0")/../resources/samples"
mkdir -p "$output"

fill() { # name, photo, mask, engine, more options
  local name=$1 photo=$2 mask=$3 engine=$4
  shift 4
  "$program" fill "$samples/$photo" --mask "$samples/$mask" --engine "$engine" --overwrite \
    --out "$output/$name-$engine.png" --sheet "$output/$name-$engine-sheet.jpg" "$@"
}

echo "No window here: filling the sample pictures with both networks."
for name in photo painting; do
  fill "$name" "$name.jpg" "$name-mask.png" edgeconnect \
    --edges-out "$output/$name-edgeconnect-edges.png"
  fill "$name" "$name.jpg" "$name-mask.png" pconv
done

echo
echo "Look at these:"
for name in photo painting; do
  echo "  composite, EdgeConnect           $output/$name-edgeconnect.png"
  echo "  its edge map                     $output/$name-edgeconnect-edges.png"
  echo "  composite, partial convolution   $output/$name-pconv.png"
  echo "  before/after sheets              $output/$name-edgeconnect-sheet.jpg, $output/$name-pconv-sheet.jpg"
done
echo "To fill a photo of your own: $program fill PHOTO --mask MASK -o OUT.png"
