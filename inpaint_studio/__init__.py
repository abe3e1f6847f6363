"""Inpaint Studio: restore pictures with PatchMatch, EdgeConnect and partial convolution."""

__version__ = "0.1.0"
