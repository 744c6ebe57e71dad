"""What the host says about the drug library; written by tools/gen_library.py from library/*.toml (`make docs`).

Per entry: its title, each taper preset's source, the usual test dose in ng, and the half-lives in minutes to draw curves for.
"""

WORDS: dict[str, tuple[str, tuple[str, ...], int, tuple[int, ...]]] = {
    "baclofen-itb": (
        "Baclofen, intrathecal: the model drug",
        (
            "reported: Japanese label: 20 % of the dose per two days",
            "ours: half a step of the label's",
        ),
        25000,
        (90, 270, 300),
    ),
    "saline": (
        "Saline, for the bench: a plain syringe pump",
        (
            "ours: to the lowest rate in one step",
            "ours: half, and half of that",
        ),
        0,
        (1,),
    ),
}
