import * as tf from "@tensorflow/tfjs-core";
import { type Graph, recycle } from "./graph.ts";
import type { Pool } from "./pool.ts";
import { type ElementType, type HostArray, Value } from "./value.ts";

/** Graphs longer than this run before they grow further, so that results nobody reads don't pile up. */
const MOST_PENDING = 10_000;

/** TensorFlow.js storage over a lazy graph: a data id is a `Value`, its numbers appear when someone reads them. */
export class OnnxBackend extends tf.KernelBackend {
  /** Values of tensors that came from another backend under its own data id. */
  private readonly moved = new WeakMap<object, Value>();
  private count = 0;

  constructor(readonly graph: Graph, private readonly pool: Pool) {
    super();
  }

  value(dataId: tf.DataId): Value {
    if (dataId instanceof Value) return dataId;
    if (!this.moved.has(dataId)) tf.engine().moveData(this, dataId);
    return this.moved.get(dataId)!;
  }

  /** A tensor over a value that a kernel recorded or found. */
  hold(value: Value, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    if (value.refs++ === 0) this.count++;
    return { dataId: value, shape: shape as number[], dtype };
  }

  /** Runs what is pending if it has grown long; only between kernels, whose intermediates nothing holds. */
  makeRoom(): void {
    if (this.graph.pending() > MOST_PENDING) this.graph.flush();
  }

  /** Numbers of a value without a copy; `writing` also waits for pending readers of the old ones. */
  hostArray(dataId: tf.DataId, writing = false): HostArray {
    const value = this.value(dataId);
    if (value.node || (writing && value.awaited)) this.graph.flush();
    if (!value.data) throw new Error("this tensor was to be computed by a graph that failed");
    return value.data;
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
    return this.hold(hostValue(values, shape, dtype), shape, dtype).dataId;
  }

  override move(
    dataId: tf.DataId,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    refs: number,
  ): void {
    const value = hostValue(values, shape, dtype);
    value.refs = refs;
    this.count++;
    this.moved.set(dataId, value);
  }

  override refCount(dataId: tf.DataId): number {
    return this.value(dataId).refs;
  }

  override incRef(dataId: tf.DataId): void {
    this.value(dataId).refs++;
  }

  override disposeData(dataId: tf.DataId, force = false): boolean {
    const value = dataId instanceof Value ? dataId : this.moved.get(dataId);
    if (!value || value.refs === 0) return true;
    value.refs = force ? 0 : value.refs - 1;
    if (value.refs > 0) return false;
    this.count--;
    if (!value.awaited) recycle(value, this.pool);
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

/** A value over numbers of the caller's, which it reads in place; strings are carried along for fallbacks. */
function hostValue(values: tf.BackendValues, shape: number[], dtype: tf.DataType): Value {
  const value = new Value(shape, dtype as ElementType);
  const expected = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype as string];
  value.data = !expected || values instanceof expected
    ? values as HostArray
    : expected.from(values as unknown as ArrayLike<number>);
  return value;
}
