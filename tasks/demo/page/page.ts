/// <reference lib="dom" />
/** The page: what its buttons do, and how an answer looks. */
import type { PageFacts } from "../facts.ts";
import type { Answer } from "./predictor.ts";
import { type Recorder, startRecording } from "./recording.ts";
import { decodeFile, type Sound, wavBytes } from "./sound.ts";
import type { Question, Told } from "./worker.ts";

const at = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const text = at<HTMLInputElement>("text"), file = at<HTMLInputElement>("file");
const record = at<HTMLButtonElement>("record"), predict = at<HTMLButtonElement>("predict");
const show = (id: string, shown: boolean) => at(id).hidden = !shown;

let facts: PageFacts, sound: Sound | undefined, recorder: Recorder | undefined, asked = 0;

/** Shows a sentence about what went wrong, or takes it away. */
const tellError = (message = ""): void => void (at("error").textContent = message);

/** Does something that may fail, and tells why it did. */
async function trying(work: () => Promise<void>): Promise<void> {
  tellError();
  try {
    await work();
  } catch (error) {
    tellError((error as Error).message);
  }
}

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
worker.onerror = () =>
  tellError("The browser can't run the model: it is too old, or a file beside this page is missing.");
worker.onmessage = ({ data }: MessageEvent<Told>) => {
  if (data.kind === "loading") {
    const { loaded, total } = data, [here, all] = [loaded, total].map((bytes) => Math.round(bytes / 1e6));
    at<HTMLProgressElement>("progress").value = loaded / total;
    at("phase").textContent = loaded < total
      ? `Loading the model: ${here} of ${all} MB`
      : "Preparing the model";
    return;
  }
  show("loading", false);
  if (data.kind === "ready") return show("form", true);
  if (data.id !== undefined && data.id !== asked) return; // an earlier question
  isAsking(false);
  if (data.kind === "refused") tellError(data.message);
  else showAnswer(data.answer, data.seconds);
};

function isAsking(on: boolean): void {
  predict.disabled = on;
  predict.textContent = on ? "Predicting …" : "Predict";
  at("status").textContent = on ? "Predicting" : "";
}

/** Asks the model about what is on the page. Earlier questions no longer count. */
function ask(): void {
  tellError();
  show("result", false);
  isAsking(true);
  const name = sound?.name, { channels, rate, warnings } = sound ?? { channels: [] };
  worker.postMessage({
    id: ++asked,
    ...text.value.trim() !== "" && { text: text.value },
    ...sound && { name, sound: { channels, rate, warnings } },
  } as Question);
}

function showAnswer({ values, notes, seconds }: Answer, took: number): void {
  const { labels, target } = facts,
    isValues = target === "values",
    first = values.indexOf(Math.max(...values));
  const percent = (p: number) => `${(100 * p).toFixed(1)} %`;
  const said = target === "labels"
    ? labels.filter((_, i) => values[i] > 0.5).join(" and ") || "none"
    : labels[first];
  at("answer").textContent = isValues
    ? "The values"
    : target === "labels"
    ? said
    : `${said}, ${percent(values[first])}`;
  const order = labels.map((_, i) => i);
  if (!isValues) order.sort((a, b) => values[b] - values[a]);
  at("bars").replaceChildren(...order.map((i) => {
    const item = document.createElement("li"), track = span("track"), bar = span("bar");
    bar.style.width = `${100 * values[i]}%`;
    track.hidden = isValues;
    track.append(bar);
    item.classList.toggle("first", !isValues && i === first);
    item.append(
      span("label", labels[i]),
      track,
      span("number", isValues ? values[i].toFixed(3) : percent(values[i])),
    );
    return item;
  }));
  const approximate = sound?.approximate ? [sound.approximate] : [];
  at("notes").replaceChildren(...[...notes, ...approximate].map((note) => {
    const item = document.createElement("li");
    item.textContent = note;
    return item;
  }));
  const perSecond = seconds
    ? ` for ${seconds.toFixed(1)} s of sound: ${(took / seconds).toFixed(2)} s per second`
    : "";
  at("timing").textContent = `${took.toFixed(2)} s of computing${perSecond}.`;
  show("result", true);
  at("status").textContent = at("answer").textContent;
  at("result").dataset.values = JSON.stringify(
    Object.fromEntries(labels.map((label, i) => [label, values[i]])),
  );
}

