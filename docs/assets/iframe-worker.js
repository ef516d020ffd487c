// A page that was opened from disk may start no worker, so the search would be silent. There the
// worker's script runs in a hidden frame, which takes and sends the same messages.
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super();
      this.onmessage = null;
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.appendChild(frame);
      this.frame = frame.contentWindow;
      this.waiting = [];
      this.frame.postMessage = (data) => setTimeout(() => this.answer(data));
      // The script finds its own place by its address, and loads others one after the other.
      this.frame.importScripts = (...addresses) =>
        addresses.reduce((before, address) => before.then(() => this.load(address)), Promise.resolve());
      this.load(url).then(() => {
        this.ready = true;
        this.waiting.forEach((data) => this.hand(data));
      });
    }

    load(address) {
      return new Promise((resolve, reject) => {
        const script = this.frame.document.createElement("script");
        script.src = address;
        script.onload = resolve;
        script.onerror = reject;
        this.frame.document.body.appendChild(script);
      });
    }

    answer(data) {
      const message = new MessageEvent("message", { data });
      this.dispatchEvent(message);
      if (this.onmessage) this.onmessage(message);
    }

    hand(data) {
      this.frame.dispatchEvent(new this.frame.MessageEvent("message", { data }));
    }

    postMessage(data) {
      if (this.ready) this.hand(data);
      else this.waiting.push(data);
    }

    terminate() {}
  };
  window.Worker = window.IFrameWorker;
}
