"""Ways to fill a hole, and the one road from a photo and a mask to a patch."""

import os

# Read by torch when it is first imported: let the CPU do what Apple's GPU cannot.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
