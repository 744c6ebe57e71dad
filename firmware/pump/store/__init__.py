"""The journal and the settings, behind a Files port: nothing here knows which filesystem it is."""
