"""Ways to fill a hole, and the one road from a photo and a mask to a patch."""
