export { frozenTextEncoder, readTextEncoder, type TrainableTextEncoder } from "./text_encoder.ts";
