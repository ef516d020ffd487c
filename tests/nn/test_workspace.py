import threading

from textseq.nn.workspace import borrow, give_back, keep_memory, release_memory


def addresses(rooms):
    return {room.data_ptr() for room in rooms}


def test_what_is_given_back_is_lent_again_smallest_first():
    keep_memory()
    rooms = [borrow(count) for count in (1000, 10, 100)]
    give_back(rooms)
    again = [borrow(count) for count in (9, 90, 900)]
    assert addresses(again) == addresses(rooms)
    assert [len(room) for room in again] == [11, 112, 1125]
    release_memory()


def test_too_small_a_piece_makes_place_for_a_larger_one():
    keep_memory()
    for count in (10, 100, 1000, 10_000):
        rooms = [borrow(count), borrow(count)]
        assert all(len(room) >= count for room in rooms)
        assert len(addresses(rooms)) == 2
        give_back(rooms)
    first, second = borrow(1), borrow(1)
    assert addresses([first, second]) == addresses(rooms)
    assert borrow(1).data_ptr() not in addresses(rooms)
    release_memory()


def test_each_thread_keeps_its_own_and_nothing_unless_asked():
    keep_memory()
    room = borrow(5000)
    give_back([room])
    seen = []

    def work():
        seen.append(borrow(5000).data_ptr())
        give_back([borrow(5000)])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen[0] != room.data_ptr()
    assert borrow(5000).data_ptr() == room.data_ptr()
    release_memory()
    give_back([room])
    assert borrow(5000).data_ptr() != room.data_ptr()
