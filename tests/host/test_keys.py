"""Keys on this computer: private, per serial number, never lost between two stores."""

import stat
from pathlib import Path

import pytest

from tapir import errors
from tapir.keys import KeyStore, fresh
from tapir.wire import schema

REQ = ("host",)


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    store.save_pending("SIM-0001", fresh())
    store.promote("SIM-0001")
    assert stat.S_IMODE(store.path("SIM-0001").stat().st_mode) == 0o600
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    assert len(store.key("SIM-0001", schema.SERVICE)) == 32


def test_fresh_keys_differ(tmp_path: Path) -> None:
    made = fresh()
    assert len(set(made.values())) == 3 and made != fresh()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    store = KeyStore(tmp_path)
    store.save_pending("A", fresh())
    store.promote("A")
    store.path("A").chmod(mode)
    with pytest.raises(errors.KeysUnsafe, match=f"{mode:04o}") as caught:
        store.key("A", schema.OPERATOR)
    assert "chmod 600" in caught.value.hint


def test_no_keys_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(errors.NoKeys) as caught:
        KeyStore(tmp_path).key("B", schema.OPERATOR)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"operator": "00"}', '{"operator": "zz"}', "{}"])
def test_a_damaged_key_file_is_named(tmp_path: Path, text: str) -> None:
    store = KeyStore(tmp_path)
    store.save_pending("C", fresh())
    store.promote("C")
    store.path("C").write_text(text)
    with pytest.raises(errors.KeysUnsafe, match=r"C\.json"):
        store.key("C", schema.OPERATOR)


@pytest.mark.parametrize("serial", ["../../etc/passwd", "..", "a/b", "C:\\x", "."])
def test_a_serial_number_cannot_leave_the_directory(tmp_path: Path, serial: str) -> None:
    store = KeyStore(tmp_path)
    store.save_pending(serial, fresh())
    store.promote(serial)
    assert store.path(serial).parent == store.directory and store.path(serial).exists()
