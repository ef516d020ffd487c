import { standIn } from "../stand_in.js";
import { openWords } from "../words.js";
import { drawPage } from "./page.js";

const start = new URLSearchParams(location.search);
openWords(JSON.parse(document.getElementById("words").textContent), start.get("language"));
const began = performance.now();
window.play = drawPage(standIn(Number(start.get("units") ?? 16), 12, Number(start.get("directions") ?? 2)), document.getElementById("page"));
window.drawn = performance.now() - began;
