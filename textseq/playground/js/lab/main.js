// The lab: small networks learn while one looks on. The page and its worker run the same script.

import { openLab } from "./page.js";
import { serveTraining } from "./worker.js";

if (typeof document === "undefined") serveTraining(self, self.sentences);
else openLab();
