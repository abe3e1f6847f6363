"""Measuring fills against the originals, so that engines can be compared and trusted."""
