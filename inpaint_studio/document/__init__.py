"""The open picture: layers, mask, commands, undo. Python and numpy, no Qt."""
