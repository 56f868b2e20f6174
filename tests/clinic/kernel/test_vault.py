from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey

from clinic.kernel import vault
from clinic.kernel.vault import FIRST_LINE, PART, Unreadable, VaultWriter, parts

KEY = PrivateKey.generate()


def written(*data: bytes) -> bytes:
    file = BytesIO()
    writer = VaultWriter(file, KEY.public_key)
    for piece in data:
        writer.write(piece)
    writer.end()
    return file.getvalue()


def opened(content: bytes, key: PrivateKey = KEY) -> bytes:
    return b"".join(parts(BytesIO(content), key))


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART])
def test_what_was_written_is_read_back_with_the_private_key(size: int) -> None:
    data = bytes(size)
    assert opened(written(data[:7], data[7:])) == data


def test_nothing_of_it_can_be_seen_and_nothing_of_two_is_alike() -> None:
    first, second = written(b"Meryem Demir" * 99), written(b"Meryem Demir" * 99)
    assert b"Meryem" not in first
    assert first[len(FIRST_LINE) :][:48] != second[len(FIRST_LINE) :][:48]


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unreadable, match="another key"):
        opened(written(b"a"), PrivateKey.generate())


@given(st.data())
def test_one_changed_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    content = bytearray(written(b"some rows"))
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        opened(bytes(content))


@given(st.data())
def test_an_end_that_is_missing_is_noticed(data: st.DataObject) -> None:
    content = written(b"some rows")
    with pytest.raises(Unreadable):
        opened(content[: data.draw(st.integers(0, len(content) - 1))])


def test_parts_that_are_dropped_moved_or_added_are_noticed() -> None:
    content = written(bytes(2 * PART) + b"the end")
    step = PART + 17
    begin = len(content) - 2 * step - 24
    first, second, last = content[begin : begin + step], content[begin + step : begin + 2 * step], content[-24:]
    assert opened(content[:begin] + first + second + last) == bytes(2 * PART) + b"the end"
    for wrong in (first + second, second + first + last, first + last, last, first + second + last + last):
        with pytest.raises(Unreadable):
            opened(content[:begin] + wrong)


def test_a_pair_of_keys_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    assert vault.make_keys(folder, "backup")
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "backup.key": 0o600,
        "backup.pub": 0o600,
    }
    private, public = vault.read_private(folder / "backup.key"), vault.read_public(folder / "backup.pub")
    assert bytes(private.public_key) == bytes(public)
    assert not vault.make_keys(folder, "backup")
    (folder / "backup.key").unlink()
    assert not vault.make_keys(folder, "backup"), "a public key whose other half was taken away is never made anew"
    with pytest.raises(Unreadable, match="no key"):
        vault.read_private(folder / "backup.key")


def test_a_key_that_is_damaged_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "backup.pub").write_text("not a key")
    with pytest.raises(Unreadable, match="is no key"):
        vault.read_public(tmp_path / "backup.pub")


def test_a_file_stands_whole_or_not_at_all_and_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "b.sifa"
    with pytest.raises(RuntimeError), vault.writing_to(path, KEY.public_key) as file:
        file.write(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with vault.writing_to(path, KEY.public_key) as file:
        file.write(b"whole")
        assert not path.exists()
    assert (opened(path.read_bytes()), path.stat().st_mode & 0o777) == (b"whole", 0o600)
    with pytest.raises(FileExistsError), vault.writing_to(path, KEY.public_key):
        pass
    assert opened(path.read_bytes()) == b"whole"
