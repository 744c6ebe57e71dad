"""R15: the governor stands between the app and the stepper and releases or refuses each grant, whatever the therapy says.

It shares nothing with the therapy: it counts steps, not drug, minute by minute, and derives its own caps with its own arithmetic
when a prescription is committed. A window of 60 minute-buckets is never longer than an hour and one of 1440 never longer than
a day, so lawful delivery can not trip it; what it lets through exceeds a cap by at most one minute's steps.
The caps are the drug's with a fiftieth and a few steps on top: each reset moves the phase of the steps and blurs their minutes.
Back-off has a budget of its own: what went forward since the last one, and never more than half a mL (GIP 1.8.1: no continuous reverse).
A lower cap binds a day after it was given: until then the window holds what the higher one allowed; and the hour in which it was given may
hold the fullest of the one and then the other's basal. Times in ms of pump time.
"""

from array import array

MINUTE_MS = 60000
DAY_MS = 86400000
_DAY = 1440
_HOUR = 60
_PI_NUM = 245850922  # another pi than geometry's: 245850922/78256779 is right to 16 digits
_PI_DEN = 78256779
_FOR_EVER = -1
_SLACK_STEPS = 4
_BACK_NL = 500000
_SLACK_SHARE = 50
UNTIL, PER_HOUR, PER_DAY = 0, 1, 2


def _with_slack(steps: int) -> int:
    return steps + steps // _SLACK_SHARE + _SLACK_STEPS


