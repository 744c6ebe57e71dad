"""R15: independent evidence of motion. Looks at what the board can feel, judges it, and says which alarms begin and end.

Force on the plunger and the end stops are looked at whenever the loop runs, which is before every step that is granted slowly and every
250 ms in a train: pressure rises by steps only. Encoder, supply and motor driver are asked every second in a train, else every minute (at
most 55 steps). Nothing else wakes the loop but a minute without any step. A cause must last before it counts, and be gone before it is
over; what contradicts motion is judged only while the motor moves, and stands until it is gone. Forces mN, times ms of pump time.
Called by the loop; what an alarm does to delivery is the loop's and the table's business (wire/alarms.py).
"""

from pump.app.ports import END_BACK, END_EMPTY, UNSEATED, Hw
from pump.app.turned import Turned
from pump.core import backoff, states
from pump.core.therapy import Therapy
from wire import alarms, limits

_LOOK_MS = 60000
_FAST_MS = 1000
_IDLE_MS = 3600000

(
    OCCLUDED,
    ENDED,
    UNSEAT,
    STALLED,
    DRIVER,
    OVER,
    UNDER,
    NO_FORCE,
    NO_ENCODER,
    NO_DRIVER,
    LOW,
    OUT,
    TEMPERATURE,
    BLOCKED,
) = [1 << i for i in range(14)]
# cause, alarm, ms that it must last, ms that it must be gone, only while the motor moves
CAUSES = (
    (OCCLUDED, alarms.OCCLUSION, 200, 1000, 1),
    (BLOCKED, alarms.OCCLUSION, 0, 1000, 1),  # further above the limit than noise goes
    (ENDED, alarms.END_STOP, 0, 0, 1),
    (UNSEAT, alarms.SEAT, 0, 0, 1),
    (STALLED, alarms.STALL, 0, 0, 1),
    (DRIVER, alarms.DRIVER, 3000, 0, 1),
    (OVER, alarms.OVER_DELIVERY, 0, 0, 1),
    (UNDER, alarms.UNDER_DELIVERY, 0, 0, 1),
    (NO_FORCE, alarms.SENSOR, 2000, 2000, 0),
    (NO_ENCODER, alarms.SENSOR, 2000, 2000, 0),
    (NO_DRIVER, alarms.SENSOR, 2000, 2000, 0),
    (LOW, alarms.SUPPLY_LOW, 2000, 2000, 0),
    (OUT, alarms.SUPPLY_OUT, 2000, 2000, 1),
    (TEMPERATURE, alarms.TEMPERATURE, 2000, 2000, 0),
)
_ALWAYS = sum([row[0] for row in CAUSES if not row[4]])


