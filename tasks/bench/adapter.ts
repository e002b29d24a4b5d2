/** Prints which device WebGPU would use: `gpu <name>`, `software <name>` or `none`. */
const adapter = await navigator.gpu?.requestAdapter().catch(() => null), info = adapter?.info;
const kind = info?.isFallbackAdapter ? "software" : "gpu";
console.log(info ? `${kind} ${info.description || "of no name"}` : "none");
