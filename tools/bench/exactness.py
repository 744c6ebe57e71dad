"""Mean error and the shortest window of the ambulatory accuracy test: an ideal plant, and one of ordinary parts. For `make bench`."""

from tapir import accuracy, accuracy_run

SETTING = accuracy_run.Setting(200_000, 100_000, 500_000)  # 100 mcg/day at 500 mcg/mL
FAMILY = accuracy.AMBULATORY


def measure() -> dict[str, dict[str, int]]:
    """In ppm, by name."""
    found = {}
    for flaws, name in ((0, "ideal plant"), (1, "ordinary parts, seed 1")):
        record, step_pl = accuracy_run.measure(FAMILY, SETTING, flaws)
        result = accuracy.analyse(record, FAMILY)
        shortest = result.windows[0]
        found[name] = {
            "mean_ppm": round(result.mean * 10_000),
            "mean_bound_ppm": round(accuracy.bound(step_pl, SETTING.nl_per_day, FAMILY.analysis_ms) * 10_000),
            "max_ppm": round(shortest.highest * 10_000),
            "min_ppm": round(shortest.lowest * 10_000),
        }
    return found


def show_rows(found: dict[str, dict[str, int]]) -> list[tuple[str, str, str]]:
    """(name, value, goal) as run.py prints them."""
    rows = []
    for name, ppm in found.items():
        goal = f"goal {ppm['mean_bound_ppm']} at most: one step" if name == "ideal plant" else ""
        rows.append((f"mean error, {name}, ppm", f"{ppm['mean_ppm']:+}", goal))
        rows.append((f"15 min, {name}, ppm", f"{ppm['min_ppm']:+,} .. {ppm['max_ppm']:+,}", ""))
    return rows
