/** A headless browser for tests, steered by the Chrome DevTools protocol. */
import { existsSync } from "node:fs";

export const findBrowser = (): string | undefined =>
  ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));

/** What a page is shown on. */
export interface Screen {
  width?: number;
  height?: number;
  dark?: boolean;
}

/** A tab of a headless browser. `await using` closes the browser. */
export interface Tab extends AsyncDisposable {
  /** Opens an address and waits until it is loaded. */
  open(url: string): Promise<void>;
  /** Returns the value of an expression, awaited. Throws if it throws. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Sets the size and the colour scheme, each as before if left out. */
  screen(screen: Screen): Promise<void>;
  /** Presses and releases a key: `"Tab"`, `"ArrowRight"`. */
  press(key: string): Promise<void>;
  /** Returns the page as PNG bytes, down to its end. */
  picture(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Starts the browser. `flags` are added to those that keep it quiet and offline. */
export async function openTab(flags: readonly string[] = []): Promise<Tab> {
  const profile = await Deno.makeTempDir({ prefix: "undertone-browser" });
  const browser = new Deno.Command(findBrowser()!, {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      ...flags,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const output = browser.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/ws:\S+\s/.test(said)) {
    const { value, done } = await output.read();
    if (done) throw new Error(`the browser ended: ${said}`);
    said += value;
  }
  const drained = (async () => {
    while (!(await output.read()).done);
  })();

  const socket = new WebSocket(/ws:\S+/.exec(said)![0]);
  await new Promise((done, failed) => [socket.onopen, socket.onerror] = [done, failed]);
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  const loads: (() => void)[] = [];
  socket.onmessage = ({ data }) => {
    const { id, method, result, error } = JSON.parse(data);
    if (method === "Page.loadEventFired") loads.splice(0).forEach((done) => done());
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
  };
  const session: { sessionId?: string } = {};
  let calls = 0;
  // deno-lint-ignore no-explicit-any -- the protocol's answers
  const call = (method: string, params: Record<string, unknown> = {}): Promise<any> => {
    const answer = Promise.withResolvers<Record<string, unknown>>();
    waiting.set(++calls, answer);
    socket.send(JSON.stringify({ id: calls, method, params, ...session }));
    const late = setTimeout(() => answer.reject(new Error(`${method}: no answer in a minute`)), 60_000);
    return answer.promise.finally(() => clearTimeout(late));
  };
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  Object.assign(session, await call("Target.attachToTarget", { targetId, flatten: true }));
  await call("Page.enable");

  const shown = { width: 1280, height: 900, dark: false };
  const tab: Tab = {
    async open(url) {
      const loaded = new Promise<void>((done) => loads.push(done));
      await call("Page.navigate", { url });
      await loaded;
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = await call("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
        userGesture: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async screen(screen) {
      const { width, height, dark } = Object.assign(shown, screen);
      await call("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: false,
      });
      const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
      await call("Emulation.setEmulatedMedia", { features });
    },
    async press(key) {
      const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
      await call("Input.dispatchKeyEvent", { type: "keyDown", key, code: key, text, ...CODES[key] });
      await call("Input.dispatchKeyEvent", { type: "keyUp", key, code: key, ...CODES[key] });
    },
    async picture() {
      const { data } = await call("Page.captureScreenshot", { captureBeyondViewport: true });
      return Uint8Array.fromBase64(data);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => socket.onclose = done);
      const { promise } = Promise.withResolvers(); // the answer may not come any more
      call("Browser.close").catch(() => promise);
      await Promise.all([browser.status, drained, closed]);
      await Deno.remove(profile, { recursive: true });
    },
  };
  await tab.screen({});
  return tab;
}

/** Codes without which the browser does nothing by itself, such as moving the focus. */
const CODES: Record<string, Record<string, unknown>> = Object.fromEntries(
  Object.entries({
    Tab: 9,
    Enter: 13,
    Escape: 27,
    " ": 32,
    ArrowLeft: 37,
    ArrowUp: 38,
    ArrowRight: 39,
    ArrowDown: 40,
  })
    .map(([key, code]) => [key, { windowsVirtualKeyCode: code }]),
);
