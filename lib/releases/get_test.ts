import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { decodeAudio, listFiles, loadAudio, loadDataset } from "../data/mod.ts";
import { int16 } from "../data/audio/flac.ts";
import { cut } from "../fetch/testing.ts";
import { deepEqual, equal, match, ok, rejects } from "../testing/assert.ts";
import { testWith } from "../testing/needs.ts";
import { zipOf } from "../testing/zip_writer.ts";
import { type GetOptions, getRelease, planRelease } from "./get.ts";
import {
  CREMAD_CLIPS,
  cremadMiniature,
  EMODB_CLIPS,
  emodbMiniature,
  meldMiniature,
  type Miniature,
  RAVDESS_CLIPS,
  ravdessMiniature,
} from "./testing.ts";

const place = async () => `${await Deno.makeTempDir()}/data/corpus`;

/** Gets a miniature and returns its notes with the result. */
async function got({ server, release }: Miniature, folder: string, options: GetOptions = {}) {
  const told: string[] = [];
  const result = await getRelease(release, folder, {
    http: server.http,
    onNote: (note) => told.push(note),
    ...options,
  });
  return { ...result, told, files: await listFiles(folder, 5) };
}

const pathsOf = (files: readonly (readonly [string, unknown])[]) => files.map(([path]) => path).sort();

Deno.test("RAVDESS is fetched, unpacked and recorded; a second call asks nothing", async () => {
  await using mini = ravdessMiniature();
  const folder = await place(), steps = new Set<string>();
  const { clips, files, notes, record } = await got(mini, folder, {
    onProgress: (step) => void steps.add(step),
  });
  deepEqual([clips, notes, [...steps]], [12, [], ["fetch", "unpack"]]);
  deepEqual(files, [...pathsOf(RAVDESS_CLIPS), "undertone-data.json"]);
  for (const [path, bytes] of RAVDESS_CLIPS) deepEqual(await Deno.readFile(join(folder, path)), bytes);
  match(record.archives[0].checksum!, /^sha256:/);
  deepEqual((await loadDataset(folder)).rows.length, 12);

  mini.server.asked.length = 0;
  deepEqual((await planRelease(mini.release, folder)).isComplete, true);
  equal((await got(mini, folder)).clips, 12);
  deepEqual(mini.server.asked, []);
});

Deno.test("a stop leaves a part; the next call fetches the rest alone", async () => {
  await using mini = ravdessMiniature();
  const { server, release } = mini, folder = await place(), stop = new AbortController();
  const zip = server.files["/one/ravdess.zip"];
  server.intercept = () => cut(zip, 20_000, "is silent");
  const stopping = { signal: stop.signal, onProgress: () => stop.abort() };
  await rejects(got(mini, folder, stopping), (error) => error === stop.signal.reason);
  server.intercept = undefined;
  server.asked.length = 0;
  const { fetch } = await planRelease(release, folder);
  ok(fetch < zip.length);
  equal((await got(mini, folder)).clips, 12);
  deepEqual(server.asked.map(({ range }) => range), [`bytes=${zip.length - fetch}-`]);
});

Deno.test("a stop while unpacking is continued from the archive, without the network", async () => {
  await using mini = ravdessMiniature();
  const folder = await place(), stop = new AbortController();
  let files = 0;
  const onProgress: GetOptions["onProgress"] = (step) => step === "unpack" && ++files === 5 && stop.abort();
  await rejects(
    got(mini, folder, { signal: stop.signal, onProgress }),
    (error) => error === stop.signal.reason,
  );
  mini.server.asked.length = 0;
  equal((await got(mini, folder)).clips, 12);
  deepEqual(mini.server.asked, []);
});

Deno.test("files that were removed or changed are repaired, and told", async () => {
  await using mini = ravdessMiniature();
  const folder = await place(), [[first], [second]] = RAVDESS_CLIPS;
  await got(mini, folder, { keep: true });
  await Deno.remove(join(folder, first));
  await Deno.writeTextFile(join(folder, second), "x");
  mini.server.asked.length = 0;
  const { told } = await got(mini, folder, { keep: true });
  deepEqual(told, [`${second} has changed since it was unpacked, and is replaced`]);
  deepEqual(mini.server.asked, []);
  for (const [path, bytes] of RAVDESS_CLIPS) deepEqual(await Deno.readFile(join(folder, path)), bytes);
});

