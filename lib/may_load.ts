/** Returns whether a thread may load its module. One of a file needs the permission to read it. */
export const mayLoad = (module: URL): boolean =>
  module.protocol !== "file:" ||
  Deno.permissions.querySync({ name: "read", path: module }).state === "granted";
