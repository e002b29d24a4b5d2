/** Writes the events of a run for TensorBoard too: scalars while it trains, figures at its end. */
import { readdirSync } from "node:fs";
import type { TrainEvent } from "../../train/mod.ts";
import type { RunFolder } from "../run_folder.ts";
import { EventFile } from "./event_file.ts";

/** Tells TensorBoard what a run tells. Every value has the number of updates as its step. */
export class Tracker implements Disposable {
  readonly #folder: RunFolder;
  #file?: EventFile;
  #step = 0;

  constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  /** Adds the scalars of an event. `started` begins a file: of a resumed run, a further one. */
  tell(event: TrainEvent): void {
    if (event.type === "started") {
      this.#file ??= new EventFile(this.#folder.path);
      this.#file.add({ kind: "start" }, event.step + 1);
    }
    this.#step = event.step;
    const values = scalarsOf(event);
    if (Object.keys(values).length > 0) this.#file?.add({ kind: "scalars", values }, event.step);
  }

  /** Adds the figures in the run's folder as images. */
  async addFigures(): Promise<void> {
    for (const name of readdirSync(this.#folder.path).sort()) {
      if (!name.endsWith(".png")) continue;
      const png = await Deno.readFile(this.#folder.file(name));
      this.#file?.add({ kind: "image", tag: `figures/${name.slice(0, -".png".length)}`, png }, this.#step);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }
}

/** Returns the scalars of an event. A value that is undefined has none. */
export function scalarsOf(event: TrainEvent): Record<string, number> {
  if (event.type === "step") {
    const { loss, lr, gradientNorm, rowsPerSecond } = event;
    return defined({
      "train/loss": loss,
      "train/lr": lr,
      "train/gradient_norm": gradientNorm,
      "train/rows_per_second": rowsPerSecond,
    });
  }
  if (event.type !== "epoch") return {};
  const { epoch, trainLoss, dev } = event;
  const metrics = Object.entries(dev).map(([id, value]) => [`dev/${id}`, value]);
  return defined({
    "epoch/number": epoch + 1,
    "epoch/train_loss": trainLoss,
    ...Object.fromEntries(metrics),
  });
}

const defined = (values: Record<string, number | null | undefined>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
