"""The journal: numbers, ring, chain, and what damage and power cuts may cost. Over a Files port in memory, small enough for a heap
that is never collected (the wasm lane); every cut on real littlefs is in tests/property/test_store_cuts.py."""

from binascii import hexlify, unhexlify
from hashlib import sha256

from pump.store.log import KEPT, Log
from sim.files import DictFiles
from support import raises, req

REQ = ("store",)


def event(seq):
    """The fields of the seq-th event: different in each, some with a note."""
    return (seq * 60000, 1 + seq % 26, seq * 1000003, -seq, seq * 3, seq * 3 + 2, "" if seq % 5 else "reason %d" % seq)


def filled(events, files=None):
    log = Log(files or DictFiles())
    if files is None:
        log.format()
    for _ in range(events):
        log.append(*event(log.last + 1))
    return log


def intact(log, first=None, last=None, stride=1):
    """The records from `first` to `last` are there, as they were appended."""
    for seq in range(first or log.first, (last or log.last) + 1, stride):
        record = log.read(seq)
        if record is None or record[:8] != (seq,) + event(seq):
            return False
    return True


def flipped(data, byte):
    return data[:byte] + bytes([data[byte] ^ 0x04]) + data[byte + 1 :]


def page_of(files, seq):
    """Name of the small file that holds this record."""
    names = [n for n in files.content if n.startswith("log") and not n.startswith("log/") and b"\n[%d," % seq in files.content[n]]
    assert len(names) == 1
    return names[0]


def test_empty():
    log = filled(0)
    assert (log.last, log.first, log.head, log.missing, log.damage) == (0, 1, "0" * 16, 0, 0)
    assert log.read(0) is None and log.read(1) is None
    assert not log.tidy()


@req("GIP 4.1")
def test_a_record_comes_back_after_a_restart():
    log = filled(0)
    assert log.append(1, 2, 3, -4, 5, 6, "seven") == 1
    again = Log(log._files)
    assert again.last == 1
    assert again.read(1) == (1, 1, 2, 3, -4, 5, 6, "seven", log.head)


def test_the_end_is_found_wherever_it_is():
    log = filled(0)
    for seq in range(1, 110):
        assert log.append(*event(seq)) == seq
        again = Log(log._files)
        assert (again.last, again.first, again.head, again.damage) == (seq, 1, log.head, 0)
        assert again.read(seq)[:8] == (seq,) + event(seq)


@req("OPCA R6.6.0")
def test_more_than_a_thousand_records_are_kept():
    assert KEPT >= 1024
    log = filled(KEPT + 10)
    assert log.first == 1 and intact(log, stride=19)
    log = filled(KEPT, log._files)
    assert log.last - log.first + 1 >= KEPT
    again = Log(log._files)
    assert (again.first, again.last, again.head) == (log.first, log.last, log.head)
    assert intact(again, stride=19) and intact(again, log.first, log.first + 2)
    assert again.read(log.first - 1) is None and again.read(log.last + 1) is None


def test_files_are_neither_made_nor_removed_after_format():
    log = filled(0)
    names = sorted(log._files.content)
    filled(KEPT + 200, log._files)
    assert sorted(log._files.content) == names


def test_an_append_writes_once_and_a_round_one_shelf_more():
    log = filled(0)
    files = log._files
    writes = files.writes
    filled(480, files)
    assert files.writes - writes == 480 + 480 // 48 - 1
    assert log._files is files


def test_tidy_does_the_shelf_ahead():
    log = filled(48)
    writes = log._files.writes
    assert log.tidy() and not log.tidy()
    again = Log(log._files)
    assert not again.tidy()
    again.append(*event(49))
    assert log._files.writes - writes == 2
    assert intact(again)


@req("GIP 4.1")
def test_the_chain_is_what_the_header_says():
    """An oracle of its own: the formula of wire/chain.py, which a host in any language must be able to repeat."""
    log = filled(100)
    chain = b"\0" * 8
    for seq in range(1, 101):
        text = " ".join([str(field) for field in (seq,) + event(seq)])
        chain = sha256(chain + text.encode()).digest()[:8]
        assert unhexlify(log.read(seq)[8]) == chain
    assert log.head == hexlify(chain).decode()


def test_notes_hold_any_text():
    notes = ["x" * 64, 'a "quoted" \\ one', "two\nlines\r\n", "\n#1 0000000000000000\n[1]", "%0A", "\u00e9\u00b5\u4e2d", " ", "\0\x1f"]
    log = filled(0)
    for note in notes:
        log.append(1, 2, 3, 4, 5, 6, note)
    filled(60, log._files)
    again = Log(log._files)
    assert [again.read(seq)[7] for seq in range(1, len(notes) + 1)] == notes
    log = filled(0)
    log.append(1, 2, 3, 4, 5, 6, "y" * 65)
    assert log.read(1)[7] == "y" * 64


