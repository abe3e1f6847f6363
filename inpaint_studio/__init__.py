"""Inpaint Studio: restore pictures with partial convolution and EdgeConnect."""

__version__ = "0.1.0"
