"""`make demo`: the main job on the simulator, from an unprovisioned pump to the end of a taper, verified as it is shown."""
