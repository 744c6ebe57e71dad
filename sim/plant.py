"""What the pulses do: motor, screw, syringe, tubing. Integers only, so that both interpreters agree to the last bit.

Volumes are kept in q = 1/65536 of the volume of one microstep (small ints for ever); nL appear only when read out, by
the exact ratio `nl = q * num // den`. What leaves the syringe first fills the tubing, which gives it back with the time
constant TAU: every CELL the stored volume is multiplied by d = TAU / (TAU + CELL). Cells lie on a fixed grid of virtual
time, so it makes no difference when somebody looks. Nothing is lost: reservoir + stored + out is constant.

What is pushed into an occluded line is trapped: it is what makes the pressure, `trapped / COMPLIANCE`. Pulling the plunger back
takes of it first. Volume that is only on its way (the time constant) makes none.

Faults: occluded (nothing leaves the tubing; pressure rises until the motor stalls), leak (a share of what leaves does
not reach the patient), stalled (pulses move nothing), slip (a share of the pulses turns nothing). An empty syringe is the plunger on its
stop: pulses move nothing. `turned_q` is the screw's own position, in q, which a quadrature encoder sees.
Called by the stepper (push, pull), the sensors and the bench (truth, refill, faults).
"""

CELL_US = 1000000
TAU_CELLS = 20
_ONE = 65536
_PI_NUM, _PI_DEN = 3141592653589793, 1000000000000000
STALL_PA = 300000  # back pressure at which the motor loses steps
COMPLIANCE_NL_PER_KPA = 500  # of syringe and tubing: 150 uL stored at the stall
COUNTS = ("steps", "idle_steps", "reservoir_q", "stored_q", "out_q", "leaked_q", "past_out_nl", "past_leaked_nl", "cell")
BACK = ("back_steps", "trapped_q", "turned_q", "slip_q")  # 0 in the profile of a pump that is older
FAULTS = ("occluded", "leak_permille", "stalled")