function span(className: string, content = ""): HTMLSpanElement {
  const made = document.createElement("span");
  Object.assign(made, { className, textContent: content });
  return made;
}

/** Takes a sound, shows it and asks about it; or takes it away. */
function take(given?: Sound): void {
  sound = given;
  show("result", false);
  const player = at<HTMLAudioElement>("player");
  if (player.src) URL.revokeObjectURL(player.src);
  show("chosen", given !== undefined);
  if (!given) return player.removeAttribute("src");
  at("name").textContent = `${given.name}, ${(given.channels[0].length / given.rate).toFixed(1)} s`;
  player.src = URL.createObjectURL(given.bytes);
  drawWave(given.channels[0]);
  ask();
}

function drawWave(samples: Float32Array): void {
  const canvas = at<HTMLCanvasElement>("wave"),
    context = canvas.getContext("2d")!,
    { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  context.fillStyle = getComputedStyle(canvas).color;
  for (let x = 0; x < width; x++) {
    const part = samples.subarray(x * samples.length / width, Math.max(1, (x + 1) * samples.length / width));
    const [low, high] = part.reduce(([low, high], y) => [Math.min(low, y), Math.max(high, y)], [0, 0]);
    context.fillRect(x, height / 2 * (1 - high), 1, Math.max(1, height / 2 * (high - low)));
  }
}

/** Reads the file that was chosen or dropped. */
const read = (chosen?: File | null) =>
  trying(async () => {
    if (!chosen) return;
    take();
    await recorder?.stop();
    showRecording(recorder = undefined);
    take(await decodeFile(chosen));
  });

async function toggleRecording(): Promise<void> {
  if (recorder) {
    const { samples, rate } = await recorder.stop();
    showRecording(recorder = undefined);
    if (samples.length === 0) {
      throw new Error("The microphone gave no sound. Check that it is on, and record again.");
    }
    const name = "your recording", bytes = new Blob([wavBytes(samples, rate)], { type: "audio/wav" });
    return take({ channels: [samples], rate, warnings: [], name, bytes });
  }
  take();
  record.disabled = true; // while the browser asks for leave
  try {
    recorder = await startRecording((seconds, level) => {
      at("clock").textContent = `${seconds.toFixed(1)} s`;
      at<HTMLMeterElement>("level").value = level;
    }, () => trying(toggleRecording));
  } finally {
    record.disabled = false;
    showRecording(recorder);
  }
}

function showRecording(recorder?: Recorder): void {
  show("recording", recorder !== undefined);
  record.textContent = recorder ? "Stop" : "Record";
  record.classList.toggle("on", recorder !== undefined);
}

record.onclick = () => trying(toggleRecording);
at("remove").onclick = () => {
  take();
  tellError();
  record.focus();
};
file.onchange = async () => {
  await read(file.files?.[0]);
  file.value = ""; // so that the same file can be chosen again
};
text.oninput = () => show("result", false);
matchMedia("(prefers-color-scheme: dark)").onchange = () => sound && drawWave(sound.channels[0]);
at("form").onsubmit = (event) => {
  event.preventDefault();
  ask();
};
const over = (on: boolean) => (event: DragEvent) => {
  event.preventDefault();
  at("sound").classList.toggle("over", on);
};
document.ondragover = over(true);
document.ondragleave = over(false);
document.ondrop = (event) => {
  over(false)(event);
  read(event.dataTransfer?.files[0]);
};

await trying(async () => {
  const response = await fetch("page.json");
  if (!response.ok) {
    throw new Error("The file page.json beside this page can't be read. Build the page again.");
  }
  facts = await response.json();
  at("summary").textContent = facts.summary;
  show("loading", at("form").hidden === true);
  show("sound", facts.reads.audio);
  show("words", facts.reads.text);
  at("text-hint").textContent = facts.reads.audio
    ? "Optional, and in English: the model reads no other language."
    : "In English.";
  at("facts").replaceChildren(
    ...facts.facts.flatMap(([name, value]) =>
      [["dt", name], ["dd", value]].map(([tag, content]) => {
        const made = document.createElement(tag);
        made.textContent = content;
        return made;
      })
    ),
  );
  at("limits").replaceChildren(...facts.limits.map((limit) => {
    const item = document.createElement("li");
    item.textContent = limit;
    return item;
  }));
  show("card", facts.card);
  show("about", true);
});
