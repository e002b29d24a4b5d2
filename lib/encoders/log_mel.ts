import { logMel as logMelSpectra, melFilters, MELS } from "./acoustic/mel.ts";
import { powerSpectra } from "./acoustic/spectrum.ts";
import { meanAndDeviation, WINDOW_HOP } from "./acoustic/windows.ts";
import { LOG_MEL } from "./acoustic/graph/log_mel.ts";
import type { SpeechEncoder } from "./encoder.ts";
import { fingerprint } from "./fingerprint.ts";
import { speechGraph } from "./speech_graph.ts";

/** Part of the fingerprint: increase it when the states change. */
const VERSION = "1";

/**
 * Returns an encoder of log-mel spectra, `[T,160]` at 12.5 Hz: mean and standard deviation over 80 ms of 80
 * natural-log mel energies. Frames are 25 ms long, 10 ms apart; filters have Slaney's scale and areas, 20 to
 * 7600 Hz; the floor is 1e-10. The deviation keeps what the mean loses: on RAVDESS the two together beat the
 * mean alone, and four stacked frames at 25 Hz.
 *
 * A clip shorter than one frame is padded with zeros, a remainder shorter than one window is ignored, and an
 * empty clip has T = 0.
 */
export function logMel(): SpeechEncoder {
  const filters = melFilters("slaney");
  return {
    id: "log-mel",
    modality: "audio",
    fingerprint: fingerprint("log-mel", VERSION),
    width: 2 * MELS,
    frameWidth: MELS,
    rate: 100 / WINDOW_HOP,
    encode: (batch) =>
      Promise.resolve(
        batch.map((samples) =>
          meanAndDeviation(logMelSpectra(powerSpectra(samples), filters), MELS, WINDOW_HOP)
        ),
      ),
    graph: () => Promise.resolve(speechGraph(LOG_MEL)),
  };
}