class Evidence:
    """`look` at every step of the loop; `next_at` is when it must be called again."""

    def __init__(self, hw: Hw, therapy: Therapy) -> None:
        self._therapy = therapy
        self._board = hw.board
        force, ends = getattr(hw, "force", None), getattr(hw, "ends", None)
        self._force = None if force is None else force.read
        self._ends = None if ends is None else ends.state
        self._supply = getattr(hw, "supply", None)
        self._driver = getattr(hw, "driver", None)
        encoder = getattr(hw, "encoder", None)
        self._turned = None if encoder is None else Turned(encoder, hw.stepper, hw.board)
        self._moving = False
        self._fast = False  # trains are granted
        self.backing = False  # the plunger is being pulled back
        self.next_at = 0
        self._slow_at = 0
        self._span = _IDLE_MS  # to the next look
        self._slow = 0  # what the slow ones said
        self._bad = -1  # causes that count; -1 before the first look
        self._since = [-1] * len(CAUSES)  # when a change began that does not count yet
        self._pending = False
        self._syringe: tuple = ()
        self._limit_mn = self._low_mn = 0
        self._base_mn = 1 << 30  # the least force ever seen: friction
        self._mark = 0  # odometer when the force was low last

    def changed(self, fast: bool) -> None:
        """The therapy may have changed. fast: trains are granted."""
        if fast and not self._fast:
            self._slow_at = 0
        self._fast = fast
        self._moving = self._therapy.state in states.MOVING
        self._span = _LOOK_MS if self._moving or self._bad else _IDLE_MS

    def rise(self) -> int:
        """Steps that went in since the force began to rise."""
        return max(0, self._therapy.odometer() - self._mark)

    def look(self, now: int) -> "list | tuple":
        """(alarm, whether it begins) of what has changed."""
        therapy = self._therapy
        if self._bad < 0:
            self._remember()
        if self._syringe is not therapy.syringe:
            self._measure()
        self.next_at = now + self._span
        if now >= self._slow_at:
            self._slow_at = now + (_FAST_MS if self._fast else _LOOK_MS)
            self._slow = self._ask(now)
        bad = self._slow
        if self._force is not None:
            force = self._force()
            if force is None:
                bad |= NO_FORCE
            elif force > self._low_mn:
                if force >= self._limit_mn or self._bad & OCCLUDED and force * 2 >= self._limit_mn:
                    bad |= OCCLUDED
                    if force * 5 >= self._limit_mn * 6:
                        bad |= BLOCKED
            else:
                self._mark = therapy.odometer_base + therapy.plan.emitted
                if force < self._base_mn:
                    self._base_mn = force
                    self._measure()
        if self._ends is not None:
            ends = self._ends()
            if ends:
                bad |= self._places(ends)
        if self.backing:
            bad |= OCCLUDED
        return () if bad == self._bad and not self._pending else self._settle(bad, now)

    def _measure(self) -> None:
        """The force that an occlusion makes on this syringe; below an eighth of the way there the pressure counts as not risen."""
        self._syringe = self._therapy.syringe
        limit = backoff.mn(self._therapy, limits.OCCLUSION_KPA) if self._syringe else 1 << 30
        most = getattr(self._board, "FORCE_OCCLUSION_MN", None)
        self._limit_mn = limit if most is None else min(limit, most)
        base = self._base_mn if self._base_mn < self._limit_mn else 0
        self._low_mn = base + (self._limit_mn - base) // 8

    def _places(self, ends: int) -> int:
        """END_EMPTY is no news where the books say so too."""
        bad = UNSEAT if ends & UNSEATED else 0
        therapy = self._therapy
        if ends & END_BACK and not self.backing:
            bad |= ENDED
        if ends & END_EMPTY and (therapy.reservoir.left_steps(therapy.odometer()) > 0 or self._bad & ENDED):
            bad |= ENDED
        return bad

    def _ask(self, now: int) -> int:
        """Encoder, supply and motor driver."""
        bad = 0
        if self._turned is not None:
            bad = self._turned.look(now, self._moving)
        if self._driver is not None:
            faults = self._driver.faults()
            if faults is None:
                bad |= NO_DRIVER
            elif faults:
                bad |= DRIVER
        if self._supply is not None:
            millivolts, temperature = self._supply.read()
            low, high = self._board.SUPPLY_MIN_MV, self._board.SUPPLY_MAX_MV
            if millivolts is not None and not low <= millivolts <= high:
                bad |= LOW | (OUT if millivolts * 100 < low * limits.SUPPLY_OUT_PERCENT else 0)
            if temperature is not None and not limits.TEMPERATURE_DDEG[0] <= temperature <= limits.TEMPERATURE_DDEG[1]:
                bad |= TEMPERATURE
        return bad

    def _remember(self) -> None:
        """What stands from before this boot stands until it is seen to be gone."""
        self._bad = 0
        for row in CAUSES:
            entry = self._therapy.alarms.find(row[1])
            if entry is not None and entry[2]:
                self._bad |= row[0]

    def _settle(self, bad: int, now: int) -> list:
        """Let each cause last before it counts."""
        if not self._moving:
            bad &= self._bad | _ALWAYS
        said = []
        self._pending = False
        for i in range(len(CAUSES)):
            bit, alarm, on_ms, off_ms, _ = CAUSES[i]
            if not (bad ^ self._bad) & bit:
                self._since[i] = -1
                continue
            if self._since[i] < 0:
                self._since[i] = now
            left = self._since[i] + (on_ms if bad & bit else off_ms) - now
            if left > 0:
                self._pending = True
                self.next_at = min(self.next_at, now + left)
                continue
            self._bad ^= bit
            self._since[i] = -1
            said.append((alarm, bool(self._bad & _bits(alarm))))
        self._span = _LOOK_MS if self._moving or self._bad else _IDLE_MS
        if self._pending or said:
            self._slow_at = min(self._slow_at, now + _FAST_MS)
            self.next_at = min(self.next_at, max(self._slow_at, now + 1))
        return said


def _bits(alarm: int) -> int:
    return sum([row[0] for row in CAUSES if row[1] == alarm])
