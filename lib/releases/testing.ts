/** Miniatures of the published releases, in their layouts, on a local server. For tests only. */
import { cremad, emodb, meld, ravdess } from "./list.ts";
import { type FakeServer, fakeServer, sumOf, tarGz, text } from "../fetch/testing.ts";
import { zipOf } from "../testing/zip_writer.ts";
import type { Release } from "./release.ts";

type Files = [path: string, bytes: Uint8Array<ArrayBuffer>][];

/** A WAVE file of a tone: 16 kHz, one channel, 16 bits. */
export function wav(seconds: number, pitch = 200): Uint8Array<ArrayBuffer> {
  const length = Math.round(seconds * 16000), view = new DataView(new ArrayBuffer(44 + 2 * length));
  const words: [number, string][] = [[0, "RIFF"], [8, "WAVEfmt "], [36, "data"]];
  for (const [at, word] of words) text(word).forEach((byte, i) => view.setUint8(at + i, byte));
  view.setUint32(4, 36 + 2 * length, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 16000, true);
  view.setUint32(28, 32000, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  view.setUint32(40, 2 * length, true);
  for (let i = 0; i < length; i++) view.setInt16(44 + 2 * i, 9000 * Math.sin(i * pitch / 2546), true);
  return new Uint8Array(view.buffer);
}

const bytesOf = (zip: Uint8Array) => new Uint8Array(zip);

/** Clips of six actors, so that each split has some. */
export const RAVDESS_CLIPS: Files = ["01", "02", "11", "12", "14", "15"].flatMap((actor, i) =>
  ["01", "03"].map((emotion): Files[number] => [
    `Actor_${actor}/03-01-${emotion}-01-01-01-${actor}.wav`,
    wav(0.1, 150 + 20 * i),
  ])
);

export const EMODB_CLIPS: Files = ["03a01Fa", "03a01Nc", "08b02Wd"].map((name, i) => [
  `wav/${name}.wav`,
  wav(0.1, 100 + 30 * i),
]);

export const CREMAD_CLIPS: Files = ["1001_DFA_ANG_XX", "1001_IEO_HAP_HI", "1002_TIE_NEU_XX"].map((
  name,
  i,
) => [
  `AudioWAV/${name}.wav`,
  wav(0.1, 120 + 30 * i),
]);

const pointer = (bytes: Uint8Array) =>
  text(`version https://git-lfs.github.com/spec/v1\noid ${sumOf("sha256", bytes)}\nsize ${bytes.length}\n`);

const below = (folder: string, files: Files): Files =>
  files.map(([path, bytes]) => [`${folder}/${path}`, bytes]);

export interface Miniature extends AsyncDisposable {
  server: FakeServer;
  release: Release;
}

/** Serves a miniature and returns the release with the server's URLs, sizes and checksums. */
function served(release: Release, files: FakeServer["files"], mirrors: [path: string, isChecked: boolean][]) {
  const server = fakeServer(files);
  const remote = mirrors.map(([path, isChecked]) => {
    const url = server.origin + path, bytes = files[path];
    return isChecked ? { url, size: bytes.length, checksum: sumOf("sha256", bytes) } : { url };
  });
  const [archive] = release.archives, about = files[mirrors[0][0]].length;
  const own = { ...release, unpacked: 100_000, archives: [{ ...archive, about, mirrors: remote }] };
  return { server, release: own, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** RAVDESS: one zip that two addresses have. */
export function ravdessMiniature(): Miniature {
  const zip = bytesOf(zipOf(RAVDESS_CLIPS)), files = { "/one/ravdess.zip": zip, "/two/ravdess.zip": zip };
  const release = { ...ravdess, clipCount: RAVDESS_CLIPS.length };
  return served(release, files, [["/one/ravdess.zip", true], ["/two/ravdess.zip", true]]);
}

/** EMO-DB: the zip of Zenodo with a checksum, and another one without. */
export function emodbMiniature(): Miniature {
  const table: Files = [["db.yaml", text("name: emodb\n")]];
  const files = {
    "/zenodo/emodb.zip": bytesOf(zipOf(below("emodb", [...table, ...EMODB_CLIPS]))),
    "/first/download.zip": bytesOf(zipOf([...EMODB_CLIPS, ["erkennung.txt", text("x")]])),
  };
  const release = { ...emodb, clipCount: EMODB_CLIPS.length };
  return served(release, files, [["/zenodo/emodb.zip", true], ["/first/download.zip", false]]);
}

/** CREMA-D: the zip of a git repository with pointers, and the clips on two servers. */
export function cremadMiniature(): Miniature {
  const pointers = CREMAD_CLIPS.map(([path, bytes]): Files[number] => [path, pointer(bytes)]);
  const others: Files = [
    ["VideoDemographics.csv", text("ActorID,Age\n1001,51\n")],
    ["processedResults/summaryTable.csv", text("x\n")],
    ["AudioMP3/1001_DFA_ANG_XX.mp3", pointer(text("x"))],
    ["VideoFlash/1001_DFA_ANG_XX.flv", pointer(text("y"))],
  ];
  const files: FakeServer["files"] = {
    "/zip": bytesOf(zipOf(below("CREMA-D-master", [...pointers, ...others]))),
  };
  for (const [path, bytes] of CREMAD_CLIPS) files[`/media/${path}`] = files[`/raw/${path}`] = bytes;
  const miniature = served({ ...cremad, clipCount: CREMAD_CLIPS.length }, files, [["/zip", false]]);
  const { origin } = miniature.server;
  Object.assign(miniature.release, { lfs: [`${origin}/media/`, `${origin}/raw/`], lfsBytes: 9000 });
  return miniature;
}

const HEADER =
  "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\r\n";
const row = (text: string, label: string, dialogue: number, utterance: number) =>
  `1,"${text}",Ann,${label},neutral,${dialogue},${utterance},1,1,"00:00:01,000","00:00:02,000"\r\n`;

/** MELD: videos in three tar.gz inside a tar.gz; `video` is the one of every row, but for a broken one. */
export async function meldMiniature(video: Uint8Array<ArrayBuffer>): Promise<Miniature> {
  const train = await tarGz([
    ["train_sent_emo.csv", text(HEADER + row("No.", "anger", 0, 0) + row("Ah", "joy", 0, 1))],
    ["train_splits/dia0_utt0.mp4", video],
    ["train_splits/dia0_utt1.mp4", text("moov atom not found")],
    ["train_splits/._dia0_utt0.mp4", text("Mac OS X")],
  ]);
  const dev = await tarGz([["dev_splits_complete/dia0_utt0.mp4", video]]);
  const test = await tarGz([
    ["output_repeated_splits_test/dia0_utt0.mp4", video],
    ["output_repeated_splits_test/final_videos_testdia0_utt0.mp4", video],
  ]);
  const archive = await tarGz([
    ["MELD.Raw/README.txt", text("MELD")],
    ["MELD.Raw/dev_sent_emo.csv", text(HEADER + row("Hm.", "neutral", 0, 0))],
    ["MELD.Raw/test_sent_emo.csv", text(HEADER + row("What?", "surprise", 0, 0))],
    ["MELD.Raw/train.tar.gz", train],
    ["MELD.Raw/dev.tar.gz", dev],
    ["MELD.Raw/test.tar.gz", test],
  ]);
  return served(meld, { "/hub/MELD.Raw.tar.gz": archive, "/umich/MELD.Raw.tar.gz": archive }, [
    ["/hub/MELD.Raw.tar.gz", true],
    ["/umich/MELD.Raw.tar.gz", true],
  ]);
}
