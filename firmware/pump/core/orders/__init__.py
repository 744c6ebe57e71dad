"""Orders from people: for each a `check` that reads it and refuses or gives the pump's own reading, and a `do` that carries it out.

check changes nothing: PROPOSE calls it to answer and COMMIT calls it again, because time has passed. Both take (therapy, values, role);
values is the decoded message, a reading a dict of PROPOSED's fields. role and reason decide which soft limits may be crossed.
"""

from pump.core.orders.acknowledge import check_ack, do_ack
from pump.core.orders.bolus import check_bolus, check_cancel, do_bolus, do_cancel
from pump.core.orders.prescribe import check_prescribe, do_prescribe
from pump.core.orders.prime import check_calibrate, check_prime, do_calibrate, do_prime
from pump.core.orders.provision import check_provision, do_provision
from pump.core.orders.refill import check_refill, do_refill
from pump.core.orders.service import check_service, do_service
from pump.core.orders.suspend import check_close, check_resume, check_suspend, do_close, do_resume, do_suspend
from pump.core.orders.taper import check_pause, check_taper, do_pause, do_taper

ORDERS = {
    "PROVISION": (check_provision, do_provision),
    "PRESCRIBE": (check_prescribe, do_prescribe),
    "BOLUS": (check_bolus, do_bolus),
    "CANCEL": (check_cancel, do_cancel),
    "TAPER": (check_taper, do_taper),
    "PAUSE": (check_pause, do_pause),
    "SUSPEND": (check_suspend, do_suspend),
    "RESUME": (check_resume, do_resume),
    "CLOSE": (check_close, do_close),
    "REFILL": (check_refill, do_refill),
    "PRIME": (check_prime, do_prime),
    "CALIBRATE": (check_calibrate, do_calibrate),
    "SERVICE": (check_service, do_service),
    "ACK": (check_ack, do_ack),
}
