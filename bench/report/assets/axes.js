// A panel of curves: its parts, its scales and what it draws.

const narrowest = 250; // of a panel beside others, pixels

class AxesPanel {
  constructor(spec, figure) {
    Object.assign(this, { spec, labels: figure.labels, weight: spec.weight, least: narrowest });
    const x = new Scale(spec.logx, 0, 1), y = new Scale(spec.logy, 0, 1);
    this.curves = spec.lines.map(l => new Curve(l, figure.arrays, x, y));
    this.homeScales();
    [this.x, this.y] = [this.homeX, this.homeY];
    this.build();
    this.cursor = new Cursor(this);
  }

  /** homeScales finds the limits from everything that can be drawn. */
  homeScales() {
    const s = this.spec, lim = [Infinity, -Infinity, Infinity, -Infinity];
    const x = new Scale(s.logx), y = new Scale(s.logy);
    const addX = u => { if (u < lim[0]) lim[0] = u; if (u > lim[1]) lim[1] = u; };
    const addY = v => { if (v < lim[2]) lim[2] = v; if (v > lim[3]) lim[3] = v; };
    for (const c of this.curves) {
      for (let k = 0; k < c.n; k++) {
        addX(c.u[k]); addY(c.v[k]);
        if (c.low) { const i = c.index[k], a = y.to(c.low[i]), b = y.to(c.high[i]); if (!Number.isNaN(a + b)) { addY(a); addY(b); } }
      }
    }
    for (const m of s.marks ?? []) {
      const u = x.to(unwrap(m.x)), v = y.to(unwrap(m.y));
      if (!Number.isNaN(u + v)) { addX(u); addY(v); }
    }
    for (const v of s.verticals ?? []) addX(x.to(unwrap(v.x)));
    for (const h of s.horizontals ?? []) addY(y.to(unwrap(h.y)));
    for (const b of s.bands ?? []) { addX(x.to(unwrap(b.x0))); addX(x.to(unwrap(b.x1))); }
    const f = s.field;
    if (f) { addX(x.to(f.x0)); addX(x.to(f.x1)); addY(y.to(f.y0)); addY(y.to(f.y1)); }
    this.homeX = newScale(s.logx, s.xmin, s.xmax, lim[0], lim[1], f ? 0 : 0.02);
    this.homeY = newScale(s.logy, s.ymin, s.ymax, lim[2], lim[3], f ? 0 : 0.05);
    if (s.square && !f) {
      const atLeast = (scale, size) => {
        const by = (size - (scale.hi - scale.lo)) / 2;
        if (by > 0) { scale.lo -= by; scale.hi += by; }
      };
      if (s.xmin === undefined && s.xmax === undefined) atLeast(this.homeX, (this.homeY.hi - this.homeY.lo) / 3);
      if (s.ymin === undefined && s.ymax === undefined) atLeast(this.homeY, (this.homeX.hi - this.homeX.lo) / 3);
    }
  }

  build() {
    const s = this.spec, L = this.labels;
    this.plot = el("div", { className: "plot" });
    const name = L.plain(s.title || s.ylabel) || "Curves";
    this.chart = el("div", {
      className: "chart", tabIndex: 0, role: "application", "aria-roledescription": "chart",
      "aria-label": `${name}: ${L.plain(s.ylabel)} against ${L.plain(s.xlabel)}. Arrow keys read values, plus and minus zoom, 0 shows all.`,
    }, this.ylabel = L.span(s.ylabel, "ylabel"), this.plot);
    const button = (text, label, act) => {
      const b = el("button", { type: "button", className: "tool", title: label, "aria-label": `${label}: ${name}` }, text);
      b.addEventListener("click", act);
      return b;
    };
    this.tools = el("div", { className: "tools" },
      button("+", "Zoom in", () => this.zoom(0.5)), button("−", "Zoom out", () => this.zoom(2)), button("Reset", "Show all", () => this.reset()));
    this.out = document.createElement("output");
    this.out.setAttribute("aria-live", "polite");
    this.legend = this.buildLegend();
    this.element = el("div", { className: "panel axes" },
      L.span(s.title, "title", s.title ? "h3" : "div"), this.chart, L.span(s.xlabel, "xlabel", "div"),
      el("div", { className: "controls" }, this.legend, this.tools), this.out);
    this.canvas = s.field ? el("canvas", { className: "field" }) : null;
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.texts = el("div", { className: "texts" });
    this.plot.append(...[this.canvas, this.svg, this.texts].filter(Boolean));
  }

