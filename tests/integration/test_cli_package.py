"""The pip package: sdist, wheel and wheel-from-sdist hold real files and work far from the checkout."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

REQ = ("host",)

ROOT = Path(__file__).parents[2]
TREES = (
    ("firmware/wire", "tapir/wire"),
    ("firmware", "tapir/_device/firmware"),
    ("boards", "tapir/_device/boards"),
    ("sim", "tapir/_device/sim"),
)


def _build(source: Path, target: str, out: Path) -> Path:
    pytest.importorskip("hatchling")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)], cwd=source, check=True, capture_output=True)
    (made,) = out.iterdir()
    return made


def _sources(folder: str) -> set[str]:
    top = ROOT / folder
    found = {path.relative_to(top) for path in top.rglob("*") if path.is_file()}
    return {str(path) for path in found if not any(part.startswith((".", "__pycache__")) for part in path.parts)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built the long way: checkout, sdist, unpacked, wheel."""
    folder = tmp_path_factory.mktemp("package")
    sdist = _build(ROOT / "host_tools", "sdist", folder / "sdist")
    with tarfile.open(sdist) as archive:
        assert not [member.name for member in archive if member.issym() or member.islnk()]
    shutil.unpack_archive(sdist, folder / "unpacked")  # extractall(filter=) came with 3.11.4 only
    (unpacked,) = (folder / "unpacked").iterdir()
    return _build(unpacked, "wheel", folder / "wheel")


def test_the_wheel_from_the_sdist_is_the_wheel_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    direct = _build(ROOT / "host_tools", "wheel", tmp_path)
    with zipfile.ZipFile(wheel) as long, zipfile.ZipFile(direct) as short:
        assert sorted(long.namelist()) == sorted(short.namelist())
        assert all(long.read(name) == short.read(name) for name in short.namelist())


@pytest.mark.parametrize(("folder", "inside"), TREES)
def test_the_device_travels_along(wheel: Path, folder: str, inside: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.removeprefix(inside + "/") for name in archive.namelist() if name.startswith(inside + "/")}
        assert names == _sources(folder)
        for name in names:
            assert archive.read(f"{inside}/{name}") == (ROOT / folder / name).read_bytes()


def test_it_works_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """The package unpacked somewhere, another folder as home: provisioned, infusing, and the log verified."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    story = tmp_path / "story.txt"
    story.write_text(
        "cli provision --library baclofen-itb --syringe bd-3ml\n"
        "file rx.toml\n"
        '  drug = "baclofen"\n  concentration = "500 mcg/mL"\n  max_24h = "100 mcg"\n'
        '  [screening]\n  effective_dose = "50 mcg"\n  [basal]\n  rate = "100 mcg/day"\n'
        'cli prescribe rx.toml --concentration "500 mcg/mL" --yes\n'
        "advance 6h\n"
        "expect state INFUSING\n"
        "expect exact\n"
        "cli log --verify\n"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TAPIR"))}
    env |= {"PYTHONPATH": str(tmp_path / "site"), "TAPIR_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path)}
    command = [sys.executable, "-c", "import tapir.cli; print(tapir.__file__); tapir.cli.main()", "sim", "run", str(story)]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(tmp_path / "site") in done.stdout and "all as expected" in done.stdout
