import { useEngine } from "../../compute/mod.ts";
import { random } from "../../random.ts";
import { deepEqual, equal, match, notEqual, ok, rejects, throws } from "../../testing/assert.ts";
import { tinySpeech, tinyTextFolder } from "../../testing/tiny_encoders.ts";
import type { FrozenEncoder, Sequence } from "../encoder.ts";
import { frozenSpeechEncoder } from "../hf/speech/speech_encoder.ts";
import { frozenTextEncoder } from "../hf/text_encoder.ts";
import { encoderInContext, isTrainable, networkOf, textEncoder } from "../registry.ts";
