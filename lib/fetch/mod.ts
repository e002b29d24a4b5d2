/** Downloads: retries, resume, checksums, mirrors, disk space, and archives that unpack nowhere else. */
export { type ArchivedFile, archivedFiles, type ArchiveOptions } from "./archive.ts";
export { checksumOf } from "./checksum.ts";
export {
  type Asker,
  fetchFile,
  type FetchOptions,
  partOf,
  type RemoteFile,
  sizeOf,
  totalOf,
} from "./file.ts";
export {
  type Asking,
  HTTP,
  type Http,
  Passing,
  RemoteFault,
  request,
  retryAfter,
  retrying,
  statusOf,
} from "./http.ts";
export { fetchMirrored, type MirrorOptions } from "./mirrors.ts";
export { freeSpace, gigabytes, requireSpace } from "./space.ts";
