"""The canvas: what is seen of the document, and the tools that touch it."""
