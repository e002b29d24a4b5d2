/**
 * What users of a model should know of the corpora that are read here: licence, languages, how people
 * spoke.
 */

/** How the emotions of a corpus came about. */
export type Speaking = "acted" | "elicited" | "series" | "videos" | "podcasts" | "written" | "synthetic";

/** Facts of one corpus. */
export interface CorpusFacts {
  /** Name of the corpus, as its data sets have it. */
  name: string;
  /** The licence, as docs/CORPORA.md has it. */
  licence: string;
  /** Where the corpus is described. Absent for the embedded sample. */
  page?: string;
  /** ISO 639-1 codes of its languages. */
  languages: readonly string[];
  speaking: Speaking;
}

/** What each way of speaking means, to follow "MELD: ". */
export const SPEAKING: Readonly<Record<Speaking, string>> = {
  acted: "actors or volunteers portray emotions",
  elicited: "people react to situations that are described to them",
  series: "scenes of a television series, played by actors",
  videos: "people speak to a camera in videos from the web",
  podcasts: "speech from podcasts, not made for the corpus",
  written: "written dialogues without sound",
  synthetic: "synthetic speech, so a score shows that the tool works and nothing about emotions",
};

const corpus = (
  name: string,
  licence: string,
  page: string,
  languages: string,
  speaking: Speaking,
): CorpusFacts => ({ name, licence, page, languages: languages.split(" "), speaking });

const REQUEST = "on request";

/** The corpora by the id of their data source. */
export const CORPUS_FACTS: Readonly<Record<string, CorpusFacts>> = {
  meld: corpus("MELD", "GPL-3.0", "https://arxiv.org/abs/1810.02508", "en", "series"),
  ravdess: corpus(
    "RAVDESS",
    "CC BY-NC-SA 4.0",
    "https://doi.org/10.1371/journal.pone.0196391",
    "en",
    "acted",
  ),
  iemocap: corpus("IEMOCAP", REQUEST, "https://doi.org/10.1007/s10579-008-9076-6", "en", "acted"),
  mosi: corpus("CMU-MOSI", "see its page", "https://arxiv.org/abs/1606.06259", "en", "videos"),
  mosei: corpus("CMU-MOSEI", "see its page", "https://aclanthology.org/P18-1208", "en", "videos"),
  "msp-improv": corpus("MSP-IMPROV", REQUEST, "https://doi.org/10.1109/TAFFC.2016.2515617", "en", "acted"),
  "msp-podcast": corpus(
    "MSP-Podcast",
    REQUEST,
    "https://doi.org/10.1109/TAFFC.2017.2736999",
    "en",
    "podcasts",
  ),
  emorynlp: corpus(
    "EmoryNLP",
    "Apache-2.0, but for the transcripts",
    "https://arxiv.org/abs/1708.04299",
    "en",
    "series",
  ),
  dailydialog: corpus("DailyDialog", "CC BY-NC-SA 4.0", "https://aclanthology.org/I17-1099", "en", "written"),
  cremad: corpus(
    "CREMA-D",
    "ODbL 1.0; contents DbCL 1.0",
    "https://github.com/CheyneyComputerScience/CREMA-D",
    "en",
    "acted",
  ),
  emodb: corpus("EMO-DB", "CC BY 4.0 (Zenodo)", "http://emodb.bilderbar.info/docu", "de", "acted"),
  emozionalmente: corpus("Emozionalmente", "CC BY 4.0", "https://zenodo.org/records/12616095", "it", "acted"),
  enterface: corpus(
    "eNTERFACE'05",
    "MIT, as its page says",
    "https://enterface.net/enterface05/emotion.html",
    "en",
    "elicited",
  ),
  esd: corpus(
    "ESD",
    "research only; signed agreement",
    "https://github.com/HLTSingapore/Emotional-Speech-Data",
    "zh en",
    "acted",
  ),
  jl: corpus("JL-Corpus", "CC0", "https://www.kaggle.com/datasets/tli725/jl-corpus", "en", "acted"),
  nemo: corpus("nEMO", "CC BY-NC-SA 4.0", "https://github.com/amu-cai/nEMO", "pl", "acted"),
  savee: corpus(
    "SAVEE",
    "research only (unconfirmed)",
    "http://kahlan.eps.surrey.ac.uk/savee",
    "en",
    "acted",
  ),
  tess: corpus("TESS", "CC BY-NC 4.0; elsewhere -ND", "https://doi.org/10.5683/SP2/E8H2MF", "en", "acted"),
};

/** The embedded sample. */
export const SAMPLE_FACTS: CorpusFacts = {
  name: "the embedded sample",
  licence: "MIT",
  languages: ["en"],
  speaking: "synthetic",
};

/**
 * Returns the facts of the corpus of this name, in any case, or of this id; undefined if it is none of
 * them.
 */
export function corpusFacts(name: string): CorpusFacts | undefined {
  const wanted = name.trim().toLowerCase();
  if (Object.hasOwn(CORPUS_FACTS, wanted)) return CORPUS_FACTS[wanted];
  return Object.values(CORPUS_FACTS).find((facts) => facts.name.toLowerCase() === wanted);
}
