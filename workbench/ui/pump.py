"""Blocking work beside the event loop, in threads of its own: Gradio's few are left to what is answered at once."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

Item = TypeVar("Item")


async def items_of(work: Callable[[], Iterable[Item]], stop: Callable[[], None]) -> AsyncIterator[Item]:
    """Run ``work`` in a thread of its own and give its items as they come.

    How many such threads there are is bounded by the queue of slow work, which refuses before it makes wait.

    Args:
        work: gives the items; called in the thread. What it raises is raised here.
        stop: called when nobody takes the items any more, and at the end; makes ``work`` end soon.
    """
    loop = asyncio.get_running_loop()
    news: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
    gone = threading.Event()

    def tell(kind: str, value: Any) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it whoever waited
            loop.call_soon_threadsafe(news.put_nowait, (kind, value))

    def run() -> None:
        items: Any = ()
        try:
            items = work()
            for item in items:
                if gone.is_set():
                    break
                tell("item", item)
            tell("done", None)
        except BaseException as problem:
            tell("failed", problem)
        finally:
            if close := getattr(items, "close", None):
                close()

    # With the context of the request: a Space that lends GPUs looks there for whose share it is.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name="workbench-work", daemon=True).start()
    try:
        while True:
            kind, value = await news.get()
            if kind == "failed":
                raise value
            if kind == "done":
                return
            yield value
    finally:
        gone.set()
        stop()


async def result_of(
    work: Callable[[], Item], stop: Callable[[], None], gone: Callable[[], Any], every_seconds: float = 0.5
) -> Item:
    """Run ``work`` in a thread of its own; its result, or what it raises.

    Args:
        work: the work.
        stop: makes it end soon.
        gone: asked now and then (it may be a coroutine function) whether nobody waits for the result any more.
        every_seconds: how often.
    """

    async def first() -> Item:
        async for item in items_of(lambda: (work() for _ in range(1)), lambda: None):
            return item
        raise RuntimeError("the work gave nothing")

    task = asyncio.ensure_future(first())
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=every_seconds)
            if not task.done():
                answer = gone()
                if await answer if asyncio.iscoroutine(answer) else answer:
                    stop()
        return task.result()
    finally:
        stop()
        task.cancel()