  /** buildLegend has each name once; its button hides all lines of the name. */
  buildLegend() {
    const legend = el("div", { className: "legend" }), seen = new Set();
    for (const { spec } of this.curves) {
      if (!spec.name || spec.unlisted || seen.has(spec.name)) continue;
      seen.add(spec.name);
      const b = el("button", { type: "button", className: "entry", "aria-pressed": "true" });
      b.append(sample(this.joined(spec)), this.labels.span(spec.name));
      b.addEventListener("click", () => {
        const shown = b.getAttribute("aria-pressed") !== "true";
        b.setAttribute("aria-pressed", shown);
        for (const c of this.curves) if (c.spec.name === spec.name) c.shown = shown;
        this.cursor.clear();
        this.paint();
      });
      legend.append(b);
    }
    for (const b of this.spec.bands ?? []) {
      if (!b.name || seen.has(b.name)) continue;
      seen.add(b.name);
      legend.append(el("span", { className: "entry" }, el("i", { className: "shade", style: `--c:${paint(b.color)}` }), this.labels.span(b.name)));
    }
    return legend;
  }

  /** joined is a curve with the sparse markers that are drawn as a line of their own under its name. */
  joined(spec) {
    const same = this.curves.map(c => c.spec).filter(l => l.name === spec.name && !l.unlisted);
    const line = same.find(l => !l.noline && !l.faint) ?? spec;
    const marker = line.marker || same.find(l => l.marker)?.marker;
    return marker ? { ...line, marker } : line;
  }

  /** height is what the plot wants in a panel of a width. */
  height(width) {
    if (!this.spec.square) return Math.min(Math.max(0.62 * width, 240), 340);
    return 0;
  }

  /** layout sets the size of the plot and the room around its frame. */
  layout(width, height) {
    this.width = width;
    this.wanted = height;
    this.arrange();
    if (this.painted) this.paint();
    else this.size();
  }

  arrange() {
    const s = this.spec, small = textWidth("0") * 2;
    let h = this.wanted;
    const lines = s.ylabel ? Math.ceil(textWidth(this.labels.plain(s.ylabel), 13) * 1.15 / Math.max(h || 200, 120)) : 0; // of the label, which reads upwards
    this.labelWidth = lines ? 7 + 17 * lines : 0;
    const W = Math.max(this.width - this.labelWidth, 120);
    this.top = 8;
    this.bottom = 26;
    let left = 0, right = 12;
    for (let pass = 0; pass < 3; pass++) {
      let w = W - left - right;
      if (s.square) {
        const aspect = (this.y.hi - this.y.lo) / (this.x.hi - this.x.lo);
        w = Math.min(w, 440 / aspect);
        h = w * aspect;
      }
      this.w = Math.max(w, 40);
      this.h = Math.max(h - (s.square ? 0 : this.top + this.bottom), 60);
      this.yTicks = ticks(this.y, this.h, false, this.spec.yticks);
      this.xTicks = ticks(this.x, this.w, true);
      left = Math.max(small, ...this.yTicks.map(tickWidth)) + 10;
      for (const t of this.xTicks) {
        left = Math.max(left, tickWidth(t) / 2 - t.at * this.w);
        right = Math.max(right, tickWidth(t) / 2 + t.at * this.w - this.w);
      }
      this.tiers();
    }
    this.left = Math.round(left + Math.max(0, (W - left - right - this.w) / 2));
    this.W = W;
    this.H = this.h + this.top + this.bottom;
  }

