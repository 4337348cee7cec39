import subprocess
import sys

import psutil
import pytest

from foundation.embedded.ends import left_of

pytestmark = pytest.mark.processes


def test_one_of_which_its_parent_took_no_note_has_ended_and_one_that_runs_is_left():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    running = subprocess.Popen(["sleep", "60"])
    try:
        processes = [psutil.Process(child.pid) for child in (ended, running)]
        assert left_of(processes[:1], 30) == []
        assert processes[0].status() == psutil.STATUS_ZOMBIE
        assert left_of(processes, 0.1) == processes[1:]
    finally:
        running.kill()
        for child in (ended, running):
            child.wait()
    assert left_of(processes, 0) == []
