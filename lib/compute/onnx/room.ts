/** Arrays that all recordings of a step share, because it runs in one shape at a time. */
import { arrayOf } from "./memory.ts";
import type { ElementType, HostArray } from "./value.ts";

/** Returns an array of this name, type and length. It holds numbers until the next call. */
export type Room = (name: string, dtype: ElementType, length: number) => HostArray;

const rooms = new WeakMap<object, Room>();

/**
 * Returns the room of a captured step, its owner. All its recordings share the arrays, each as long as the
 * longest so far: dropout masks and gradients of many shapes would fill the memory.
 */
export function roomOf(owner: object): Room {
  const room = rooms.get(owner) ?? newRoom();
  rooms.set(owner, room);
  return room;
}

function newRoom(): Room {
  const arrays = new Map<string, HostArray>();
  return (name, dtype, length) => {
    const key = `${dtype} ${name}`;
    let array = arrays.get(key);
    if (!array || array.length < length) arrays.set(key, array = arrayOf(dtype, length));
    return array.length === length ? array : array.subarray(0, length);
  };
}