  /** tiers spreads the labels of the verticals over rows above the frame. */
  tiers() {
    const rows = [];
    this.guides = [];
    for (const v of this.spec.verticals ?? []) {
      const t = this.x.at(this.x.to(unwrap(v.x)));
      if (!(t >= 0 && t <= 1)) continue;
      const half = textWidth(this.labels.plain(v.label)) / 2 + 5;
      const at = Math.max(Math.min(t * this.w, this.w - half + 5), half - 5);
      let row = 0;
      if (v.label) {
        while (rows[row]?.some(([a, b]) => at - half < b && a < at + half)) row++;
        (rows[row] ??= []).push([at - half, at + half]);
      }
      this.guides.push({ x: t * this.w, at, row, label: v.label });
    }
    this.top = 8 + 17 * rows.length;
  }

  px(u) { return this.x.at(u) * this.w; }
  py(v) { return (1 - this.y.at(v)) * this.h; }

  size() {
    this.plot.style.width = `${this.W}px`;
    this.plot.style.aspectRatio = `${this.W} / ${this.H}`;
    this.svg.setAttribute("viewBox", `0 0 ${this.W} ${this.H}`);
    if (!this.ylabel) return;
    this.ylabel.style.width = `${this.labelWidth}px`;
    this.ylabel.style.maxHeight = `${this.H}px`;
  }

  paint() {
    this.painted = true;
    this.size();
    const { w, h, left, top } = this, s = this.spec;
    let out = `<svg x="${left}" y="${top}" width="${w}" height="${h}">`;
    if (s.field) this.paintField();
    else out += `<rect class="paper" width="${w}" height="${h}"/>`;
    if (!s.field) {
      for (const b of s.bands ?? []) out += this.band(b);
      out += `<path class="grid" d="${this.xTicks.filter(t => t.main !== undefined).map(t => `M${round(t.at * w)} 0V${h}`).join("")}${
        this.yTicks.filter(t => t.main !== undefined).map(t => `M0 ${round((1 - t.at) * h)}H${w}`).join("")}"/>`;
    }
    if (s.field?.levels) out += this.contours();
    for (const g of this.guides) out += `<path class="guide" d="M${round(g.x)} 0V${h}"/>`;
    const across = this.horizontals();
    for (const g of across) out += `<path class="guide" d="M0 ${round(g.y)}H${w}"/>`;
    const shown = this.curves.filter(c => c.shown);
    for (const c of [...shown.filter(c => c.spec.faint), ...shown.filter(c => !c.spec.faint)]) out += this.curve(c);
    out += `</svg><path class="frame" d="${this.frame()}"/>${this.tickTexts()}`;
    const marks = this.marks();
    for (const m of marks) out += m.svg;
    this.svg.innerHTML = out + `<g class="cursor" transform="translate(${left} ${top})"></g>`;
    this.paintTexts(across, marks);
    this.chart.dataset.view = JSON.stringify([this.x.value(this.x.lo), this.x.value(this.x.hi), this.y.value(this.y.lo), this.y.value(this.y.hi)]);
    this.chart.dataset.frame = JSON.stringify([left / this.W, top / this.H, w / this.W, h / this.H]);
    this.cursor.draw();
  }

  band(b) {
    const x0 = Math.max(0, nan(this.px(this.x.to(unwrap(b.x0))), 0)), x1 = Math.min(this.w, nan(this.px(this.x.to(unwrap(b.x1))), this.w));
    return x0 < x1 ? `<rect class="band" x="${round(x0)}" width="${round(x1 - x0)}" height="${this.h}" style="--c:${paint(b.color)}"/>` : "";
  }

