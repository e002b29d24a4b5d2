/** The sample inside the repository: 280 synthetic utterances, to train, infer and plot with at once. */
import { fileURLToPath } from "node:url";

/** Path of the sample's manifest; its clips lie beside it. */
export const SAMPLE_MANIFEST: string = fileURLToPath(new URL("./manifest.csv", import.meta.url));