def _decay() -> list[int]:
    """d^(2^k) in 1/65536, k = 0.. until it is 0."""
    table = [TAU_CELLS * _ONE // (TAU_CELLS + 1)]
    while table[-1]:
        table.append(table[-1] * table[-1] // _ONE)
    return table


class Plant:
    def __init__(self, bore_um: int, capacity_nl: int, lead_nm: int, steps_per_turn: int) -> None:
        self._lead_nm = lead_nm
        self._steps_per_turn = steps_per_turn
        self._decay = _decay()
        self._num = self._den = 1
        self.capacity_nl = 0
        self._stall_q = 0
        self._bore_um = 0
        self.slip_permille = 0
        self.enabled = False
        self.occluded = 0
        self.leak_permille = 0
        self.stalled = 0
        self.steps = 0  # pulses that left, for ever
        self.idle_steps = 0  # of them: moved nothing
        self.back_steps = 0  # pulses backwards, for ever
        self.turned_q = 0
        self.trapped_q = 0  # of what is stored: pushed into an occluded line
        self.slip_q = 0  # what is left of a pulse that slipped in part
        self.reservoir_q = 0
        self.stored_q = 0
        self.out_q = 0  # reached the patient
        self.leaked_q = 0
        self.past_out_nl = 0  # through syringes that were taken off
        self.past_leaked_nl = 0
        self.cell = 0
        self._geometry(bore_um, capacity_nl)
        self.reservoir_q = self._q(capacity_nl)

    def push(self, steps: int, at_us: int) -> None:
        """`steps` pulses left, the last one at `at_us`."""
        cell = at_us // CELL_US
        if cell != self.cell:
            self._relax(cell)
        self.steps += steps
        q = steps << 16
        if not self.enabled or self.stalled:
            q = 0
        elif self.slip_permille:
            q = self._slipped(steps)
        if q > self.reservoir_q:
            q = self.reservoir_q
        if self.occluded and q > self._stall_q - self.trapped_q:
            q = max(0, self._stall_q - self.trapped_q)
        if q != steps << 16:
            self.idle_steps += steps - (q >> 16)
        self.turned_q += q
        self.reservoir_q -= q
        self.stored_q += q
        if self.occluded:
            self.trapped_q += q

    def _slipped(self, steps: int) -> int:
        """Of `steps` pulses, those that turned the screw: a permille of each slips, and whole pulses do."""
        self.slip_q += steps * self.slip_permille
        lost = self.slip_q // 1000
        self.slip_q -= lost * 1000
        return steps - lost << 16

    def pull(self, steps: int, at_us: int) -> None:
        """`steps` pulses left backwards, the last one at `at_us`. An occluded line gives back what is trapped; below that it sucks."""
        self._relax(at_us // CELL_US)
        self.back_steps += steps
        q = 0 if not self.enabled or self.stalled else steps << 16
        self.turned_q -= q
        self.reservoir_q += q
        self.stored_q -= q
        if self.occluded or self.trapped_q > 0:
            self.trapped_q -= q

    def creep(self, steps: int, at_us: int) -> None:
        """The screw turns by so many steps that nobody asked for."""
        self._relax(at_us // CELL_US)
        q = min(steps << 16, self.reservoir_q)
        self.turned_q += q
        self.reservoir_q -= q
        self.stored_q += q

    def _relax(self, cell: int) -> None:
        """Let the tubing give back what it does between two cells."""
        cells = cell - self.cell
        self.cell = cell
        if self.occluded:
            return
        stored = kept = self.stored_q
        k = 0
        while cells and kept:
            if k >= len(self._decay):
                kept = 0
            elif cells & 1:
                kept = kept * self._decay[k] >> 16
            cells >>= 1
            k += 1
        self.stored_q = kept
        if self.trapped_q > kept or self.trapped_q < 0:
            self.trapped_q = max(kept, 0)
        out = stored - kept
        if self.leak_permille:
            leaked = out * self.leak_permille // 1000
            self.leaked_q += leaked
            out -= leaked
        self.out_q += out

    # --- hands on the pump -------------------------------------------------------------------------------------------------
    def refill(self, volume_nl: int, at_us: int) -> None:
        """The syringe now holds `volume_nl`."""
        if not 0 <= volume_nl <= self.capacity_nl:
            raise ValueError("refill 0.." + str(self.capacity_nl) + " nL")
        self._relax(at_us // CELL_US)
        self.reservoir_q = self._q(volume_nl)

    def mount(self, bore_um: int, capacity_nl: int, at_us: int) -> None:
        """Another syringe, full. What the tubing holds stays there."""
        self._relax(at_us // CELL_US)
        stored_nl = self._nl(self.stored_q)
        self.past_out_nl += self._nl(self.out_q)
        self.past_leaked_nl += self._nl(self.leaked_q)
        self.out_q = self.leaked_q = 0
        self._geometry(bore_um, capacity_nl)
        self.stored_q = self._q(stored_nl)
        self.trapped_q = 0
        self.reservoir_q = self._q(capacity_nl)

    def fault(self, name: str, value: int, at_us: int) -> None:
        """Set one of FAULTS or slip_permille from now on."""
        self._relax(at_us // CELL_US)
        setattr(self, name, value)

    # --- the truth ---------------------------------------------------------------------------------------------------------
    def truth(self, steps: int, last_us: int, now_us: int) -> dict[str, int]:
        """Exact counts and volumes as of `now_us`, with `steps` that the stepper has not told yet. Changes nothing."""
        kept = self.save()
        if steps:
            self.push(steps, last_us)
        self._relax(now_us // CELL_US)
        truth = {
            "steps": self.steps,
            "idle_steps": self.idle_steps,
            "back_steps": self.back_steps,
            "delivered_nl": self.past_out_nl + self._nl(self.out_q),
            "leaked_nl": self.past_leaked_nl + self._nl(self.leaked_q),
            "stored_nl": self._nl(self.stored_q),
            "reservoir_nl": self._nl(self.reservoir_q),
            "pressure_pa": self._pressure_pa(),
        }
        truth["delivered_pl"] = self.past_out_nl * 1000 + self.out_q * self._num * 1000 // self._den
        self.load(kept)
        return truth

    def save(self) -> dict[str, int]:
        """The state as plain data, for the profile."""
        return {name: getattr(self, name) for name in COUNTS + FAULTS + BACK + ("slip_permille",)}

    def load(self, state: dict[str, int]) -> None:
        for name in COUNTS + FAULTS:
            setattr(self, name, state[name])
        for name in BACK + ("slip_permille",):
            setattr(self, name, state.get(name, 0))

    # --- what the sensors feel ------------------------------------------------------------------------------------------------
    def force_mn(self, at_us: int) -> int:
        """Force on the plunger, as of `at_us`: pressure times the area of the bore. 1 Pa on 1 um^2 is 10^-9 mN."""
        self._relax(at_us // CELL_US)
        return self._pressure_pa() * _PI_NUM * self._bore_um * self._bore_um // (_PI_DEN * 4 * 1000000000)

    def _pressure_pa(self) -> int:
        return self._nl(self.trapped_q) * 1000 // COMPLIANCE_NL_PER_KPA

    # --- geometry ------------------------------------------------------------------------------------------------------------
    def _geometry(self, bore_um: int, capacity_nl: int) -> None:
        """One microstep moves pi/4 * bore^2 * lead / steps: um^2 * nm = 10^-21 m^3 = 10^-9 nL."""
        self._bore_um = bore_um
        num = _PI_NUM * bore_um * bore_um * self._lead_nm
        den = _PI_DEN * 4 * 1000000000 * self._steps_per_turn
        a, b = num, den
        while b:
            a, b = b, a % b
        self._num, self._den = num // a, den // a * _ONE
        self.capacity_nl = capacity_nl
        self._stall_q = self._q(STALL_PA * COMPLIANCE_NL_PER_KPA // 1000)

    def _nl(self, q: int) -> int:
        return q * self._num // self._den

    def _q(self, nl: int) -> int:
        """The least q that reads as `nl`."""
        return -(-nl * self._den // self._num)
