// A panel that shows a matrix in square cells.

class HeatPanel {
  constructor(spec, figure) {
    Object.assign(this, { spec, labels: figure.labels, weight: spec.weight });
    this.values = spec.values.map(row => row.map(unwrap));
    this.rows = this.values.length;
    this.cols = this.values[0].length;
    this.tint = new Tint(this.values, spec.min, spec.max, Boolean(spec.log), Boolean(spec.grey));
    const widest = names => Math.max(0, ...(names ?? []).map(n => textWidth(this.labels.plain(n))));
    this.widestCol = widest(spec.colnames);
    this.beside = (spec.rownames ? widest(spec.rownames) + 8 : 0) + (spec.ylabel ? 22 : 0) + 2;
    this.least = Math.max(96, Math.min(this.beside + this.cols * (spec.colnames ? 12 : 3), 320));
    this.build();
    this.listen();
  }

  build() {
    const s = this.spec, L = this.labels;
    this.canvas = document.createElement("canvas");
    this.grid = el("span", { className: "gaps" });
    this.numbers = el("span", { className: "numbers" });
    this.ring = el("span", { className: "ring", hidden: true });
    this.body = el("div", { className: "body" + (s.grey ? " grey" : "") }, this.canvas, this.grid, this.numbers, this.ring);
    const names = (list, className) => list?.some(n => n) ? el("div", { className }, ...list.map(n => L.span(n))) : null;
    this.rowNames = names(s.rownames, "rownames");
    this.colNames = names(s.colnames, "colnames");
    this.ylabel = s.ylabel ? L.span(s.ylabel, "ylabel") : null;
    const name = L.plain(s.title).trim() || "Matrix";
    this.chart = el("div", {
      className: "chart", tabIndex: 0, role: "application", "aria-roledescription": s.grey ? "image" : "heat map",
      "aria-label": `${name}: ${this.rows} rows and ${this.cols} columns. Arrow keys read values.`,
    }, this.ylabel, this.rowNames, this.body, this.colNames, s.xlabel ? L.span(s.xlabel, "xlabel") : null);
    this.out = document.createElement("output");
    this.out.setAttribute("aria-live", "polite");
    this.element = el("div", { className: "panel heat" }, L.span(s.title, "title", s.title ? "h3" : "div"), this.chart, this.out);
  }

  hint() { this.out.replaceChildren(el("span", { className: "hint" }, this.bodyWidth > 180 ? "Point at a cell to read it." : "")); }

  listen() {
    const { body, chart } = this;
    const cellAt = e => {
      const r = body.getBoundingClientRect();
      return [Math.floor((e.clientY - r.top) / r.height * this.rows), Math.floor((e.clientX - r.left) / r.width * this.cols)];
    };
    for (const type of ["pointermove", "pointerdown"]) body.addEventListener(type, e => this.read(...cellAt(e)));
    body.addEventListener("pointerleave", e => { if (e.pointerType !== "touch" && document.activeElement !== chart) this.clear(); });
    chart.addEventListener("focus", () => { if (chart.matches(":focus-visible") && !this.at) this.read(0, 0); });
    chart.addEventListener("blur", () => this.clear());
    chart.addEventListener("keydown", e => {
      if (e.ctrlKey || e.altKey || e.metaKey) return;
      const [i, j] = this.at ?? [0, -1];
      const to = { ArrowRight: [i, j + 1], ArrowLeft: [i, j - 1], ArrowDown: [i + 1, j], ArrowUp: [i - 1, j], Home: [i, 0], End: [i, this.cols - 1] }[e.key];
      if (!to) return;
      e.preventDefault();
      this.read(...to);
    });
  }

  clear() { this.at = null; this.ring.hidden = true; this.hint(); }

  read(i, j) {
    const s = this.spec, L = this.labels, v = this.values[i]?.[j];
    if (v === undefined) return;
    this.at = [i, j];
    const name = (kind, names, k) => el("span", {}, L.span(kind), " ", names?.[k] ? L.span(names[k]) : String(k + 1), ", ");
    this.out.replaceChildren(el("span", { className: "cell" },
      name(s.ylabel || "row", s.rownames, i), name(s.xlabel || "column", s.colnames, j), number(v)));
    Object.assign(this.ring.style, { left: `${100 * j / this.cols}%`, top: `${100 * i / this.rows}%`, width: `${100 / this.cols}%`, height: `${100 / this.rows}%` });
    this.ring.hidden = false;
  }

  height() { return 0; }

  layout(width, height) {
    this.wanted = height;
    let cell = Math.min((width - this.beside) / this.cols, 380 / this.rows);
    if (cell > 6) cell = Math.floor(cell);
    this.cell = cell;
    this.body.style.width = `${cell * this.cols}px`;
    this.body.style.aspectRatio = `${this.cols} / ${this.rows}`;
    this.chart.classList.toggle("turned", this.widestCol > cell - 2);
    const every = Math.ceil(13 / cell); // names that would lie on others are left out
    for (const names of [this.rowNames, this.colNames]) {
      if (names) [...names.children].forEach((n, i) => { n.style.visibility = i % every ? "hidden" : ""; });
    }
    this.bodyHeight = cell * this.rows;
    this.bodyWidth = cell * this.cols;
    this.out.style.setProperty("--rows", Math.ceil(290 / width)); // so that nothing moves when it is filled
    if (!this.at) this.hint();
    if (this.painted) this.paint();
  }

  paint() {
    if (!this.painted) this.tint.picture(this.values, this.canvas);
    this.painted = true;
    const gaps = this.cell > 16 && !this.spec.grey;
    this.grid.hidden = !gaps;
    this.grid.style.backgroundSize = `${100 / this.cols}% ${100 / this.rows}%`;
    const format = this.format();
    this.numbers.hidden = !format;
    if (!format) { this.numbers.replaceChildren(); return; }
    this.numbers.style.cssText = `grid-template-columns:repeat(${this.cols},1fr);grid-template-rows:repeat(${this.rows},1fr);font-size:${format.size}px`;
    this.numbers.replaceChildren(...this.values.flat().map(v => el("span", { style: `color:${contrast(this.tint.of(v))}` }, format.write(v))));
  }

  /** format is how to print the values, or null where they do not fit. */
  format() {
    if (!this.spec.showvalues) return null;
    const largest = Math.max(Math.abs(this.tint.lo), Math.abs(this.tint.hi));
    for (const digits of [3, 2]) {
      const write = significant(largest, digits);
      const texts = this.values.flat().map(write);
      for (const size of [12, 10.5]) {
        if (this.cell >= 1.2 * size && texts.every(t => textWidth(t, size) + 3 <= this.cell)) return { write, size };
      }
    }
    return null;
  }
}

/** significant prints numbers with the decimals that give the largest so many digits. */
function significant(largest, digits) {
  const top = largest > 0 ? Math.floor(Math.log10(largest) + 1e-12) : 0;
  return v => {
    if (!Number.isFinite(v)) return minus(formatNumber(v));
    if (top >= 4 || top < -3) return minus(v.toExponential(digits - 1));
    const s = v.toFixed(Math.max(0, digits - 1 - top));
    return Number(s) === 0 ? s.replace("-", "") : minus(s);
  };
}
