"""Two-slot states: the newest saved one survives whatever happens to the other slot."""

from pump.store.line import from_line, to_line
from pump.store.slots import Slots
from sim.files import DictFiles
from support import raises, req

REQ = ("store",)


def saved(*states):
    files = DictFiles()
    slots = Slots(files, "state")
    for state in states:
        slots.save(state)
    return files


def flipped(data, byte):
    return data[:byte] + bytes([data[byte] ^ 0x04]) + data[byte + 1 :]


def test_nothing_was_saved():
    slots = Slots(DictFiles(), "state")
    assert slots.load() is None
    assert not slots.broken


@req("GIP 1.7.1")
def test_a_saved_state_comes_back():
    state = [0, -1, 1 << 80, "mcg \u00b7 \"'\n\\ %", [], [1, ["two", [3]]]]
    files = saved([1], state)
    assert Slots(files, "state").load() == state
    assert not Slots(files, "state").broken


def test_a_directory_is_made_by_the_first_save():
    files = DictFiles()
    Slots(files, "state/intent").save([1])
    assert Slots(files, "state/intent").load() == [1]


def test_the_slots_alternate():
    files = DictFiles()
    slots = Slots(files, "state")
    for number in range(1, 9):
        before = dict(files.content)
        slots.save([number])
        changed = [name for name in files.content if files.content[name] != before.get(name)]
        assert changed == ["state.a" if number % 2 else "state.b"]


def test_alternating_goes_on_after_a_restart():
    files = saved([1], [2], [3])
    for number in range(4, 9):
        Slots(files, "state").save([number])
        assert Slots(files, "state").load() == [number]
        names = sorted(files.content)
        assert names == ["state.a", "state.b"]
        assert sorted([from_line(files.content[name], "state")[1] for name in names]) == [[number - 1], [number]]


def test_any_damage_to_the_newest_gives_the_one_before():
    files = saved([1, "one"], [2, "two"])
    good = files.content["state.b"]
    for byte in range(len(good)):
        files.content["state.b"] = flipped(good, byte)
        slots = Slots(files, "state")
        assert slots.load() == [1, "one"], byte
        assert not slots.broken
        slots.save([3])
        assert Slots(files, "state").load() == [3]
        assert files.content["state.a"] == saved([1, "one"]).content["state.a"]
    for length in range(len(good)):
        files.content["state.b"] = good[:length]
        assert Slots(files, "state").load() == [1, "one"], length


@req("LOCKED")
def test_both_damaged_is_broken_never_fresh():
    files = saved([1], [2])
    for name in ("state.a", "state.b"):
        files.content[name] = flipped(files.content[name], 3)
    slots = Slots(files, "state")
    assert slots.broken
    assert slots.load() is None


@req("LOCKED")
def test_the_only_slot_damaged_is_broken():
    files = saved([1])
    files.content["state.a"] = flipped(files.content["state.a"], 3)
    assert Slots(files, "state").broken


@req("LOCKED")
def test_an_unreadable_file_is_broken_too():
    class Bad(DictFiles):
        def read(self, name):
            raise OSError(84)

    assert Slots(Bad(), "state").broken


def test_a_cut_in_the_very_first_save_is_not_broken():
    """littlefs makes the file, empty, before it has content."""
    files = DictFiles({"state.a": b""})
    slots = Slots(files, "state")
    assert not slots.broken
    assert slots.load() is None
    slots.save([1])
    assert Slots(files, "state").load() == [1]


def test_a_state_of_another_name_is_not_taken():
    files = saved([1])
    files.content["intent.a"] = files.content["state.a"]
    assert Slots(files, "intent").broken


@req("power cut")
def test_a_cut_in_any_save_keeps_the_old_or_the_new_state():
    for cut in range(1, 8):
        for done in (False, True):
            files = DictFiles()
            slots = Slots(files, "state")
            files.cut_after(cut, done)
            for number in range(1, cut):
                slots.save([number])
            with raises(OSError):
                slots.save([cut])
            files = files.reborn()
            for number in range(cut, cut + 4):
                seen = Slots(files, "state").load()
                if number == cut:
                    assert seen == ([cut] if done else [cut - 1] if cut > 1 else None)
                else:
                    assert seen == [number - 1]
                Slots(files, "state").save([number])


class Failing(DictFiles):
    """A full or worn flash: writes fail, and `keep` bytes of them are there all the same. Set before use."""

    keep = 0

    def write(self, name, data):
        self.content[name] = data[: self.keep]
        raise OSError(28)


def test_a_save_after_failed_ones_spares_the_good_slot():
    """The app goes on and tries again."""
    for keep in (0, 5):
        files = Failing(saved([1], [2]).content)
        good, files.keep = files.content["state.b"], keep
        slots = Slots(files, "state")
        for number in range(3, 6):
            with raises(OSError):
                slots.save([number])
            assert files.content["state.b"] == good
            assert Slots(files, "state").load() == [2]


def test_a_save_that_failed_after_it_was_done_is_done():
    """Else the app would go on with the old state and the next boot with the new one."""
    files = Failing(saved([1], [2]).content)
    files.keep = 1000
    slots = Slots(files, "state")
    for number in range(3, 6):
        slots.save([number])
        assert slots.load() == Slots(files, "state").load() == [number]


def test_a_line_is_read_by_eye_and_checked_by_machine():
    assert to_line([7, "two", [3]]) == b'[7,"two",[3]] 5e375278\n'
    line = to_line([1, 2], "here")
    assert from_line(line, "here") == [1, 2]
    assert from_line(line, "there") is None
    assert from_line(line[:-1], "here") is None
    assert from_line(b"", "here") is None
    assert from_line(to_line([1]) + to_line([1])) is None
