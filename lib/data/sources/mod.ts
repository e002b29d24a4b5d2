/** Data sources, which read corpora in their published files. */
export { type ColumnNames, MANIFEST_COLUMNS } from "./columns.ts";
export { lacksSource } from "./find.ts";
export { isMissing } from "./missing.ts";
export { type CorpusFacts, corpusFacts, SAMPLE_FACTS, SPEAKING } from "./corpora/facts.ts";
export { MELD_LABELS } from "./corpora/meld.ts";
export { RAVDESS_LABELS } from "./corpora/ravdess.ts";
export { dataSources, dataSourcesText, registerDataSource } from "./registry.ts";
export type { Candidate, DataSource, Place, Recognition, SourceRows } from "./source.ts";
