import threading

from textseq.nn.buffer_pool import acquire_buffer, close_pool, open_pool, release_buffers


def addresses(buffers):
    return {buffer.data_ptr() for buffer in buffers}


def test_what_is_given_back_is_lent_again_smallest_first():
    open_pool()
    buffers = [acquire_buffer(count) for count in (1000, 10, 100)]
    release_buffers(buffers)
    again = [acquire_buffer(count) for count in (9, 90, 900)]
    assert addresses(again) == addresses(buffers)
    assert [len(buffer) for buffer in again] == [11, 112, 1125]
    close_pool()


def test_too_small_a_piece_makes_place_for_a_larger_one():
    open_pool()
    for count in (10, 100, 1000, 10_000):
        buffers = [acquire_buffer(count), acquire_buffer(count)]
        assert all(len(buffer) >= count for buffer in buffers)
        assert len(addresses(buffers)) == 2
        release_buffers(buffers)
    first, second = acquire_buffer(1), acquire_buffer(1)
    assert addresses([first, second]) == addresses(buffers)
    assert acquire_buffer(1).data_ptr() not in addresses(buffers)
    close_pool()


def test_each_thread_keeps_its_own_and_nothing_unless_asked():
    open_pool()
    buffer = acquire_buffer(5000)
    release_buffers([buffer])
    seen = []

    def work():
        seen.append(acquire_buffer(5000).data_ptr())
        release_buffers([acquire_buffer(5000)])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen[0] != buffer.data_ptr()
    assert acquire_buffer(5000).data_ptr() == buffer.data_ptr()
    close_pool()
    release_buffers([buffer])
    assert acquire_buffer(5000).data_ptr() != buffer.data_ptr()
