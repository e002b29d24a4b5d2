/** Decodes audio and video files to samples at 16 kHz. */
export { type AudioFault, type AudioWarning, type ClipWarning, clipWarningsNote } from "./fault.ts";
export { decodeAudio, type Decoded } from "./decode.ts";
export { type Envelope, envelopeOf } from "./envelope.ts";
export { type AudioClip, clipOf } from "./clip.ts";
export { type ClipReader, clipReader } from "./clip_reader.ts";
export { loadAudio, MOST_CLIP_BYTES, readClip } from "./load.ts";
export { secondsToldBy } from "./longest.ts";
export { resample, SAMPLE_RATE } from "./resample.ts";
export { type SegmentOptions, segmentsOf, type SoundSegment } from "./segments.ts";
export { openSound, receiveSound, type Sound } from "./sound_stream.ts";
export {
  requireFiniteSamples,
  speechModelFile,
  speechProbabilities,
  speechSpans,
  type SpeechStream,
} from "./speech.ts";
export { type Span, spansOf, SPEECH_FRAME, type SpeechOptions } from "./spans.ts";
export { speechPieces } from "./pieces.ts";
export { decodeVideo, isVideo } from "./video.ts";
