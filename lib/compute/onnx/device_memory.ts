/**
 * Values that stay on a device: graphs read and write them there, and reading one on the host is a download.
 */
import type { EngineStats } from "../stats.ts";
import { encodeModel, nameOf } from "./compile.ts";
import { allocate, type Memory, recycle, tensorOn } from "./memory.ts";
import type { Pool } from "./pool.ts";
import type { Runtime, Session } from "./runtime.ts";
import { type ElementType, type HostArray, type NativeTensor, type Node, sizeOf, Value } from "./value.ts";

/**
 * Memory of a device. A value from the host is uploaded with the first graph that reads it; it stays on the
 * device if a second graph reads it. Batches are read once, frozen parameters at every step.
 */
export function deviceMemory(runtime: Runtime, pool: Pool, stats: EngineStats): Memory {
  const copy = copier(runtime), tensor = tensorOn(runtime);
  const read = new WeakSet<Value>();

  const settle = (value: Value, tensor: NativeTensor) => {
    value.resident = tensor;
    stats.residentBytes += bytesOf(value);
  };

  const feed = (value: Value): NativeTensor => {
    if (value.resident) return value.resident;
    const here = tensor(value, value.data as HostArray);
    stats.uploadedBytes += bytesOf(value);
    if (read.has(value)) settle(value, copy.up(here, value));
    else read.add(value);
    return value.resident ?? here;
  };

  return {
    kind: "device",
    writesInPlace: false,
    tensor,
    compile: (model, wanted) =>
      runtime.compile(model, { resident: wanted.filter(({ expected }) => !expected).map(nameOf) }),
    run(session, feeds, wanted) {
      const inputs: Record<string, NativeTensor> = {}, outputs: Record<string, null> = {};
      for (const value of feeds) inputs[nameOf(value)] = feed(value);
      // The runtime does not fill given arrays if other outputs stay on the device, so it allocates all.
      for (const value of wanted) outputs[nameOf(value)] = null;
      const made = session.run(inputs, outputs);
      for (const value of wanted) {
        const tensor = made[nameOf(value)];
        if (value.expected) {
          value.data = tensor.data;
          stats.downloadedBytes += bytesOf(value);
        } else settle(value, tensor);
      }
    },
    read(value) {
      if (value.data || !value.resident) return value.data;
      stats.downloadedBytes += bytesOf(value);
      const data = allocate(value, pool);
      copy.down(value.resident, data);
      return data;
    },
    free(value) {
      recycle(value, pool);
      if (!value.resident) return;
      stats.residentBytes -= bytesOf(value);
      value.resident.dispose();
      value.resident = undefined;
    },
  };
}

const bytesOf = ({ shape, dtype }: Value): number => sizeOf(shape) * (dtype === "bool" ? 1 : 4);

/**
 * Copies values between host and device with graphs of one Identity node, because the binding has no call for
 * it.
 */
function copier(runtime: Runtime) {
  const sessions = new Map<string, Session>();
  const session = (dtype: string, stays: boolean): Session => {
    const key = `${dtype} ${stays}`;
    const known = sessions.get(key);
    if (known) return known;
    const [from, to] = [0, 1].map((slot) => {
      const value = new Value([-1], dtype as ElementType);
      value.slot = slot;
      return value;
    });
    const node: Node = {
      op: "Identity",
      inputs: [from],
      outputs: [to],
      attributes: [],
      key: "",
      needed: true,
    };
    const made = runtime.compile(encodeModel([node], [from], [to]), { resident: stays ? [nameOf(to)] : [] });
    sessions.set(key, made);
    return made;
  };
  return {
    up(here: NativeTensor, { dtype, shape }: Value): NativeTensor {
      const flat = runtime.tensor(dtype, here.data, [here.size]);
      return runtime.view(session(dtype, true).run({ v0: flat }, { v1: null }).v1, shape);
    },
    down(there: NativeTensor, into: HostArray): void {
      const size = [there.size];
      session(there.type, false).run(
        { v0: runtime.view(there, size) },
        { v1: runtime.tensor(there.type, into, size) },
      );
    },
  };
}
