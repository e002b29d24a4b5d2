// Runs in the browser's audio thread: sends the samples of the microphone to the page, in blocks of 128.
registerProcessor(
  "recorder",
  class extends AudioWorkletProcessor {
    process([[samples]]) {
      if (samples) this.port.postMessage(samples.slice());
      return true;
    }
  },
);
