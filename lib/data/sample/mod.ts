/** The embedded data set: 280 synthetic utterances for trying out training, inference and plots. */
import { fileURLToPath } from "node:url";

/** Path of the sample's manifest. Its clips are beside it. */
export const SAMPLE_MANIFEST: string = fileURLToPath(new URL("./manifest.csv", import.meta.url));
