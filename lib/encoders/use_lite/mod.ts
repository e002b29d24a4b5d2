export { useLite } from "./use_lite.ts";
