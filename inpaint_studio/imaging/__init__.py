"""Pictures as numbers: files, colour, masks, geometry. No torch, no Qt."""
