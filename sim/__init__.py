"""The simulated pump: the ports that firmware/pump/app is handed, with a plant behind them. Nothing in firmware/ imports this."""
