// The page's side of the worker: orders out, reports in.

export class Training {
  // `script`: the page's own script, which serves as the worker's too. `onReport(report)`;
  // `onFault()` where the browser lets no worker compute.
  constructor({ script, sentences, onReport, onFault }) {
    this.onReport = onReport;
    this.run = 0; // reports of an earlier run are not listened to
    // Data first: a worker made of a Blob has no other place to take it from.
    const source = [`self.sentences = ${JSON.stringify(sentences)};\n`, script];
    const address = URL.createObjectURL(new Blob(source, { type: "text/javascript" }));
    this.worker = new Worker(address);
    this.worker.onerror = onFault;
    this.worker.onmessage = ({ data }) => data.run === this.run && this.onReport(data);
  }

  start(settings, most) {
    this.run += 1;
    this.worker.postMessage({ order: "start", run: this.run, settings: { ...settings }, most });
  }

  // Stop, and hear no more of it, but how a network of these settings is before any training.
  look(settings) {
    this.run += 1;
    this.worker.postMessage({ order: "look", run: this.run, settings: { ...settings } });
  }

  change(settings) {
    this.worker.postMessage({ order: "change", settings: { ...settings } });
  }

  pause() {
    this.worker.postMessage({ order: "pause" });
  }

  goOn(most) {
    this.worker.postMessage({ order: "go", most });
  }
}
