/** Two rules of Whisper's decoding that transformers.js 4.3 lacks: times never go back, and begin early. */
import { LogitsProcessor, type Tensor } from "@huggingface/transformers";

/** How times are written among tokens. */
export interface TimeTokens {
  /** The token of 0.00 s; those of later times follow it. */
  first: number;
  /** Number of tokens that generation starts from. */
  prompt: number;
  /** The latest time that may come first, as a number of tokens after `first`. Default: any. */
  mostAtStart?: number;
}

/** Takes away times that can't come next, as `WhisperTimeStampLogitsProcessor` of transformers does. */
export class TimesInOrder extends LogitsProcessor {
  constructor(private readonly times: TimeTokens) {
    super();
  }

  /** Changes the logits `[B,V]` of the next token; `rows` has the tokens so far. */
  override _call(rows: bigint[][], logits: Tensor): Tensor {
    const { first, prompt, mostAtStart = Infinity } = this.times;
    rows.forEach((row, i) => {
      const values = (logits as unknown as { data: Float32Array }[])[i].data;
      const tokens = row.slice(prompt).map(Number),
        isTime = (token?: number) => token !== undefined && token >= first;
      if (tokens.length === 0 && first + mostAtStart + 1 < values.length) {
        values.fill(-Infinity, first + mostAtStart + 1);
      }
      const last = tokens.findLast(isTime);
      if (last === undefined) return;
      // The end of a segment may begin the next one; any other time is later than the last.
      const mayRepeat = isTime(tokens.at(-1)) && tokens.length > 1 && !isTime(tokens.at(-2));
      values.fill(-Infinity, first, mayRepeat ? last : last + 1);
    });
    return logits;
  }
}
