"""Designs with one rule wrong, each as it was published, or as somebody might write it. The model check must find every one."""

from dataclasses import replace

from automaton import BOLUS_MAX, CAP, DAY, FLOOR, KEEP, MOST, PART, RAISE, STOP_MAX, Design, Pump, State


class OnlyDelivered(Design):
    """R6 counts what was delivered: basal still to come breaks the cap."""

    def fits(self, pump: Pump, d: int, dose: int) -> bool:
        return sum(pump.given) + dose * PART <= CAP


class LockoutFromStart(Design):
    """R5 counts from the beginning of a bolus."""

    def lock(self, pump: Pump) -> Pump:
        return replace(super().lock(pump), locked=1)


class ForgetsLockout(Design):
    """R5 lives in RAM."""

    def wake(self, pump: Pump) -> Pump:
        return replace(pump, runs=0, locked=0, ends=(0,) * len(pump.ends))


class ForgetsDrug(Design):
    """R6's books live in RAM."""

    def wake(self, pump: Pump) -> Pump:
        return replace(super().wake(pump), runs=0, given=(0,) * len(pump.given))


class ForgetsRungs(Design):
    """R3 looks back only as far as the last boot."""

    def wake(self, pump: Pump) -> Pump:
        return replace(super().wake(pump), highs=(pump.d,) * len(pump.highs))


class ClampsBasal(Design):
    """What is too much is cut down to what is possible."""

    def basal(self, pump: Pump, asked: int) -> int | None:
        return max(FLOOR, min(MOST, asked))


class ClampsBolus(Design):
    """The same with a bolus."""

    def bolus(self, asked: int) -> int | None:
        return min(asked, BOLUS_MAX)


class NoRange(Design):
    """R1 and R8 are the host's business."""

    def basal(self, pump: Pump, asked: int) -> int | None:
        return asked


class TwiceOnRetry(Design):
    """A host that did not hear the answer asks again, and the pump does it again."""

    def again(self, pump: Pump) -> bool:
        return not pump.locked and not pump.runs


class OffTimeTapers(Design):
    """R4 by the calendar: a rung is over although nothing flowed."""

    def off(self, pump: Pump) -> Pump:
        return replace(pump, held=pump.held + 1) if pump.rung else pump


class ResumesLower(Design):
    """R7: a resume is not a reduction."""

    def may_resume(self, pump: Pump, d: int) -> bool:
        return pump.stopped <= STOP_MAX and d <= pump.d


class ResumesLate(Design):
    """R7: a stop may last for ever."""

    def may_resume(self, pump: Pump, d: int) -> bool:
        return d <= pump.d


class ResumesHigher(Design):
    """R7: a resume may raise within R2."""

    def may_resume(self, pump: Pump, d: int) -> bool:
        return pump.stopped <= STOP_MAX and self.may_fall(pump, d) and (d <= pump.d or self.may_rise(pump, d))


class FloorIsTheInitialDose(Design):
    """R4: a taper ends where the therapy began."""

    def floor(self, pump: Pump) -> int:
        return max(FLOOR, pump.first)


class ReductionsCompound(Design):
    """R3 against the D that runs: six reductions in a minute."""

    def may_fall(self, pump: Pump, d: int) -> bool:
        return d * 100 >= KEEP * pump.d


class RaisesCompound(Design):
    """R2 against the D that runs: six raises in a minute."""

    def may_rise(self, pump: Pump, d: int) -> bool:
        return pump.age >= DAY and d * 100 <= RAISE * pump.d


class RaisesOnTheFirstDay(Design):
    """R2 without the first 24 h."""

    def may_rise(self, pump: Pump, d: int) -> bool:
        return d * 100 <= RAISE * pump.lows[0]


class BolusInAlarm(Design):
    """A bolus while a HIGH alarm stands."""

    def may_bolus(self, state: State) -> bool:
        return super().may_bolus(replace(state, alarm=False))


class ServiceForgets(Design):
    """R17: a suspended pump may be provisioned anew."""

    def may_provision(self, pump: Pump) -> bool:
        return True


BUGS = [value for value in list(globals().values()) if isinstance(value, type) and issubclass(value, Design) and value is not Design]
