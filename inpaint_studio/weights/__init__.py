"""From a weights file on disk to a network that can run."""