  curve(c) {
    const { spec } = c, style = `style="--c:${paint(spec.color)}"`, faint = spec.faint ? " faint" : "";
    let out = "";
    if (!spec.noline) {
      const width = spec.width ? `;stroke-width:${1.2 * spec.width}px` : "";
      const path = c.path(this);
      out += `<path class="line ${spec.dash ?? ""}${faint}" style="--c:${paint(spec.color)}${width}" d="${path.d}"/>`;
      if (path.dots) out += `<path class="lone${faint}" ${style} d="${path.dots}"/>`;
    }
    if (c.low) out += `<path class="bar${faint}" ${style} d="${c.bars(this, this.y)}"/>`;
    if (spec.marker || spec.noline) {
      const marker = spec.marker ?? "dot";
      out += `<path class="marker ${marker} ${open[marker] ? "open" : ""}${faint}" ${style} d="${c.markers(this, marker, 3.6)}"/>`;
    }
    return out;
  }

  frame() {
    const { left: x, top: y, w, h } = this;
    let d = `M${x} ${y}h${w}v${h}h${-w}z`;
    for (const t of this.xTicks) d += `M${round(x + t.at * w)} ${y + h}v${t.main === undefined ? 3 : 5}`;
    for (const t of this.yTicks) d += `M${x} ${round(y + (1 - t.at) * h)}h${t.main === undefined ? -3 : -5}`;
    return d;
  }

  tickTexts() {
    let out = "";
    for (const t of this.xTicks) out += tickText(t, this.left + t.at * this.w, this.top + this.h + 19, "middle");
    for (const t of this.yTicks) out += tickText(t, this.left - 8, this.top + (1 - t.at) * this.h + 4, "end");
    return out;
  }

  horizontals() {
    return (this.spec.horizontals ?? []).map(g => ({ y: this.py(this.y.to(unwrap(g.y))), label: g.label })).filter(g => g.y >= -0.5 && g.y <= this.h + 0.5);
  }

  /** marks places the dots, and each label where it covers least of the lines and nothing of other marks. */
  marks() {
    const out = [], taken = [];
    for (const m of this.spec.marks ?? []) {
      const x = this.px(this.x.to(unwrap(m.x))), y = this.py(this.y.to(unwrap(m.y)));
      if (!(x >= -0.5 && x <= this.w + 0.5 && y >= -0.5 && y <= this.h + 0.5)) continue;
      const shape = m.shape ?? "dot", r = m.shape ? 5 : 6;
      const d = shapes[shape](round(this.left + x), round(this.top + y), r);
      out.push({ x, y, label: m.label, svg: `<path class="mark ${open[shape] ? "open " : ""}${shape}" style="--c:${m.shape ? paint(m.color) : "var(--mark)"}" d="${d}"/>` });
      taken.push([x - 6, y - 6, x + 6, y + 6]);
    }
    if (!out.some(m => m.label)) return out;
    const lines = this.curves.filter(c => c.shown && !c.spec.noline && !c.spec.faint).map(c => polyline(c.path(this).d));
    for (const m of out) {
      if (!m.label) continue;
      const w = textWidth(this.labels.plain(m.label), 14) + 2, h = 15;
      let least = Infinity;
      for (const gap of [3, 6, 10]) {
        for (const [dx, dy] of [[0.8, -0.8], [-0.8, -0.8], [0.8, 0.8], [-0.8, 0.8], [1, 0], [0, -1], [-1, 0], [0, 1]]) {
          const cx = m.x + dx * (5 + gap + w / 2), cy = m.y + dy * (5 + gap + h / 2);
          const b = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
          const cost = covered(b, lines, taken, this.w, this.h);
          if (cost < least) { least = cost; m.at = [cx, cy]; m.box = b; }
        }
      }
      taken.push(m.box);
    }
    return out;
  }

