import { deepEqual } from "../testing/assert.ts";
import { splitNamed } from "./utterance.ts";

Deno.test("splits are known by their usual names, and a name with two meanings is not guessed", () => {
  const named = (...names: string[]) => new Set(names.map(splitNamed));
  deepEqual(named("train", "Training", "TRAIN SET", "train_split", "training-set"), new Set(["train"]));
  deepEqual(named("dev", "Val", "valid", "Validation", "development set", "devset"), new Set(["dev"]));
  deepEqual(named("test", "Testing", "Test set"), new Set(["test"]));
  deepEqual(named("eval", "evaluation", "set", "", "trains", "constructor", "train2"), new Set([undefined]));
});
