import * as tf from "@tensorflow/tfjs-core";
import { UndertoneError } from "../../errors.ts";
import { debug } from "../debug.ts";
import type { EngineStats } from "../stats.ts";
import type { Graph } from "./graph.ts";
import { kindOf } from "./graph_text.ts";
import type { Memory } from "./memory.ts";
import { type ElementType, type HostArray, Value } from "./value.ts";

/** Graphs longer than this run before they grow further, so that results nobody reads don't pile up. */
const MOST_PENDING = 10_000;

/** TensorFlow.js storage over a lazy graph: a data id is a `Value`, its numbers appear when someone reads them. */
export class OnnxBackend extends tf.KernelBackend {
  /** Values of tensors that came from another backend under its own data id. */
  private readonly moved = new WeakMap<object, Value>();
  private count = 0;
  /** Values whose numbers a step that is being recorded must not know: they will be others the next time. */
  stepInputs?: ReadonlyMap<Value, unknown>;
  /** How often such numbers were read all the same, or ones that come from them. */
  reads = 0;
  /** The last of these: what was read, and where in the source; known only while captures are debugged. */
  lastRead = "";

  constructor(readonly graph: Graph, private readonly storage: Memory, readonly stats: EngineStats) {
    super();
  }

  value(dataId: tf.DataId): Value {
    const own = this.own(dataId);
    if (own?.refs) return own;
    tf.engine().moveData(this, dataId);
    return this.own(dataId)!;
  }

  private own(dataId: tf.DataId): Value | undefined {
    return dataId instanceof Value ? dataId : this.moved.get(dataId);
  }

  /** A tensor over a value that a kernel recorded or found. */
  hold(value: Value, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    if (value.refs++ === 0) this.count++;
    return { dataId: value, shape: shape as number[], dtype };
  }

  /** Runs what is pending if it has grown long; only between kernels, whose intermediates nothing holds. */
  flushIfLong(): void {
    if (this.graph.pending() > MOST_PENDING) this.graph.flush();
  }

  /** Whether tensors are arrays, so that `hostArray` gives the storage itself. */
  get onHost(): boolean {
    return this.storage.kind === "host";
  }

  /** Numbers of a value, on the host without a copy; `writing` also waits for pending readers of the old ones. */
  hostArray(dataId: tf.DataId, writing = false): HostArray {
    const value = this.value(dataId);
    value.expected = !this.onHost;
    if (value.node || this.stepInputs?.has(value)) {
      this.reads++;
      if (debug.capture) {
        this.lastRead = `${kindOf(value)} ${value.node ? `of ${value.node.op} ` : ""}${caller()}`;
      }
    }
    if (value.node || (writing && value.pendingReads)) this.graph.flush();
    const data = this.storage.read(value);
    if (!data) {
      throw new UndertoneError("This tensor was to come from a graph that failed.", "internal");
    }
    return data;
  }

  override readSync(dataId: tf.DataId): tf.BackendValues {
    const data = this.hostArray(dataId);
    this.value(dataId).pooled = false; // the caller may keep it longer than the tensor lives
    return data;
  }

  override read(dataId: tf.DataId): Promise<tf.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const value = new Value(shape, dtype as ElementType);
    value.data = hostArray(values, dtype);
    return this.hold(value, shape, dtype).dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refs: number,
  ): void {
    // A value of ours that was away comes back as itself.
    const value = dataId instanceof Value ? dataId : new Value(shape, dtype as ElementType);
    value.data = hostArray(values, dtype);
    value.refs = refs;
    this.count++;
    if (dataId !== value) this.moved.set(dataId, value);
  }

  override refCount(dataId: tf.DataId): number {
    return this.value(dataId).refs;
  }

  override incRef(dataId: tf.DataId): void {
    this.value(dataId).refs++;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    const value = this.own(dataId);
    if (!value?.refs) return true;
    value.refs = force ? 0 : value.refs - 1;
    if (value.refs > 0) return false;
    this.count--;
    if (!value.pendingReads) this.storage.free(value);
    return true;
  }

  override numDataIds(): number {
    return this.count;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {}
}

/** The caller's numbers, read in place where they have the right type; strings are carried along for fallbacks. */
function hostArray(values: tf.BackendValues, dtype: tf.DataType): HostArray {
  const expected = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype as string];
  if (!expected || values instanceof expected) return values as HostArray;
  return expected.from(values as unknown as ArrayLike<number>);
}

/** The place in the source that runs now, outside of this engine and of TensorFlow.js. */
function caller(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50; // TensorFlow.js alone takes ten
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  Error.stackTraceLimit = limit;
  const inner = /node_modules|\/npm\/|\/compute\/(host|onnx\/(?!\w+_test)\w+)\.ts/;
  return frames.find((line) => !inner.test(line))?.trim() ?? "at an unknown place";
}
