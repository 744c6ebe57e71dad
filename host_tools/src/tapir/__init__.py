"""Tapir's host library: `Pump` is the API, errors.py its exceptions, words/ its sentences, wire/ the contract with the pump.

A bench and research model, not a medical device.
"""

from .errors import Refused, TapirError
from .plan import taper
from .prescription import Prescription
from .pump import Proposal, Pump

__version__ = "0.1.0"
__all__ = ["Prescription", "Proposal", "Pump", "Refused", "TapirError", "__version__", "taper"]
