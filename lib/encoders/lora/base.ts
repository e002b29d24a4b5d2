/** Finds the model that an adapter changes, by the name in its configuration. */
import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { badInput } from "../../errors.ts";
import { cachedModel, isModelName, modelPlace, MODELS, placeOf, readManifest, shown } from "../../hub/mod.ts";
import { hasWeights } from "../hf/weights.ts";
import { type AdapterConfig, CONFIG } from "./config.ts";

export interface Base {
  folder: string;
  /** What was assumed in the search. */
  notes: string[];
}

type Named = Pick<AdapterConfig, "base_model_name_or_path" | "revision">;

/**
 * Finds the model of the adapter in `folder`. It is a folder relative to the adapter's folder or to the
 * working folder, an added model of that name, or the model beside the adapter. Throws UndertoneError, which
 * lists all these places, if there is none.
 */
export async function findBase(
  { base_model_name_or_path: name, revision }: Named,
  folder: string,
  models = MODELS,
): Promise<Base> {
  const at = join(folder, CONFIG), places = await placesOf(name, folder, models);
  const found = places.find((place) => existsSync(join(place.folder, "config.json")));
  if (!found) throw nowhere(name, places.map((place) => shown(place.folder)), at);
  if (existsSync(join(found.folder, CONFIG)) && resolve(found.folder) !== resolve(folder)) {
    throw badInput({
      expected: "a model whose weights are its own",
      found: `another adapter, ${shown(found.folder)}`,
      at,
      todo:
        "Merge that adapter into its model with peft (merge_and_unload), save the result, and write its folder " +
        "as base_model_name_or_path into this file.",
    });
  }
  // Throws if it was not completely fetched.
  if (found.isAdded && await readManifest(found.folder)) await modelPlace("hf", name, { models });
  const notes = found.note ? [found.note] : [], beside = places.at(-1)!;
  if (beside.folder === folder && resolve(found.folder) !== resolve(folder)) {
    notes.push(
      `The adapter was read with ${shown(found.folder)}, which it names, not with the model beside it.`,
    );
  }
  if (revision) await checkRevision(revision, name, found.folder, at, notes);
  return { folder: found.folder, notes };
}

interface Place {
  folder: string;
  isAdded?: boolean;
  note?: string;
}

/** Returns all places, in the order in which they are searched. */
async function placesOf(name: string, folder: string, models: string): Promise<Place[]> {
  const places: Place[] = isAbsolute(name)
    ? [{ folder: name }]
    : [{ folder: join(folder, name) }, { folder: name }];
  if (isModelName(name)) {
    places.push({ folder: placeOf(name, models), isAdded: true });
    const cached = await cachedModel(name);
    if (cached) places.push(cached);
  }
  for (const place of isAbsolute(name) ? formerPlaces(name, models) : []) {
    places.push({
      folder: place,
      note: `${name} is not there: ${shown(place)} was taken for the adapter's model.`,
    });
  }
  if (hasWeights(folder)) {
    places.push({ folder, note: `${name} is not here: the model beside the adapter was taken for it.` });
  }
  return places;
}

/**
 * Returns added models that a path may have meant: of this project in a former folder, or with an earlier
 * version's spelling of the name.
 */
function formerPlaces(path: string, models: string): string[] {
  const [, tail] = path.match(/[\\/]outputs[\\/]models[\\/]([\w.-]+)[\\/]?$/) ?? [];
  const name = relative(join(models, "..", ".."), path);
  return [...(tail ? [join(models, tail)] : []), ...(isModelName(name) ? [placeOf(name, models)] : [])];
}

/**
 * Throws UndertoneError for an added model of another revision than the adapter's. Adds a note if the folder
 * does not say its revision.
 */
async function checkRevision(
  revision: string,
  name: string,
  folder: string,
  at: string,
  notes: string[],
): Promise<void> {
  const manifest = await readManifest(folder);
  if (!manifest) {
    notes.push(
      `The adapter is for revision ${revision} of ${name}; ${shown(folder)} does not say which it is.`,
    );
  } else if (revision !== manifest.revision && !manifest.commit.startsWith(revision)) {
    throw badInput({
      expected: `revision ${revision} of ${name}`,
      found: `${manifest.revision} in ${shown(folder)}`,
      at,
      todo:
        `Run 'deno task models add ${manifest.model} --revision ${revision} --folder <another>' and write ` +
        "that folder as base_model_name_or_path into this file.",
    });
  }
}

const nowhere = (name: string, places: readonly string[], at: string) =>
  badInput({
    expected: `the model '${name}' that the adapter changes`,
    found: `no config.json in ${[...new Set(places)].join(" or ")}`,
    at,
    todo: (isModelName(name) ? `Run 'deno task models add ${name}', or w` : "W") +
      "rite the model's folder as base_model_name_or_path into this file.",
  });

/**
 * Returns the model name for an adapter of the encoder `name` (a folder, or an added model): its absolute
 * path, which peft finds even if the adapter is moved. If the model no longer exists, the name stays as it
 * is.
 */
export function baseNameOf(name: string, models = MODELS): string {
  const place = existsSync(name) || !isModelName(name) ? name : placeOf(name, models);
  return existsSync(place) ? resolve(place) : name;
}