class Governor:
    """Without caps it releases nothing: a governor that was never armed keeps the motor still."""

    def __init__(self) -> None:
        self.minutes = array("I", bytes(4 * _DAY))
        self.minute = 0  # the newest bucket's number
        self.hour_sum = 0
        self.day_sum = 0
        self.weight = 0  # drug that a turn pushes out, to compare: steps of another concentration or syringe weigh otherwise
        self.caps: list[list[int]] = []  # [until, steps an hour, steps a day]; the last is the prescription's, for ever
        self.hour_cap = 0  # in force
        self.day_cap = 0
        self.budget = 0  # R10: steps of priming still allowed; not counted with the drug's
        self.back_cap = 0  # steps of half a mL: the most that may ever be pulled back in one go
        self.forth = 0  # steps let through since the last move back, as far as they may be pulled back

    def arm(
        self, basal_ng: int, hour_ng: int, max_24h_ng: int, conc_ng_per_ml: int, bore_um: int, lead_nm: int, turn: int, now: int
    ) -> None:
        """Caps from the prescription: in a day its max_24h, in an hour the fullest hour of basal and every bolus of the day."""
        self._weigh(bore_um * bore_um * conc_ng_per_ml)
        # ng of drug that one turn of `turn` steps pushes out, times 4 x _PI_DEN x 10^15
        turn_ng = _PI_NUM * bore_um * bore_um * lead_nm * conc_ng_per_ml
        scale = turn * 4 * _PI_DEN * 1000000000000000
        day_cap = _with_slack(max_24h_ng * scale // turn_ng)
        self.back_cap = _BACK_NL * scale // (_PI_NUM * bore_um * bore_um * lead_nm * 1000000)
        hour_cap = _with_slack((hour_ng + 1 + max_24h_ng - basal_ng) * scale // turn_ng)
        if self.caps:
            self._choose(now)
            former = self.caps.pop()
            if hour_cap < former[PER_HOUR] or day_cap < former[PER_DAY]:  # what has flowed within them is still in the windows
                self._until(now + DAY_MS, former[PER_HOUR], former[PER_DAY])
                # an hour that holds the fullest of it, and then the new basal
                self._until(now + _HOUR * MINUTE_MS, former[PER_HOUR] + _with_slack(hour_ng * scale // turn_ng), former[PER_DAY])
        self.caps.append([_FOR_EVER, hour_cap, day_cap])
        self._choose(now)

    def _until(self, until: int, hour: int, day: int) -> None:
        """These caps hold besides, in place of any that they cover."""
        self.caps = [cap for cap in self.caps if cap[UNTIL] > until or cap[PER_HOUR] > hour or cap[PER_DAY] > day]
        self.caps.append([until, hour, day])

    def _choose(self, now: int) -> None:
        """The caps in force."""
        self.caps = [cap for cap in self.caps if cap[UNTIL] == _FOR_EVER or cap[UNTIL] > now]
        self.hour_cap = max([cap[PER_HOUR] for cap in self.caps])
        self.day_cap = max([cap[PER_DAY] for cap in self.caps])

    def _weigh(self, weight: int) -> None:
        """Count in steps of this weight from here on."""
        old = self.weight
        self.weight = weight
        if old in (0, weight):
            return
        total = done = 0
        for m in range(self.minute - _DAY + 1, self.minute + 1):
            total += self.minutes[m % _DAY] * old
            self.minutes[m % _DAY] = -(-total // weight) - done
            done += self.minutes[m % _DAY]
        for cap in self.caps:
            cap[PER_HOUR] = -(-cap[PER_HOUR] * old // weight)
            cap[PER_DAY] = -(-cap[PER_DAY] * old // weight)
        self._add_up()

    def _add_up(self) -> None:
        self.day_sum = sum(self.minutes)
        self.hour_sum = sum([self.minutes[m % _DAY] for m in range(self.minute - _HOUR + 1, self.minute + 1)])

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
        if len(self.caps) > 1:
            self._choose(now)

    def release(self, steps: int, now: int) -> bool:
        """Count `steps` about to be granted, or refuse them by giving False."""
        if self.budget:
            self.budget -= steps
            return self.budget > 0
        if now // MINUTE_MS != self.minute:
            self.roll(now)
        if self.hour_sum + steps > self.hour_cap or self.day_sum + steps > self.day_cap:
            return False
        self.minutes[self.minute % _DAY] += steps
        self.hour_sum += steps
        self.day_sum += steps
        if self.forth < self.back_cap:
            self.forth += steps
        return True

    def release_back(self, steps: int) -> bool:
        """Let `steps` be pulled back, or refuse: only what went forward since the last move back can be."""
        if steps > self.forth or steps > self.back_cap:
            return False
        self.forth = min(self.forth, self.back_cap) - steps
        return True

    def went(self, steps: int) -> None:
        """So many steps went forward that no checkpoint knows: they may be pulled back."""
        self.forth = min(self.back_cap, self.forth + max(0, steps))

    # --- journal -----------------------------------------------------------------------------------------------------------

    def dump(self) -> list:
        """Caps, weight and what may be pulled back; the buckets are journaled hour by hour."""
        return [self.weight, self.caps, self.back_cap, self.forth]

    def load(self, values: list) -> None:
        """Take over what `dump` gave."""
        self.weight, self.caps, self.back_cap, self.forth = values
        if self.caps:
            self._choose(self.minute * MINUTE_MS)

    def hour(self, number: int) -> list[int]:
        """Hour `number` of pump time as far as it has come: [number, weight, bucket ...]."""
        first = number * _HOUR
        steps = [self.minutes[m % _DAY] if m > self.minute - _DAY else 0 for m in range(first, min(first + _HOUR, self.minute + 1))]
        return [number, self.weight] + steps

    def restore(self, hours: list, now: int) -> None:
        """Take over hours as `hour` gave them; of two records of a minute the fuller one. Minutes older than a day count no more."""
        for i in range(_DAY):
            self.minutes[i] = 0
        self.minute = now // MINUTE_MS
        for hour in hours:
            number, weight = hour[0], hour[1] or self.weight or 1
            total = done = 0
            for i in range(len(hour) - 2):
                minute = number * _HOUR + i
                total += hour[2 + i] * weight
                steps = -(-total // (self.weight or weight)) - done
                done += steps
                if self.minute - _DAY < minute <= self.minute:
                    self.minutes[minute % _DAY] = max(self.minutes[minute % _DAY], steps)
        self._add_up()

    def add(self, steps: int, since: int) -> None:
        """Count steps that left some time from `since` on until now, evenly: after a reset their minutes are not known."""
        first = max(since // MINUTE_MS, self.minute - _DAY + 1)
        minutes = self.minute - first + 1
        for i in range(minutes):
            self.minutes[(first + i) % _DAY] += steps * (i + 1) // minutes - steps * i // minutes
        self._add_up()
