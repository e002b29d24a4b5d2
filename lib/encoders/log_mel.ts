import { logMel as logMelSpectra, melFilters, MELS } from "./acoustic/mel.ts";
import { powerSpectra } from "./acoustic/spectrum.ts";
import { meanAndDeviation, WINDOW_HOP } from "./acoustic/windows.ts";
import type { SpeechEncoder } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";

/** Part of the fingerprint: raise it when a state changes. */
const VERSION = "1";

/**
 * Log-mel spectra, [T,160] at 12.5 Hz: mean and standard deviation, over 80 ms, of 80 natural-log mel energies in
 * frames of 25 ms every 10 ms (Slaney's scale and areas, 20 to 7600 Hz, floor 1e-10). The deviation keeps what plain
 * averaging loses: on RAVDESS the two together beat the mean alone, and four stacked frames at 25 Hz. A clip shorter
 * than one frame is filled up with zeros, a shorter rest than a whole window is not seen, an empty clip has T = 0.
 */
export function logMel(): SpeechEncoder {
  const filters = melFilters("slaney");
  return {
    id: "log-mel",
    modality: "audio",
    fingerprint: fingerprint("log-mel", VERSION),
    width: 2 * MELS,
    rate: 100 / WINDOW_HOP,
    encode: (batch) =>
      Promise.resolve(
        batch.map((samples) =>
          meanAndDeviation(logMelSpectra(powerSpectra(samples), filters), MELS, WINDOW_HOP)
        ),
      ),
  };
}
