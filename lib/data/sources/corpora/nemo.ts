/**
 * Reads nEMO (Christop 2024, https://arxiv.org/abs/2404.06292), Polish, as its repository publishes it
 * (https://github.com/amu-cai/nEMO): `samples/EB0_anger_1.wav` is speaker, emotion and sentence; `data.tsv`
 * has the words, genders and ages. Happiness is joy, surprised is surprise. The authors give no split.
 */
import { count } from "../../../errors.ts";
import { requireColumns } from "../../csv.ts";
import { type Beside, clipCorpus, clipsWithout, nameOf, tableBeside } from "./clip_corpus.ts";

/** The classes by their names in the files, in the paper's order. */
const EMOTIONS: Readonly<Record<string, string>> = {
  anger: "anger",
  fear: "fear",
  happiness: "joy",
  sadness: "sadness",
  surprised: "surprise",
  neutral: "neutral",
};

interface Table extends Beside {
  rows: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export const nemo = clipCorpus<Table>({
  id: "nemo",
  name: "nEMO",
  example: "EB0_anger_1.wav",
  labels: Object.values(EMOTIONS),
  clip: new RegExp(`/(?<speaker>[A-Z]{2}\\d)_(?<emotion>${Object.keys(EMOTIONS).join("|")})_\\d+$`),

  async beside(place, folder, clips) {
    const table = await tableBeside(place, folder, "data.tsv");
    if (table) requireColumns(table, ["file_id", "raw_text", "gender", "age"]);
    const rows = new Map(table?.rows.map(({ cells }) => [nameOf(cells.file_id), cells]));
    const lost = clipsWithout(clips, rows);
    const told = table
      ? `data.tsv has no row for ${count(lost.length, "clip")}, e.g. ${lost[0]?.path}.`
      : "Without data.tsv, words, genders and ages are unknown.";
    return { rows, notes: lost.length > 0 ? [told] : [] };
  },

  row({ name, parts: { speaker, emotion } }, { rows }) {
    const { raw_text: text, gender, age } = rows.get(name) ?? {};
    return { text, label: EMOTIONS[emotion], speaker, gender, age };
  },
});
