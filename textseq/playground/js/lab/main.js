// The lab: a page on which small networks learn while one looks on. The same script is the worker's.

import { openLab } from "./page.js";
import { serveTraining } from "./worker.js";

if (typeof document === "undefined") serveTraining(self, self.sentences);
else openLab();
