"""What the host says about the drug library; written by tools/gen_library.py from library/*.toml (`make docs`).

Per entry: its title, each taper preset's source, the usual test dose in ng, and the half-lives in minutes to draw curves for.
"""

WORDS: dict[str, tuple[str, tuple[str, ...], int, tuple[int, ...]]] = {
    "baclofen-itb": (
        "Baclofen, intrathecal: the model drug",
        (
            "reported: the Japanese label",
            "ours: half a step of the label's",
            "ours: a steeper taper before a pump is taken out is reported; the number is ours",
            "ours: the steepest, for an infected pump, is reported; the number is ours",
        ),
        25000,
        (90, 270, 300),
    ),
    "saline": (
        "Saline, for the bench: a plain syringe pump",
        (
            "ours: to the lowest rate in one step",
            "ours: half, and half of that",
            "ours: as label: nothing is steeper",
            "ours: as label: nothing is steeper",
        ),
        0,
        (1,),
    ),
}
