"""scikit-image's biharmonic inpainting as a program: photo, mask and out are PNGs; white fills."""

import sys

import numpy as np
from PIL import Image
from skimage.restoration import inpaint_biharmonic

photo, mask, out = sys.argv[1:]
picture = np.asarray(Image.open(photo).convert("RGB")) / 255
hole = np.asarray(Image.open(mask).convert("L")) > 127
filled = inpaint_biharmonic(picture, hole, channel_axis=-1)
Image.fromarray(np.rint(filled.clip(0, 1) * 255).astype(np.uint8)).save(out)