Deno.test("a mirror that fails is told, and the next one is asked", async () => {
  await using mini = ravdessMiniature();
  const answers = [
    () => new Response("", { status: 404 }),
    () => new Response("<html>Moved</html>", { headers: { "content-type": "text/html" } }),
  ];
  for (const answer of answers) {
    mini.server.intercept = (path) => path.startsWith("/one") ? answer() : undefined;
    const { told, record } = await got(mini, await place());
    equal(told.length, 1);
    match(
      told[0],
      /^127\.0\.0\.1:\d+: found (status 404 \(Not Found\)|a web page); trying 127\.0\.0\.1:\d+$/,
    );
    match(record.archives[0].url, /\/two\//);
  }
});

Deno.test("a small disk is refused before a byte is fetched", async () => {
  await using mini = ravdessMiniature();
  const folder = await place(), free = () => Promise.resolve(50_000);
  await rejects(got(mini, folder, { free }), /Expected 1 MB of free disk space but found 1 MB at .*corpus/);
  deepEqual(mini.server.asked, []);
  await rejects(Deno.stat(folder), Deno.errors.NotFound);
  const { told } = await got(mini, folder, { free: () => Promise.resolve(undefined) });
  deepEqual(told, ["the system does not tell the free disk space"]);
});

Deno.test("a folder with other files, or of another release, is left alone", async () => {
  await using mini = ravdessMiniature();
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/mine.txt`, "x");
  await rejects(
    got(mini, folder),
    /Expected a folder that is empty, new, .* but found other files at .*--to/,
  );
  await using other = emodbMiniature();
  const taken = await place();
  await got(other, taken);
  await rejects(got(mini, taken), /found the release 'emodb' at/);
});

Deno.test("EMO-DB comes from Zenodo, or unchecked from its first page, which is told", async () => {
  await using mini = emodbMiniature();
  const { files, notes } = await got(mini, await place());
  deepEqual(files, ["db.yaml", "undertone-data.json", ...pathsOf(EMODB_CLIPS)]);
  deepEqual(notes, []);
  mini.server.intercept = (path) =>
    path.startsWith("/zenodo") ? new Response("", { status: 403 }) : undefined;
  const other = await got(mini, await place());
  deepEqual(other.files, ["erkennung.txt", "undertone-data.json", ...pathsOf(EMODB_CLIPS)]);
  equal(other.notes.length, 1);
  match(other.notes[0], /^127\.0\.0\.1:\d+ publishes no checksum of its archive\.$/);
});

Deno.test("an unchecked archive that lacks clips, or leads out of its folder, is refused and removed", async () => {
  await using mini = emodbMiniature();
  const folder = await place();
  mini.server.intercept = (path) =>
    path.startsWith("/zenodo") ? new Response("", { status: 403 }) : undefined;
  for (
    const [zip, found] of [
      [zipOf(EMODB_CLIPS.slice(1)), /127\.0\.0\.1:\d+: one with 2\b/],
      [zipOf([...EMODB_CLIPS, ["../../evil.wav", new Uint8Array(3)]]), /the entry "\.\.\/\.\.\/evil\.wav"/],
      [zipOf(EMODB_CLIPS).slice(0, -30), /a zip archive without its end/],
    ] as [Uint8Array, RegExp][]
  ) {
    mini.server.files["/first/download.zip"] = new Uint8Array(zip);
    await rejects(got(mini, folder), found);
    deepEqual(await listFiles(folder, 5), ["undertone-data.json"]);
  }
  await rejects(Deno.stat(join(folder, "../../evil.wav")), Deno.errors.NotFound);
});

Deno.test("a damaged clip in an archive is refused, and the archive fetched again by the next call", async () => {
  await using mini = emodbMiniature();
  const folder = await place(), good = mini.server.files["/first/download.zip"], bad = good.slice();
  mini.server.intercept = (path) =>
    path.startsWith("/zenodo") ? new Response("", { status: 403 }) : undefined;
  bad[200] ^= 1;
  mini.server.files["/first/download.zip"] = bad;
  await rejects(got(mini, folder), /another checksum than its directory's at .*emodb\.zip\. It is not/);
  mini.server.files["/first/download.zip"] = good;
  equal((await got(mini, folder)).clips, 3);
});

Deno.test("CREMA-D's clips are fetched by the pointers of its repository, each with its checksum", async () => {
  await using mini = cremadMiniature();
  const folder = await place(), { files, clips } = await got(mini, folder);
  equal(clips, 3);
  const tables = ["VideoDemographics.csv", "processedResults/summaryTable.csv"];
  deepEqual(files, [...pathsOf(CREMAD_CLIPS), ...tables, "undertone-data.json"].sort());
  for (const [path, bytes] of CREMAD_CLIPS) deepEqual(await Deno.readFile(join(folder, path)), bytes);
  ok(mini.server.asked.every(({ path }) => !path.startsWith("/raw")));
});

Deno.test("clips come from the mirror if the first server refuses or changes them, told once", async () => {
  await using mini = cremadMiniature();
  const answers = [() => new Response("", { status: 403 }), () => new Response(new Uint8Array(3244))];
  for (const answer of answers) {
    mini.server.intercept = (path) => path.startsWith("/media") ? answer() : undefined;
    const folder = await place(), { clips, told } = await got(mini, folder);
    deepEqual([clips, told.length], [3, 1]);
    match(told[0], /found (status 403|sha256:)/);
    for (const [path, bytes] of CREMAD_CLIPS) deepEqual(await Deno.readFile(join(folder, path)), bytes);
  }
});

Deno.test("clips that are there are not fetched again", async () => {
  await using mini = cremadMiniature();
  const folder = await place(), [[, bytes]] = CREMAD_CLIPS;
  mini.server.intercept = (path) => /1002/.test(path) ? new Response("", { status: 404 }) : undefined;
  await rejects(got(mini, folder), /Expected one of 2 mirrors to have the file .*1002_TIE/);
  mini.server.intercept = undefined;
  mini.server.asked.length = 0;
  const { fetch } = await planRelease(mini.release, folder);
  equal(fetch, 9000 - 2 * bytes.length);
  equal((await got(mini, folder)).clips, 3);
  deepEqual(mini.server.asked.map(({ path }) => path), ["/media/AudioWAV/1002_TIE_NEU_XX.wav"]);
});

/** A video of a tone, as ffmpeg writes it. */
function video(): Uint8Array<ArrayBuffer> {
  const input = ["-f", "lavfi", "-i", "sine=frequency=300:sample_rate=44100:duration=0.1"];
  const picture = ["-f", "lavfi", "-i", "color=size=16x16:duration=0.1"];
  const movflags = ["-movflags", "frag_keyframe+empty_moov", "-f", "mp4"];
  const { stdout } = spawnSync("ffmpeg", ["-v", "error", ...input, ...picture, ...movflags, "pipe:1"]);
  return new Uint8Array(stdout);
}

testWith(
  "ffmpeg",
  "MELD's videos become FLAC with the samples that a video is read with, in 16 bits",
  async () => {
    const bytes = video(), folder = await place(), path = await Deno.makeTempFile({ suffix: ".mp4" });
    await Deno.writeFile(path, bytes);
    await using mini = await meldMiniature(bytes);
    const { files, clips, notes } = await got(mini, folder, { workers: 2 });
    deepEqual(files, [
      "README.txt",
      "dev_sent_emo.csv",
      "dev_splits_complete/dia0_utt0.flac",
      "output_repeated_splits_test/dia0_utt0.flac",
      "test_sent_emo.csv",
      "train_sent_emo.csv",
      "train_splits/dia0_utt0.flac",
      "train_splits/dia0_utt1.mp4",
      "undertone-data.json",
    ]);
    equal(clips, 3);
    equal(notes.length, 1);
    match(
      notes[0],
      /^No usable sound in 1 video, which stays as it is, e\.g\. train_splits\/dia0_utt1\.mp4: /,
    );

    const flac = await Deno.readFile(`${folder}/train_splits/dia0_utt0.flac`);
    const { channels: [written], rate } = await decodeAudio(flac, "flac"), read = await loadAudio(path);
    deepEqual([rate, written.length], [16000, read.length]);
    ok(read.some((x) => Math.abs(x) > 0.05));
    // The library's decoder of FLAC divides 16-bit samples by 32767.
    deepEqual(Int16Array.from(written, (x) => Math.round(32767 * x)), int16(read));
    const { rows } = await loadDataset(folder);
    deepEqual(rows.map(({ audio }) => audio?.split(".").at(-1)), ["flac", "mp4", "flac", "flac"]);
  },
);
