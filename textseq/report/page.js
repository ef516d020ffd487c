"use strict";
// What a page gains where scripts run: the values of figures under the pointer and on the keyboard,
// their data as CSV, and tables that can be sorted. Without it the page reads as it stands. All
// text goes into the page as text, never as markup.
(() => {
  // CSS pixels from a mark within which the pointer is on it.
  const NEAR = 36;
  const LONGEST = 160;
  const UNITS = {
    ms: 1e-3, s: 1, min: 60, h: 3600, B: 1, kB: 1e3, MB: 1e6, GB: 1e9, k: 1e3, M: 1e6, "%": 1,
  };

  function make(name, settings, ...children) {
    const element = Object.assign(document.createElement(name), settings);
    element.append(...children);
    return element;
  }

  function draw(svg, name, attributes) {
    const element = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  function once(make) {
    let made;
    return () => (made ??= make());
  }

  // ---- Numbers and words

  function words(value) {
    if (typeof value !== "number") {
      const seen = value.trim() ? value : value.replaceAll(" ", "␣").replaceAll("\n", "⏎");
      return seen.length > LONGEST ? seen.slice(0, LONGEST - 1) + "…" : seen;
    }
    const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(4));
    const size = Math.abs(rounded);
    const text = size >= 1e4 && size < 1e15
      ? rounded.toLocaleString("en", { maximumFractionDigits: 0 }) : String(rounded);
    return text.replaceAll("-", "−");
  }

  // A cell's number, as tables write it: "0.98 ± 0.01", "−0.1 to +0.3", "3.7 min", "21 k", "$12".
  // NaN is no number; null is a cell without a value.
  function numberOf(text) {
    const plain = text.trim().replaceAll("−", "-").replaceAll(",", "");
    if (plain === "" || plain === "–") return null;
    const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
    const ends = plain.match(RegExp(`^(${number}) to (${number})$`, "i"));
    if (ends) return (Number(ends[1]) + Number(ends[2])) / 2;
    const single = RegExp(`^(<?) ?\\$?(${number})(?: ± \\S+)?(?: ([a-z%]+))?$`, "i");
    const parts = plain.match(single);
    if (!parts) return /^[+-]?inf$/.test(plain) ? Number(plain.replace("inf", "Infinity")) : NaN;
    const unit = parts[3] === undefined ? 1 : UNITS[parts[3]];
    // What is only known to be less comes before what is that much.
    return Number(parts[2]) * (unit ?? NaN) * (parts[1] ? 0.99 : 1);
  }

  // ---- Tables

  function sortable(table) {
    const heads = [...table.querySelectorAll("thead th")];
    const body = table.tBodies[0];
    if (!body || body.rows.length < 2) return;
    const asWritten = [...body.rows];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const after = { ascending: "descending", descending: null }[before];
        const direction = after === undefined ? "ascending" : after;
        for (const other of heads) other.removeAttribute("aria-sort");
        if (direction) head.setAttribute("aria-sort", direction);
        body.append(...(direction ? sorted(asWritten, column, direction) : asWritten));
      });
    });
  }

  // Rows in order of a column; those without a value come last in both directions.
  function sorted(rows, column, direction) {
    const texts = rows.map((row) => row.cells[column].textContent.trim());
    const numbers = texts.map(numberOf);
    const isText = numbers.some(Number.isNaN);
    const keys = numbers.map((number, row) => (isText && number !== null ? texts[row] : number));
    const sign = direction === "ascending" ? 1 : -1;
    const compare = (a, b) => (isText ? a.localeCompare(b, "en", { numeric: true }) : a - b || 0);
    return rows.map((row, place) => place)
      .sort((a, b) => (keys[a] === null) - (keys[b] === null)
        || (keys[a] === null ? 0 : sign * compare(keys[a], keys[b])))
      .map((place) => rows[place]);
  }

  // ---- Figures

  const valueOf = (column, row) =>
    (Array.isArray(column) ? column[row] : column.names[column.numbers[row]]);

  const cellsOf = (columns, row) => columns.map(([name, column]) => [name, valueOf(column, row)]);

  // The marks of a group: their place in the SVG and what they stand for, as [name, value] pairs.
  function marksOf(group) {
    if (group.cells !== undefined) return gridOf(group);
    const kind = group.values.map(([name]) => name).join();
    return group.x.map((x, row) => ({
      kind,
      x: x === null ? NaN : x / 10,
      y: group.y[row] === null ? NaN : group.y[row] / 10,
      width: group.width ? group.width[row] / 10 : 0,
      height: group.height ? group.height[row] / 10 : 0,
      span: group.span && group.span.map((end) => end / 10),
      cells: cellsOf(group.values, row).filter(([, value]) => value !== null),
    })).filter((mark) => mark.cells.length);
  }

  function gridOf(group) {
    const bytes = Uint8Array.from(atob(group.cells), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const count = (columns) => (columns[0][1].numbers ?? columns[0][1]).length;
    const [nRows, nColumns] = [count(group.rows), count(group.columns)];
    const [[left, top], [right, bottom]] = group.corners.map((ends) => ends.map((end) => end / 10));
    const [width, height] = [(right - left) / nColumns, (bottom - top) / nRows];
    return Array.from({ length: nRows * nColumns }, (_, place) => {
      const [row, column] = [Math.floor(place / nColumns), place % nColumns];
      const value = (view.getInt16(2 * place, true) / 32767) * group.largest;
      return {
        x: left + (column + 0.5) * width,
        y: top + (row + 0.5) * height,
        width: Math.abs(width),
        height: Math.abs(height),
        get cells() {
          return [
            ...cellsOf(group.columns, column),
            ...cellsOf(group.rows, row),
            [group.name, Number(value.toPrecision(4))],
          ];
        },
      };
    });
  }

  function csvOf(marks) {
    const rows = marks.map((mark) => new Map(mark.cells));
    const names = [...new Set(rows.flatMap((row) => [...row.keys()]))];
    const quoted = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
    const lines = [names, ...rows.map((row) => names.map((name) => row.get(name) ?? ""))];
    const written = lines.map((line) => line.map((value) => quoted(String(value))).join(","));
    return written.join("\r\n") + "\r\n";
  }

  const tip = make("div", { className: "tip", hidden: true });
  const said = make("div", { className: "unseen", role: "status" });
  let shown = null;

  function hide() {
    if (shown) shown.ring.remove();
    shown = null;
    tip.hidden = true;
  }

  function show(svg, mark) {
    if (shown && shown.mark === mark) return;
    hide();
    const ring = draw(svg, "g", { class: "ring" });
    if (mark.span) {
      const [y1, y2] = mark.span;
      ring.append(draw(svg, "line", { x1: mark.x, x2: mark.x, y1, y2 }));
    }
    if (mark.width || mark.height)
      ring.append(draw(svg, "rect", {
        x: mark.x - mark.width / 2 - 1, y: mark.y - mark.height / 2 - 1,
        width: mark.width + 2, height: mark.height + 2, rx: 1.5,
      }));
    else if (!Number.isNaN(mark.y))
      ring.append(draw(svg, "circle", { cx: mark.x, cy: mark.y, r: 6 }));
    svg.append(ring);
    tip.replaceChildren(...mark.cells.map(([name, value]) =>
      make("div", {}, make("span", {}, `${name}: `), make("bdi", {}, words(value)))));
    tip.hidden = false;
    shown = { svg, mark, ring };
    place();
  }

  // Puts the values above the mark, or below it where there is no room, and within the window.
  function place() {
    if (!shown) return;
    const { svg, mark } = shown;
    const y = Number.isNaN(mark.y) ? mark.span[0] : mark.y;
    const matrix = svg.getScreenCTM();
    const middle = new DOMPoint(mark.x, y).matrixTransform(matrix);
    const gap = 12 + (mark.height / 2) * matrix.d;
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const most = document.documentElement.clientWidth - width - 6;
    const above = middle.y - gap - height;
    tip.style.left = `${window.scrollX + Math.max(6, Math.min(most, middle.x - width / 2))}px`;
    tip.style.top = `${window.scrollY + (above >= 4 ? above : middle.y + gap)}px`;
  }

  // How far a place is from a mark, and from its middle; a step reaches all over its axes.
  function distances(mark, x, y) {
    const dx = Math.max(0, Math.abs(x - mark.x) - mark.width / 2);
    const dy = mark.span
      ? Math.max(0, mark.span[0] - y, y - mark.span[1])
      : Math.max(0, Math.abs(y - mark.y) - mark.height / 2);
    const middle = (x - mark.x) ** 2 + (y - mark.y) ** 2;
    return [dx * dx + dy * dy, Number.isNaN(middle) ? Infinity : middle];
  }

  function nearest(marks, x, y, most) {
    let [best, least, middle] = [null, most * most, Infinity];
    for (const mark of marks) {
      const [edge, centre] = distances(mark, x, y);
      if (edge < least || (edge === least && centre < middle))
        [best, least, middle] = [mark, edge, centre];
    }
    return best;
  }

  // The nearest mark above (-1) or below (1): one that tells the same things comes first, and what
  // lies straight there before what is aslant.
  function beyond(marks, from, direction) {
    let [best, least] = [from, Infinity];
    for (const mark of marks) {
      const away = direction * (mark.y - from.y);
      const cost = away + 4 * Math.abs(mark.x - from.x) + (mark.kind === from.kind ? 0 : 1e6);
      if (away > 0.5 && cost < least) [best, least] = [mark, cost];
    }
    return best;
  }

  function interactive(figure, groups, name) {
    const svg = figure.querySelector("svg");
    const message = svg.getAttribute("aria-label");
    // Made when they are first asked for: a page may have very many.
    const all = once(() => groups.flatMap(marksOf));
    const placed = once(() =>
      all().filter((mark) => !Number.isNaN(mark.x) && (mark.span || !Number.isNaN(mark.y))));
    let at = null;

    const stage = make("div", { className: "stage", tabIndex: 0, role: "application" });
    stage.setAttribute("aria-label", `Values, by arrow keys: ${message}`);
    svg.replaceWith(stage);
    stage.append(svg);
    // The values scroll the figure along, so that it needs no stop of its own.
    figure.querySelector(".wide")?.removeAttribute("tabindex");

    function go(mark) {
      at = mark;
      show(svg, mark);
      shown.ring.scrollIntoView({ block: "nearest", inline: "nearest" });
      said.textContent = mark.cells.map(([what, value]) => `${what}: ${words(value)}`).join(", ");
    }

    stage.addEventListener("pointermove", point);
    stage.addEventListener("pointerdown", point);
    function point(event) {
      const matrix = svg.getScreenCTM();
      const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      const mark = nearest(placed(), x, y, NEAR / matrix.a);
      if (!mark) return hide();
      at = mark;
      show(svg, mark);
    }
    stage.addEventListener("pointerleave", (event) => {
      // A finger leaves at once; its values stay until another place is touched.
      if (event.pointerType === "mouse") hide();
    });
    stage.addEventListener("focus", () => {
      if (stage.matches(":focus-visible")) go(at ?? placed()[0]);
    });
    stage.addEventListener("blur", hide);
    stage.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const marks = placed();
      const from = at ?? marks[0];
      const number = marks.indexOf(from);
      const to = {
        ArrowRight: () => marks[Math.min(number + 1, marks.length - 1)],
        ArrowLeft: () => marks[Math.max(number - 1, 0)],
        ArrowDown: () => beyond(marks, from, 1),
        ArrowUp: () => beyond(marks, from, -1),
        Home: () => marks[0],
        End: () => marks[marks.length - 1],
      }[event.key];
      if (event.key === "Escape") hide();
      if (!to) return;
      event.preventDefault();
      go(to());
    });

    const link = make("a", { href: "#", download: `${name}.csv` }, "Data as CSV");
    link.setAttribute("aria-label", `Data as CSV: ${message}`);
    link.addEventListener("click", () => {
      link.href = URL.createObjectURL(new Blob([csvOf(all())], { type: "text/csv" }));
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
    figure.append(make("p", { className: "data" }, link));
  }

  // Where there is room, figures behind one another stand side by side.
  if (window.matchMedia("(min-width: 75rem)").matches)
    for (const list of document.querySelectorAll(".unfolding")) {
      list.classList.add("plots");
      for (const part of list.children) part.open = true;
    }
  document.querySelectorAll("main table").forEach(sortable);
  for (const data of document.querySelectorAll("figure > script[type='application/json']"))
    interactive(data.parentElement, JSON.parse(data.textContent), data.dataset.name);
  document.body.append(tip, said);
  document.addEventListener("scroll", place, { capture: true, passive: true });
  window.addEventListener("resize", place);
  document.addEventListener("pointerdown", (event) => {
    if (shown && !event.target.closest(".stage")) hide();
  });
})();
