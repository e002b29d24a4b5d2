"""PyTorch's side of the benchmark: answers requests, a JSON line each on stdin, with a JSON line each on stdout.

`open` names a module of this folder and is followed by the bytes of the tensors that it lists; the module's
`open(spec, tensors)` returns an object with `check(variant)` (numbers to compare) and `round(variant)` (work to time).
Arguments: threads, and `gpu` to compute there if PyTorch can.
"""

import gc
import importlib
import json
import os
import signal
import sys
import time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever else prints must not disturb the protocol
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks, who then closes stdin


def answer(**content):
    print(json.dumps(content), file=answers, flush=True)


def read_tensor(torch, name, dtype, shape):
    """The next tensor on stdin."""
    tensor = torch.empty(shape, dtype=getattr(torch, dtype), device="cpu")
    if tensor.numel():
        view = memoryview(bytearray(tensor.numel() * tensor.element_size()))
        sys.stdin.buffer.readinto(view)
        tensor = torch.frombuffer(view.obj, dtype=tensor.dtype).reshape(shape)
    return name, tensor


def main():
    try:
        import torch
    except ImportError as error:
        return answer(error=str(error))
    torch.set_num_threads(int(sys.argv[1]))
    gpu = sys.argv[2:] == ["gpu"] and torch.cuda.is_available()
    device = "cuda" if gpu else "cpu"
    torch.set_default_device(device)
    answer(version=torch.__version__, device=device, threads=torch.get_num_threads())
    twin = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            if request["do"] == "open":
                read = [read_tensor(torch, **tensor) for tensor in request["tensors"]]
                tensors = {name: tensor.to(device) for name, tensor in read}
                twin = importlib.import_module(request["module"]).open(request["spec"], tensors)
                answer()
            elif request["do"] == "check":
                answer(values=twin.check(request["variant"]))
            elif request["do"] == "round":
                start, busy = time.perf_counter(), time.process_time()
                twin.round(request["variant"])
                if gpu:
                    torch.cuda.synchronize()
                answer(ms=(time.perf_counter() - start) * 1000, cpu=(time.process_time() - busy) * 1000)
            elif request["do"] == "close":
                twin = tensors = None
                gc.collect()
                answer()
        except Exception as error:  # told to who asked, who knows what to do
            answer(error=f"{type(error).__name__}: {error}")


main()
