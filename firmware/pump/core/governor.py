"""R15: the governor stands between the app and the stepper and releases or refuses each grant, whatever the therapy says.

It shares nothing with the therapy: it counts steps, not drug, minute by minute, and derives its own caps with its own arithmetic
when a prescription is committed. A window of 60 minute-buckets is never longer than an hour and one of 1440 never longer than
a day, so lawful delivery can not trip it; what it lets through exceeds a cap by at most one minute's steps.
Times in ms of pump time.
"""

from array import array

MINUTE_MS = 60000
_DAY = 1440
_HOUR = 60
_PI_NUM = 245850922  # another pi than geometry's: 245850922/78256779 is right to 16 digits
_PI_DEN = 78256779


class Governor:
    """caps of 0 release nothing: a governor that was never armed keeps the motor still."""

    def __init__(self) -> None:
        self.minutes = array("I", bytes(4 * _DAY))
        self.minute = 0  # the newest bucket's number
        self.hour_sum = 0
        self.day_sum = 0
        self.hour_cap = 0
        self.day_cap = 0

    def arm(self, basal_ng_per_day: int, max_24h_ng: int, conc_ng_per_ml: int, bore_um: int, lead_nm: int, turn: int) -> None:
        """Caps: in a day the prescription's max_24h, in an hour an hour of basal and every bolus of the day; one step of rounding each."""
        # ng of drug that one turn of `turn` steps pushes out, times 4 x _PI_DEN x 10^15
        turn_ng = _PI_NUM * bore_um * bore_um * lead_nm * conc_ng_per_ml
        scale = turn * 4 * _PI_DEN * 1000000000000000
        self.day_cap = max_24h_ng * scale // turn_ng + 2
        hour_ng = basal_ng_per_day // 24 + 1 + max_24h_ng - basal_ng_per_day
        self.hour_cap = hour_ng * scale // turn_ng + 2

    def roll(self, now: int) -> None:
        """Let buckets that have left their windows go."""
        minute = now // MINUTE_MS
        gap = minute - self.minute
        if gap <= 0:
            return
        if gap >= _DAY:
            for i in range(_DAY):
                self.minutes[i] = 0
            self.hour_sum = self.day_sum = 0
        else:
            for m in range(self.minute + 1, minute + 1):
                self.hour_sum -= self.minutes[(m - _HOUR) % _DAY]
                self.day_sum -= self.minutes[m % _DAY]
                self.minutes[m % _DAY] = 0
        self.minute = minute

    def release(self, steps: int, now: int) -> bool:
        """Count `steps` about to be granted, or refuse them by giving False."""
        if now // MINUTE_MS != self.minute:
            self.roll(now)
        if self.hour_sum + steps > self.hour_cap or self.day_sum + steps > self.day_cap:
            return False
        self.minutes[self.minute % _DAY] += steps
        self.hour_sum += steps
        self.day_sum += steps
        return True

    def hour(self, number: int) -> list[int]:
        """The 60 buckets of hour `number` of pump time, for the journal."""
        first = number * _HOUR
        return [self.minutes[m % _DAY] for m in range(first, first + _HOUR)]

    def restore(self, hours: list, now: int) -> None:
        """Take over journaled hours, each [number, bucket ...]; those older than a day count no more."""
        for i in range(_DAY):
            self.minutes[i] = 0
        self.minute = now // MINUTE_MS
        for hour in hours:
            for i in range(_HOUR):
                minute = hour[0] * _HOUR + i
                if self.minute - _DAY < minute <= self.minute:
                    self.minutes[minute % _DAY] = hour[1 + i]
        self.day_sum = sum(self.minutes)
        self.hour_sum = sum([self.minutes[m % _DAY] for m in range(self.minute - _HOUR + 1, self.minute + 1)])
