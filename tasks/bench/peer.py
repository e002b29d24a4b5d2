"""PyTorch's side of the benchmark. Reads requests from stdin and answers on stdout, one JSON line each.

`open` names a module of this folder; the bytes of its tensors follow. The module's `open(spec, tensors)`
returns an object with `check(variant)`, which returns numbers to compare, and `round(variant)`, the work to
time. It has `variants` if this Python may not support all of them.
`peak` asks for the peak memory of this process, or for the object's `peak` if it has one.
Arguments: the number of threads, and `gpu` to compute on the GPU if PyTorch can.
"""

import gc
import importlib
import json
import os
import signal
import sys
import time

from peak import peak_mb

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # other output must not disturb the protocol
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the parent, which then closes stdin


def answer(**content):
    print(json.dumps(content), file=answers, flush=True)


def cpu():
    """Returns the CPU seconds over all cores, including finished child processes."""
    return sum(os.times()[:4])


def read_tensor(torch, name, dtype, shape):
    """Reads the next tensor from stdin."""
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
    torch.backends.cudnn.allow_tf32 = False  # our side computes in float32, and the numbers are compared
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
                tensors = None
                answer(variants=getattr(twin, "variants", None))
            elif request["do"] == "check":
                answer(values=twin.check(request["variant"]))
            elif request["do"] == "round":
                start, busy = time.perf_counter(), cpu()
                twin.round(request["variant"])
                if gpu:
                    torch.cuda.synchronize()
                answer(ms=(time.perf_counter() - start) * 1000, cpu=(cpu() - busy) * 1000)
            elif request["do"] == "peak":
                answer(peak=getattr(twin, "peak", None) or peak_mb())
            elif request["do"] == "close":
                twin = None
                gc.collect()
                answer()
        except Exception as error:  # the parent reports it
            answer(error=f"{type(error).__name__}: {error}")


main()
