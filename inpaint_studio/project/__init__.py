"""What keeps a document beyond the run of the program: project files and the crash journal."""
