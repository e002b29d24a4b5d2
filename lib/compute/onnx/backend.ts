import * as tf from "@tensorflow/tfjs-core";
import { UndertoneError } from "../../errors.ts";
import { debug } from "../debug.ts";
import type { EngineStats } from "../stats.ts";
import type { Graph } from "./graph.ts";
import { kindOf } from "./graph_text.ts";
import type { Memory } from "./memory.ts";
import { type ElementType, type HostArray, Value } from "./value.ts";

/**
 * A pending graph of this length is run before it grows further, so that unread results do not accumulate.
 */
const MOST_PENDING = 10_000;

/**
 * TensorFlow.js storage on a lazy graph. A data id is a `Value`; its numbers are computed when someone reads
 * them.
 */
export class OnnxBackend extends tf.KernelBackend {
  /** Values of tensors that came from another backend and keep its data id. */
  private readonly moved = new WeakMap<object, Value>();
  private count = 0;
  /**
   * Inputs of the step being recorded. Their numbers change between calls, so the step must not read them.
   */
  stepInputs?: ReadonlyMap<Value, unknown>;
  /** How often the step read such numbers, or numbers that follow from them. */
  reads = 0;
  /** The last such read: the value and its place in the source. Set only with UNDERTONE_DEBUG=capture. */
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

  /** Creates a tensor that holds a value. */
  hold(value: Value, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    if (value.refs++ === 0) this.count++;
    return { dataId: value, shape: shape as number[], dtype };
  }

  /**
   * Runs the pending graph if it has grown long. Call it between kernels only: nothing holds a kernel's
   * intermediate values.
   */
  flushIfLong(): void {
    if (this.graph.pending() > MOST_PENDING) this.graph.flush();
  }

  /** Whether tensors are arrays on the host, so that `hostArray` returns the storage itself. */
  get onHost(): boolean {
    return this.storage.kind === "host";
  }

  /**
   * Returns a value's numbers on the host, without a copy. With `writing`, first runs pending nodes that read
   * the old numbers.
   */
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
      throw new UndertoneError("The graph that should compute this tensor failed.", "internal");
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
    // A value of this backend that returns from another one.
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

/**
 * Returns the caller's array itself if it has the right type, else a converted copy. Strings pass through for
 * fallbacks.
 */
function hostArray(values: tf.BackendValues, dtype: tf.DataType): HostArray {
  const expected = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype as string];
  if (!expected || values instanceof expected) return values as HostArray;
  return expected.from(values as unknown as ArrayLike<number>);
}

/** Returns the current place in the source, outside this engine and TensorFlow.js. */
function caller(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50; // TensorFlow.js alone adds ten frames
  const frames = new Error().stack?.split("\n").slice(1) ?? [];
  Error.stackTraceLimit = limit;
  const inner = /node_modules|\/npm\/|\/compute\/(host|onnx\/(?!\w+_test)\w+)\.ts/;
  return frames.find((line) => !inner.test(line))?.trim() ?? "at an unknown place";
}
