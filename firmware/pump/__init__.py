"""The pump: core (therapy and rules), store (journal), drivers (RP2040), app (one loop)."""
