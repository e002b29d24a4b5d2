/**
 * The thread that keeps a lock alive: it writes the lock's bytes again and again, and so renews its time. It
 * has its own thread because one step of a training can block the main one for minutes.
 */
import { parentPort, workerData } from "node:worker_threads";

const { path, content, every } = workerData as { path: string; content: string; every: number };

try {
  start();
} catch {
  // The folder is gone. The holder of the lock notices that itself.
}
parentPort!.postMessage("started");

/** Writes through one handle: a lock that another process has taken over is another file. */
function start(): void {
  const file = Deno.openSync(path, { read: true, write: true });
  const bytes = new TextEncoder().encode(content), found = new Uint8Array(bytes.length);
  file.readSync(found);
  if (new TextDecoder().decode(found) === content) setInterval(() => beat(file, bytes), every);
}

function beat(file: Deno.FsFile, bytes: Uint8Array): void {
  try {
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(bytes);
    file.syncSync();
  } catch {
    // A disk that is full or not there may be back at the next beat.
  }
}
