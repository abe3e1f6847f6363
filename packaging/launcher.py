"""Where the built program starts: the window without arguments, the command line with them."""

import multiprocessing
import sys

if __name__ == "__main__":
    # First, before anything is imported: the engine process starts this same program again.
    multiprocessing.freeze_support()

    from inpaint_studio.__main__ import main

    sys.exit(main())