  paintTexts(across, marks) {
    const { left, top, W, H } = this, L = this.labels, out = [];
    for (const g of this.guides) if (g.label) out.push(place(L.span(g.label, "guide"), left + g.at, top - 3 - 17 * g.row, W, H));
    for (const g of across) if (g.label) out.push(place(L.span(g.label, "across"), left + this.w - 5, top + g.y - 1, W, H));
    for (const m of marks) if (m.label) out.push(place(L.span(m.label, "marked"), left + m.at[0], top + m.at[1], W, H));
    this.texts.replaceChildren(...out);
  }

  /** show sets the view, unless it is too narrow to have ticks. */
  show(x, y) {
    if (tooClose(x.lo, x.hi, x.log) || tooClose(y.lo, y.hi, y.log) || !(Math.abs(x.hi - x.lo) < 1e300 && Math.abs(y.hi - y.lo) < 1e300)) return;
    this.x = x;
    this.y = y;
    this.arrange();
    this.paint();
  }

  reset() { this.show(this.homeX, this.homeY); }

  /** zoom keeps the point of the cursor, or the middle, in its place. */
  zoom(by) {
    const at = this.cursor.place() ?? { u: (this.x.lo + this.x.hi) / 2, v: (this.y.lo + this.y.hi) / 2 };
    const scaled = (s, home, c) => {
      if (by > 1 && (s.hi - s.lo) * by >= (home.hi - home.lo) * (1 - 1e-9)) return home;
      return s.with(c - (c - s.lo) * by, c + (s.hi - c) * by);
    };
    this.show(scaled(this.x, this.homeX, at.u), scaled(this.y, this.homeY, at.v));
  }
}

const unwrap = v => v === null ? NaN : Number(v === "inf" ? Infinity : v === "-inf" ? -Infinity : v);
const nan = (v, instead) => Number.isNaN(v) ? instead : v;

function tickText(t, x, y, anchor) {
  if (t.main === undefined) return "";
  return `<text class="tick" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${t.main}${t.sup ? `<tspan class="sup" dy="-4.5">${t.sup}</tspan>` : ""}</text>`;
}

/** sample is a line of the legend. */
function sample(spec) {
  const s = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  s.setAttribute("class", "sample");
  s.setAttribute("viewBox", "0 0 28 12");
  s.setAttribute("aria-hidden", "true");
  const style = `style="--c:${paint(spec.color)}"`, marker = spec.marker ?? (spec.noline ? "dot" : "");
  s.innerHTML = (spec.noline ? "" : `<path class="line ${spec.dash ?? ""}${spec.faint ? " faint" : ""}" ${style} d="M0 6H28"/>`) +
    (marker ? `<path class="marker ${marker} ${open[marker] ? "open" : ""}" ${style} d="${shapes[marker](14, 6, 3.6)}"/>` : "");
  return s;
}

/** polyline reads a path of M and L back. */
function polyline(d) {
  return d.split("M").slice(1).map(p => p.split("L").map(q => q.split(" ").map(Number)));
}

/** covered is the length of line under a box; what it must not cover counts as more than any line. */
function covered(b, lines, taken, w, h) {
  let cost = b[0] < 0 || b[1] < 0 || b[2] > w || b[3] > h ? 1e6 : 0;
  for (const t of taken) if (b[0] < t[2] && t[0] < b[2] && b[1] < t[3] && t[1] < b[3]) cost += 1e5;
  for (const pieces of lines) {
    for (const p of pieces) {
      for (let i = 1; i < p.length; i++) {
        const [ax, ay] = p[i - 1], [bx, by] = p[i];
        if (Math.max(ax, bx) < b[0] || Math.min(ax, bx) > b[2] || Math.max(ay, by) < b[1] || Math.min(ay, by) > b[3]) continue;
        const c = clip(ax, ay, bx, by, ...b);
        if (c) cost += Math.hypot(c[2] - c[0], c[3] - c[1]);
      }
    }
  }
  return cost;
}
