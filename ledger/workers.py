"""Worker processes: forked from a clean process that has read the program once, and gone with the one they work for."""

import gc
import os
from multiprocessing import get_context, parent_process
from multiprocessing.context import BaseContext
from threading import Thread


def forkserver(module: str) -> BaseContext:
    """Workers that have read ``module`` already: quick to start, and its memory is shared."""
    context = get_context("forkserver")
    context.set_forkserver_preload([module])
    return context


def settle_in() -> None:
    """What a worker does first: leave with its parent, and look for no cycles, since what it makes holds none."""
    Thread(target=_leave_with_parent, daemon=True).start()
    gc.freeze()
    gc.disable()


def _leave_with_parent() -> None:
    """A worker whose main process was killed would wait for its next task for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
