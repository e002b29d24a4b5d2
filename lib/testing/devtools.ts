/** Drives a headless browser in tests, by the DevTools protocol. */
import { findBrowser } from "./browser.ts";

/** A page in a browser. */
export interface Tab extends AsyncDisposable {
  /** Calls a method of the protocol. */
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  /** Returns the value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true after a change of the page, and returns its value. */
  until<T>(expression: string): Promise<T>;
  /** URLs of all requests so far. */
  requests: string[];
  /** Returns a picture of the whole page as PNG. */
  picture(options: { width: number; dark?: boolean }): Promise<Uint8Array>;
}

type Message = {
  id?: number;
  method?: string;
  params?: unknown;
  result?: Record<string, unknown>;
  error?: unknown;
};

/** Starts a browser with these flags and opens a page in it. No host but this one can be reached. */
export async function openTab(url: string, ...flags: string[]): Promise<Tab> {
  const profile = await Deno.makeTempDir({ prefix: "undertone-browser" });
  const browser = new Deno.Command(findBrowser()!, {
    args: [
      ...[
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
      ],
      ...["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", ...flags, "about:blank"],
    ],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const socket = new WebSocket(await endpoint(browser.stderr));
  await new Promise((resolve) => socket.onopen = resolve);
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>(), requests: string[] = [];
  let last = 0, sessionId: unknown;
  socket.onmessage = ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(data) as Message;
    if (method === "Network.requestWillBeSent") {
      requests.push((params as { request: { url: string } }).request.url);
    }
    const call = id === undefined ? undefined : waiting.get(id);
    if (error) call?.reject(new Error(JSON.stringify(error)));
    else call?.resolve(result!);
  };
  const send: Tab["send"] = (method, params = {}) => {
    const call = Promise.withResolvers<Record<string, unknown>>();
    waiting.set(++last, call);
    socket.send(JSON.stringify({ id: last, method, params, sessionId }));
    return call.promise;
  };
  const evaluate = async <T>(expression: string): Promise<T> => {
    const params = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await send("Runtime.evaluate", params) as {
      result: { value: T };
      exceptionDetails?: unknown;
    };
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  sessionId = (await send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
  await send("Network.enable");
  await send("Page.navigate", { url });
  await evaluate(
    `new Promise((done) => document.readyState === "complete" ? done() : addEventListener("load", done))`,
  );
  return {
    send,
    evaluate,
    requests,
    until: (expression) =>
      evaluate(`new Promise((resolve) => {
        const look = () => { const value = ${expression}; if (value) resolve(value); };
        const changes = { subtree: true, childList: true, attributes: true, characterData: true };
        new MutationObserver(look).observe(document, changes);
        look();
      })`),
    async picture({ width, dark = false }) {
      const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
      await send("Emulation.setEmulatedMedia", { features });
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height: 800,
        deviceScaleFactor: 1,
        mobile: false,
      });
      const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true }) as {
        data: string;
      };
      return Uint8Array.fromBase64(data);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      sessionId = undefined;
      send("Browser.close").catch(() => {});
      await Promise.all([closed, browser.status]);
      await Deno.remove(profile, { recursive: true }).catch(() => {}); // a late thread may still write there
    },
  };
}

/** Returns the address that the browser prints, and drops what it prints later. */
async function endpoint(stderr: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "", address: string | undefined;
  while (!address) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The browser does not start: ${said}`);
    said += value;
    address = /DevTools listening on (ws:\S+)\s/.exec(said)?.[1];
  }
  (async () => {
    while (!(await reader.read()).done);
  })().catch(() => {});
  return address;
}
