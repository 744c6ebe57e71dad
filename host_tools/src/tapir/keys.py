"""The keys of each pump, on this computer: one JSON file a serial number in the config directory, mode 0600.

Keys are 64 hex digits, one a role. New keys are first stored as *pending*, before the pump is told, and become the keys
once the pump has shown that it has them: whatever happens in between, no pump is left whose keys nobody holds.
TAPIR_CONFIG_DIR overrides the directory. Used by pump.py and cli/provision.py.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import platformdirs

from .errors import KeysUnsafe, NoKeys
from .wire import schema

KEYED = {schema.OPERATOR: "operator", schema.CLINICIAN: "clinician", schema.SERVICE: "service"}


def fresh() -> dict[str, str]:
    """New random keys by role name."""
    return {name: secrets.token_hex(32) for name in KEYED.values()}


def config_dir() -> Path:
    """Where keys live: TAPIR_CONFIG_DIR, or what the system provides for."""
    return Path(os.environ.get("TAPIR_CONFIG_DIR") or platformdirs.user_config_path("tapir"))


class KeyStore:
    """The keys in one directory, made when first needed."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = (directory or config_dir()) / "keys"

    def path(self, serial: str, pending: bool = False) -> Path:
        """The file of a serial number; whatever the pump calls itself cannot leave the directory."""
        name = quote(serial, safe="").replace(".", "%2E")
        return self.directory / f"{name}{'.pending' if pending else ''}.json"

    def holds(self, serial: str) -> bool:
        """Whether keys (not merely pending ones) are stored."""
        return self.path(serial).exists()

    def save_pending(self, serial: str, keys: Mapping[str, str]) -> None:
        """Store keys the pump has not confirmed yet."""
        self._write(self.path(serial, pending=True), {"serial": serial, **keys})

    def promote(self, serial: str) -> None:
        """The pending keys are the pump's keys."""
        os.replace(self.path(serial, pending=True), self.path(serial))

    def drop_pending(self, serial: str) -> None:
        """The pump refused them."""
        self.path(serial, pending=True).unlink(missing_ok=True)

    def key(self, serial: str, role: int, pending: bool = False) -> bytes:
        """The key of a role. Raises NoKeys or KeysUnsafe."""
        path = self.path(serial, pending)
        name = KEYED[role]
        stored = self._read(path, serial)
        try:
            key = bytes.fromhex(stored[name])
        except (KeyError, ValueError) as error:
            raise KeysUnsafe(f"{path}: no usable {name} key in it.", "Restore the file, or provision the pump anew.") from error
        if len(key) != 32:
            raise KeysUnsafe(f"{path}: the {name} key is not 64 hex digits.", "Restore the file, or provision the pump anew.")
        return key

    def _read(self, path: Path, serial: str) -> dict[str, str]:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text("utf-8")
        except FileNotFoundError as error:
            raise NoKeys(
                f"No keys for {serial} are stored in {self.directory}.",
                "They were made where the pump was provisioned: copy the file from there. Lost? tapir provision says what is left.",
            ) from error
        except OSError as error:
            raise KeysUnsafe(f"{path} cannot be read ({error.strerror}).") from error
        if os.name == "posix" and mode & 0o077:
            raise KeysUnsafe(f"{path} can be read by others (mode {mode:04o}).", f"chmod 600 {path}")
        try:
            stored = json.loads(text)
        except ValueError as error:
            raise KeysUnsafe(f"{path} is damaged ({error}).", "Restore it from a copy.") from error
        if not isinstance(stored, dict):
            raise KeysUnsafe(f"{path} is damaged (no JSON object).", "Restore it from a copy.")
        return {str(name): str(value) for name, value in stored.items()}

    def _write(self, path: Path, values: Mapping[str, str]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(dict(values), file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
