"""The application: one loop around the core, with the ports handed in."""
