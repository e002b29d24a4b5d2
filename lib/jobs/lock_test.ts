import { equal, match, ok, rejects } from "../testing/assert.ts";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { awaitExpiry, type Clock, EXPIRES, lockFolder, requireUnlocked } from "./lock.ts";

/** Times of the folder's file system in ms, as the tests set them. */
const NOW = Date.parse("2030-01-01T12:00:00Z");

/** A clock that stands still. `during` is what other processes do while someone waits. */
const clockAt = (now: number, during = () => {}): Clock & { waits: number[] } => {
  const waits: number[] = [];
  return {
    waits,
    beat: 5_000,
    now: () => Promise.resolve(now),
    wait: (ms) => {
      waits.push(ms);
      during();
      return Promise.resolve();
    },
  };
};

/** Returns a folder with the lock of a process of another host, whose last heartbeat was `age` ms ago. */
async function lockedElsewhere(age: number, number = 1): Promise<string> {
  const folder = await Deno.makeTempDir();
  const owner = { id: "x", pid: 4321, host: "node7", since: "2030-01-01T11:00:00.000Z" };
  await Deno.writeTextFile(`${folder}/lock.${number}`, JSON.stringify(owner));
  beat(folder, number, NOW - age);
  return folder;
}

const beat = (folder: string, number: number, at: number) =>
  Deno.utimeSync(`${folder}/lock.${number}`, new Date(at), new Date(at));

const locks = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.startsWith("lock")).sort();

Deno.test("a folder is locked once at a time, and free again after disposal", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using lock = await lockFolder(folder);
    await lock.requireHeld();
    await rejects(lockFolder(folder), /found one that this process works in already, which began 20/);
    await rejects(requireUnlocked(folder), /last heartbeat \d s ago/);
  }
  equal([...Deno.readDirSync(folder)].length, 0);
  await requireUnlocked(folder);
  await requireUnlocked(`${folder}/none`);
});

Deno.test("the refusal names the owner and the age of its last heartbeat", async () => {
  const folder = await lockedElsewhere(42_000), clock = clockAt(NOW);
  await rejects(lockFolder(folder, clock), (error: Error) => {
    match(error.message, /process 4321 on node7 works in, which began 2030-01-01T11:00:00\.000Z/);
    match(error.message, /\(last heartbeat 42 s ago\)/);
    return true;
  });
  equal(clock.waits.length, 0);
});

Deno.test("a lock expires 60 s after its last heartbeat, on any host", async () => {
  const folder = await lockedElsewhere(60_001, 7), clock = clockAt(NOW);
  await using lock = await lockFolder(folder, clock);
  await lock.requireHeld();
  equal(locks(folder).join(), "lock.8");
  ok(clock.waits[0] >= 10_000, "it watches for two heartbeats");
});

Deno.test("a lock whose heart still beats holds, whatever the clocks say", async () => {
  for (const age of [3_600_000, -3_600_000]) { // the file system's clock has jumped
    const folder = await lockedElsewhere(age);
    await rejects(lockFolder(folder, clockAt(NOW, () => beat(folder, 1, NOW - age + 5_000))), /process 4321/);
    await using _ = await lockFolder(folder, clockAt(NOW));
  }
});

Deno.test("of many that find an expired lock, one gets the folder", async () => {
  const folder = await lockedElsewhere(0), now = Date.now(), clock = clockAt(now);
  beat(folder, 1, now - 120_000);
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder, clock)));
  const won = all.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  equal(won.length, 1);
  await won[0].requireHeld();
  for (const lock of won) await lock[Symbol.asyncDispose]();
  equal(locks(folder).length, 0);
});

Deno.test("a holder notices that its folder was taken over or removed", async () => {
  const folder = await Deno.makeTempDir();
  await using lock = await lockFolder(folder);
  // This process was suspended for long, and another has taken the folder over.
  Deno.removeSync(`${folder}/lock.1`);
  const owner = { id: "y", pid: 99, host: "node8", since: "2030-01-01T11:59:00.000Z" };
  await Deno.writeTextFile(`${folder}/lock.2`, JSON.stringify(owner));
  await rejects(lock.requireHeld(), /process 99 on node8/);
  await Deno.remove(folder, { recursive: true });
  await rejects(lock.requireHeld(), /found nothing: it was removed or renamed at/);
});

Deno.test("the lock of a process of this host that ended is free at once", async () => {
  const folder = await Deno.makeTempDir(), alive = `${folder}/alive`;
  const owner = { id: "z", pid: 1, host: hostname(), since: "2030-01-01T11:00:00.000Z", alive };
  await Deno.writeTextFile(`${folder}/lock.1`, JSON.stringify(owner));
  beat(folder, 1, NOW - 1_000);
  {
    using sign = Deno.openSync(alive, { create: true, write: true });
    sign.lockSync(true);
    await rejects(lockFolder(folder, clockAt(NOW)), /process 1 on/);
  }
  await requireUnlocked(folder, clockAt(NOW)); // whoever looks and is killed leaves the proof for the next
  ok(existsSync(alive));
  await using _ = await lockFolder(folder, clockAt(NOW));
  equal(existsSync(alive), false);
});

Deno.test("the holder renews its lock while its own thread is busy", async () => {
  const folder = await Deno.makeTempDir(), path = `${folder}/lock.1`;
  await using lock = await lockFolder(folder, { ...clockAt(NOW), beat: 5 });
  beat(folder, 1, NOW);
  const content = await Deno.readTextFile(path);
  while (Number(Deno.statSync(path).mtime) === NOW); // no timer of this thread can run
  equal(await Deno.readTextFile(path), content);
  await lock.requireHeld();
});

Deno.test("a part waits for the lock of a process that has died elsewhere, and not for one that lives", async () => {
  const folder = await lockedElsewhere(0), began = Date.now();
  beat(folder, 1, began - EXPIRES + 300);
  await awaitExpiry(folder, undefined, 100);
  ok(Date.now() - began >= 250 && Date.now() - began < 20_000);
  beat(folder, 1, Date.now());
  const timer = setTimeout(() => beat(folder, 1, Date.now() + 1000), 50);
  await awaitExpiry(folder, undefined, 100);
  clearTimeout(timer);
  await awaitExpiry(`${folder}/none`);
});

Deno.test("a part that is stopped while it waits for a lock ends with the reason of its signal", async () => {
  const folder = await lockedElsewhere(0), stop = new AbortController();
  beat(folder, 1, Date.now());
  const waiting = awaitExpiry(folder, stop.signal, 60_000).then(() => undefined, (error) => error);
  stop.abort();
  ok(await waiting === stop.signal.reason);
});