def test_big_numbers_stay_exact():
    log = filled(0)
    big = (1 << 53) - 1
    log.append(big, 999, -big, big, big, big, "")
    assert Log(log._files).read(1)[1:7] == (big, 999, -big, big, big, big)


def test_damage_to_a_page_is_never_a_wrong_record_nor_a_number_twice():
    """Bytes of the newest page, which holds two records."""
    log = filled(60)
    name = page_of(log._files, 60)
    good = log._files.content[name]
    for byte in [0, 1, 2, 3, 4, len(good) - 1] + list(range(5, len(good), 4)):
        files = log._files.reborn()
        files.content[name] = flipped(good, byte)
        again = Log(files)
        assert again.damage == 1, byte
        assert again.last == 60, byte
        assert intact(again, 48, 58)
        for seq in (59, 60):
            record = again.read(seq)
            assert record is None or record == log.read(seq) or record[:8] == (seq,) + event(seq)
        assert again.append(*event(61)) == 61
        assert intact(Log(files), 61, 61)


def test_damage_to_a_shelf_costs_the_pages_it_touches():
    log = filled(100)
    good = log._files.content["log/00"]
    for byte in range(0, len(good), 331):
        log._files.content["log/00"] = flipped(good, byte)
        again = Log(log._files)
        lost = [seq for seq in range(1, 101) if again.read(seq) is None]
        assert len(lost) <= 4 and intact(again, 49)  # a newline between two pages belongs to both
        for seq in range(1, 49):
            assert seq in lost or again.read(seq) == log.read(seq) or again.read(seq)[:8] == (seq,) + event(seq)


def test_an_old_page_that_is_damaged_moves_nothing():
    log = filled(70)
    name = page_of(log._files, 30)
    log._files.content[name] = flipped(log._files.content[name], 30)
    again = Log(log._files)
    assert (again.last, again.head, again.damage) == (70, log.head, 1)
    assert intact(again)  # 30 is on the shelf


def test_an_unreadable_file_is_damage():
    class Bad(DictFiles):
        def read(self, name):
            if name == self.bad:
                raise OSError(84)
            return DictFiles.read(self, name)

    log = filled(60)
    files = Bad(log._files.content)
    files.bad = page_of(files, 60)
    again = Log(files)
    assert (again.damage, again.last) == (1, 60)
    assert again.read(60) is None and intact(again, 1, 58)
    files.bad = "log/00"
    again = Log(files)
    assert (again.damage, again.last) == (0, 60)
    assert again.read(48) is None and intact(again, 49)


def test_a_page_in_another_place_is_not_taken():
    log = filled(30)
    content = log._files.content
    content["log5/3"] = content[page_of(log._files, 9)]
    again = Log(log._files)
    assert (again.last, again.head, again.damage) == (30, log.head, 1)
    assert again.append(*event(31)) == 31


def test_an_append_that_failed_did_not_happen_or_did():
    class Failing(DictFiles):
        def write(self, name, data):
            if self.keep:
                self.content[name] = data
            raise OSError(28)

    for before in (0, 1, 47, 48):
        log = filled(before)
        files = log._files = Failing(log._files.content)
        files.keep = False
        with raises(OSError):
            log.append(*event(before + 1))
        assert (log.last, log.head) == (before, Log(files).head)
        files.keep = True
        assert log.append(*event(before + 1)) == before + 1
        assert log.head == Log(files).head and intact(Log(files))


def test_format_keeps_what_is_there():
    log = filled(100)
    again = Log(log._files)
    again.format()
    assert again.last == 100 and intact(again)


@req("power cut")
def test_format_may_be_cut_and_repeated():
    whole = filled(0)._files
    for cut in range(1, whole.writes + 1):
        for done in (False, True):
            files = DictFiles()
            files.cut_after(cut, done)
            with raises(OSError):
                Log(files).format()
            files = files.reborn()
            log = Log(files)
            assert log.missing or files.content == whole.content
            log.format()
            assert files.content == whole.content and not log.missing


@req("power cut")
def test_a_cut_in_any_write_costs_at_most_the_record_being_appended():
    """At the start, inside a page, between pages, at a shelf; and the pump goes on afterwards."""
    for before in (0, 1, 2, 47, 48, 95, 96):
        whole = filled(before)._files
        for cut in (1, 2):
            for done in (False, True):
                files = whole.reborn()
                files.cut_after(cut, done)
                with raises(OSError):
                    filled(3, files)
                shelves = 1 if before in (48, 96) or (before in (47, 95) and cut == 2) else 0
                files = files.reborn()
                log = Log(files)
                assert log.last in (before + cut - 1 - shelves, before + cut - shelves)
                assert log.damage == 0 and intact(log, max(1, before - 2))
                filled(3, files)
                log = Log(files)
                assert intact(log, max(1, before - 2)) and intact(log, 1, 1)
                assert log.head == filled(log.last).head
