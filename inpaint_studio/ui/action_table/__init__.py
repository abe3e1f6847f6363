"""Every action of the program, a module to each menu."""
