"""Files that only the holder of a private key can read, written by a machine that has the public one alone.

A file is a first line that names its kind; a random key, sealed to the public one (libsodium's sealed box); and parts
encrypted one after another under that key (secretstream, XChaCha20-Poly1305). A part that is changed, moved, left out
or cut off at the end is noticed. Who wrote the file is not proved: whoever has the public key can.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nacl import bindings
from nacl.encoding import URLSafeBase64Encoder
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from clinic.kernel.errors import DomainError

FIRST_LINE = b"SIFA VAULT 1\n"
PART = 1 << 20
_STREAM_KEY = bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES
_HEADER = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_ADDED = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_SEALED_KEY = _STREAM_KEY + bindings.crypto_box_SEALBYTES
_MORE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_END = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


class Unreadable(DomainError):
    """A file is no vault, is not whole, or was made for another key: nothing of it may be believed."""

    code = "unreadable_vault"
    status = 422


def make_keys(folder: Path, name: str) -> bool:
    """Write a new pair, `name`.pub and `name`.key, into `folder`; return False where either half stands already."""
    public, private = folder / f"{name}.pub", folder / f"{name}.key"
    if public.exists() or private.exists():
        return False
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = PrivateKey.generate()
    for path, half in ((private, key), (public, key.public_key)):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(half.encode(URLSafeBase64Encoder) + b"\n")
    return True


def read_public(path: Path) -> PublicKey:
    """Return the public key in `path`."""
    return PublicKey(_read_key(path))


def read_private(path: Path) -> PrivateKey:
    """Return the private key in `path`."""
    return PrivateKey(_read_key(path))


@contextmanager
def writing_to(path: Path, key: PublicKey) -> Iterator["VaultWriter"]:
    """Write a vault to `path`, for its owner alone: it stands there whole, on the disk, or not at all.

    Raises FileExistsError where something stands there already.
    """
    if path.exists():
        raise FileExistsError(path)
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            vault = VaultWriter(file, key)
            yield vault
            vault.end()
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


class VaultWriter:
    """Encrypts what is written to it, part by part."""

    def __init__(self, file: BinaryIO, key: PublicKey) -> None:
        stream_key = bindings.crypto_secretstream_xchacha20poly1305_keygen()
        self._file, self._pending = file, bytearray()
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        header = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, stream_key)
        file.write(FIRST_LINE + SealedBox(key).encrypt(stream_key) + header)

    def write(self, data: bytes) -> None:
        """Take `data`."""
        self._pending += data
        while len(self._pending) >= PART:
            self._push(bytes(self._pending[:PART]), _MORE)
            del self._pending[:PART]

    def end(self) -> None:
        """Write what is left, and that it is the last."""
        self._push(bytes(self._pending), _END)

    def _push(self, part: bytes, tag: int) -> None:
        self._file.write(bindings.crypto_secretstream_xchacha20poly1305_push(self._state, part, ad=FIRST_LINE, tag=tag))


def parts(file: BinaryIO, key: PrivateKey) -> Iterator[bytes]:
    """Return what was written into a vault, part by part; raises Unreadable as soon as something is amiss.

    What came before the last part was not yet known to be whole: act on it only after the end was reached.
    """
    if file.read(len(FIRST_LINE)) != FIRST_LINE:
        raise Unreadable("This file is no backup of Şifa.")
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    try:
        stream_key = SealedBox(key).decrypt(file.read(_SEALED_KEY))
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, file.read(_HEADER), stream_key)
    except (CryptoError, ValueError) as error:
        raise Unreadable("This backup was made for another key, or its beginning is damaged.") from error
    tag = _MORE
    while part := file.read(PART + _ADDED):
        try:
            if tag == _END:
                raise Unreadable("Something was added at the end of this backup.")
            opened, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, part, ad=FIRST_LINE)
        except (CryptoError, ValueError, RuntimeError) as error:
            raise Unreadable("This backup is damaged: take an older one.") from error
        yield opened
    if tag != _END:
        raise Unreadable("This backup was cut off: take an older one.")


def _read_key(path: Path) -> bytes:
    try:
        key = URLSafeBase64Encoder.decode(path.read_bytes().strip())
    except FileNotFoundError as error:
        raise Unreadable("There is no key at %(path)s.", path=path) from error
    except ValueError:
        key = b""
    if len(key) != PrivateKey.SIZE:
        raise Unreadable("What stands at %(path)s is no key.", path=path)
    return key
