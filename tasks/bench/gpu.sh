#!/bin/sh
# Prints one table of training and encoding on this machine's GPU: ours by WebGPU beside PyTorch's by CUDA.
# Usage: sh tasks/bench/gpu.sh --python <python with torch> [other flags of `deno task bench`]
# With --precision fp16, both sides fine-tune encoders in half precision.
# Ends within 8 minutes, with the rows that it has by then. Needs no network.
set -u
cd "$(dirname "$0")/../.." || exit 1
python=
case ${1-} in
  --python=*) python=${1#*=}; shift ;;
  --python) python=${2-}; shift; [ $# -gt 0 ] && shift ;;
esac
# A driver without this variable prints errors about a display.
export DENO_NO_UPDATE_CHECK=1 XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"

missing=0
lack() { echo "Missing: $*"; missing=1; }
if [ -x bin/deno ]; then deno=bin/deno
elif command -v deno >/dev/null; then deno=deno
elif command -v npx >/dev/null; then deno="npx -y deno@2.9.6"
else deno=; lack "Deno. Unpack the archive of \`deno task pack\`, or install Deno or Node."
fi
if [ -n "$deno" ]; then
  found=$($deno run --quiet --no-prompt --allow-env=XDG_RUNTIME_DIR tasks/bench/adapter.ts)
  case $found in
    gpu\ *) echo "GPU: ${found#gpu }" ;;
    software\ *) lack "a GPU. Vulkan finds only ${found#software }, which computes on the processor." ;;
    *) lack "a GPU that Vulkan can reach. Install its driver and Vulkan's loader (Debian: libvulkan1)." ;;
  esac
fi
if [ -z "$python" ]; then lack "a Python with PyTorch. Name it first: --python <python with torch>."
elif ! cuda=$("$python" -c 'import torch
print(torch.cuda.get_device_name() if torch.cuda.is_available() else "")'); then
  lack "PyTorch at --python $python."
elif [ -z "$cuda" ]; then lack "CUDA at --python $python: torch.cuda.is_available() is false."
else echo "PyTorch: $cuda"
fi
command -v timeout >/dev/null || lack "the program timeout (Debian: coreutils)."
if [ $missing = 1 ]; then
  echo "Without a comparison, \`deno task bench --device webgpu\` times what there is."
  exit 2
fi

# An interrupted benchmark prints the rows that it has.
timeout -s INT -k 20 450 \
  $deno task --quiet bench --device webgpu --python "$python" --rounds 5 --rows 2048 "$@"
code=$?
if [ $code = 124 ]; then
  echo "The time was up: the cases that are not in the table were not measured."
  code=0
fi
exit $code
