/** The name of the encoder of stored features, before the path. */
export const STORED = "features";
