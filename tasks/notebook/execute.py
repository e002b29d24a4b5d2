"""Runs a notebook on Deno's kernel, in the notebook's folder: execute.py NOTEBOOK COPY.

Prints a JSON line when a cell starts and when one fails. Writes the copy even if a cell fails.
"""
import json
import os
import sys
import time
from queue import Empty

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbclient.util import ensure_async

LATE = 0.2  # Seconds to wait for a cell's last outputs, which may come after the message that it is idle.


def tell(**facts):
    print(json.dumps(facts), flush=True)


def main(source, target):
    notebook = nbformat.read(source, as_version=4)
    folder = os.path.dirname(os.path.abspath(source))
    client = NotebookClient(
        notebook, kernel_name="deno", timeout=None, resources={"metadata": {"path": folder}}
    )
    current = 0

    def on_cell_start(cell, cell_index):
        nonlocal current
        current = cell_index
        tell(cell=cell_index, cells=len(notebook.cells))

    async def on_cell_executed(cell, cell_index, execute_reply):
        end = time.monotonic() + LATE
        while (left := end - time.monotonic()) > 0:
            try:
                message = await ensure_async(client.kc.iopub_channel.get_msg(timeout=left))
            except Empty:
                return
            ours = message["parent_header"].get("msg_id") == execute_reply["parent_header"]["msg_id"]
            kind = message["msg_type"]
            if kind == "update_display_data" or (ours and kind != "status"):
                client.process_message(message, cell, cell_index)

    client.on_cell_start = on_cell_start
    client.on_cell_executed = on_cell_executed
    try:
        client.execute()
    except CellExecutionError as error:
        tell(cell=current, failed=f"{error.ename}: {error.evalue}")
        return 1
    except DeadKernelError:
        tell(cell=current, failed="the kernel died")
        return 1
    finally:
        nbformat.write(notebook, target)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
