// Reading values and choosing the view of a panel of curves.

const mostRows = 12, mostFaint = 3; // of the read-out; of more lines those nearest the pointer

class Cursor {
  constructor(panel) {
    Object.assign(this, { panel, at: null, drag: null });
    this.listen();
    this.hint();
  }

  listen() {
    const { plot, chart } = this.panel;
    let waiting = null;
    const point = e => {
      const p = this.panel, r = plot.getBoundingClientRect(), k = p.W / r.width;
      return [(e.clientX - r.left) * k - p.left, (e.clientY - r.top) * k - p.top];
    };
    plot.addEventListener("pointermove", e => {
      const first = waiting === null;
      waiting = point(e);
      if (first) requestAnimationFrame(() => { const at = waiting; waiting = null; this.moved(...at); });
    });
    plot.addEventListener("pointerleave", e => { if (e.pointerType !== "touch" && !this.drag && document.activeElement !== chart) this.clear(); });
    plot.addEventListener("pointerdown", e => {
      if (e.button !== 0) return;
      const [x, y] = point(e);
      if (e.pointerType === "touch") { this.moved(x, y); return; }
      this.drag = { x, y, toX: x, toY: y };
      plot.setPointerCapture(e.pointerId);
    });
    plot.addEventListener("pointerup", e => { if (this.drag) { this.moved(...point(e)); this.dropped(); } });
    plot.addEventListener("pointercancel", () => { this.drag = null; this.draw(); });
    plot.addEventListener("dblclick", () => this.panel.reset());
    chart.addEventListener("keydown", e => { if (!e.ctrlKey && !e.altKey && !e.metaKey && this.key(e.key, e.shiftKey)) e.preventDefault(); });
    chart.addEventListener("focus", () => { if (!this.at && chart.matches(":focus-visible")) this.start(); });
    chart.addEventListener("blur", () => this.clear());
  }

  hint() {
    const { curves, spec, out } = this.panel, faint = curves.filter(c => c.spec.faint).length;
    out.style.setProperty("--rows", Math.max(2, 1 + Math.min(curves.length - faint, mostRows) + Math.min(faint, mostFaint) + (spec.field ? 1 : 0)));
    out.replaceChildren(el("span", { className: "hint" }, "Point at the chart, or press Tab and the arrow keys, to read values."));
  }

  clear() {
    if (!this.at) return;
    this.at = null;
    this.hint();
    this.draw();
  }

  moved(x, y) {
    const p = this.panel;
    if (this.drag) Object.assign(this.drag, { toX: Math.min(Math.max(x, 0), p.w), toY: Math.min(Math.max(y, 0), p.h) });
    if (x < -4 || x > p.w + 4 || y < -4 || y > p.h + 4) { if (!this.drag) this.clear(); else this.draw(); return; }
    this.at = { u: p.x.lo + x / p.w * (p.x.hi - p.x.lo), v: p.y.hi - y / p.h * (p.y.hi - p.y.lo) };
    this.read();
  }

  /** stretch is what the drag covers: along one axis, or a box; or null. */
  stretch() {
    const d = this.drag;
    if (!d) return null;
    const across = Math.abs(d.toX - d.x) > 6, up = Math.abs(d.toY - d.y) > 6, p = this.panel;
    if (!across && !up) return null;
    const flat = Math.abs(d.toY - d.y) < 16 && across && !p.spec.square, thin = Math.abs(d.toX - d.x) < 16 && up && !p.spec.square;
    let [x0, x1] = thin && !flat ? [0, p.w] : [Math.min(d.x, d.toX), Math.max(d.x, d.toX)];
    let [y0, y1] = flat ? [0, p.h] : [Math.min(d.y, d.toY), Math.max(d.y, d.toY)];
    if (p.spec.square) { // a unit of x stays as long as one of y
      const size = Math.max((x1 - x0) / p.w, (y1 - y0) / p.h), cx = (x0 + x1) / 2, cy = (y0 + y1) / 2;
      [x0, x1, y0, y1] = [cx - size * p.w / 2, cx + size * p.w / 2, cy - size * p.h / 2, cy + size * p.h / 2];
    }
    return { x0, x1, y0, y1 };
  }

  dropped() {
    const s = this.stretch(), p = this.panel;
    this.drag = null;
    if (!s) { this.draw(); return; }
    const u = x => p.x.lo + x / p.w * (p.x.hi - p.x.lo), v = y => p.y.hi - y / p.h * (p.y.hi - p.y.lo);
    p.show(p.x.with(u(s.x0), u(s.x1)), p.y.with(v(s.y1), v(s.y0)));
    if (this.at) this.read();
  }

  /** place is the point that a zoom keeps where it is. */
  place() { return this.at && { u: this.at.u, v: this.at.v }; }

  key(key, fine) {
    const p = this.panel;
    switch (key) {
      case "ArrowRight": this.step(1, fine); break;
      case "ArrowLeft": this.step(-1, fine); break;
      case "ArrowUp": this.other(-1); break;
      case "ArrowDown": this.other(1); break;
      case "Home": this.end(0); break;
      case "End": this.end(1); break;
      case "+": case "=": if (!this.at) this.start(); p.zoom(0.5); this.follow(); break;
      case "-": case "_": case "−": p.zoom(2); break;
      case "0": p.reset(); break;
      case "Escape": this.drag = null; this.clear(); this.draw(); break;
      default: return false;
    }
    return true;
  }

  /** inView is the first and one past the last point of a curve that the view shows. */
  inView(c) {
    const p = this.panel, inside = k => p.px(c.u[k]) >= -0.01 && p.px(c.u[k]) <= p.w + 0.01 && p.py(c.v[k]) >= -0.01 && p.py(c.v[k]) <= p.h + 0.01;
    let from = 0, to = c.n;
    while (from < to && !inside(from)) from++;
    while (to > from && !inside(to - 1)) to--;
    return [from, to];
  }

  /** start goes to the curve with most points in view. */
  start() {
    let best = null, most = 0;
    for (const c of this.panel.curves) {
      if (!c.shown) continue;
      const [from, to] = this.inView(c), weight = (to - from) * (c.spec.faint ? 1e-3 : 1);
      if (weight > most) { most = weight; best = c; }
    }
    if (best) this.go(best, this.inView(best)[0]);
  }

  go(c, k) {
    this.at = { u: c.u[k], v: c.v[k], curve: c, k };
    this.follow();
    this.read();
  }

  /** follow moves the view along with the cursor. */
  follow() {
    const p = this.panel, a = this.at;
    if (!a) return;
    const moved = (s, u) => {
      const size = s.hi - s.lo, by = u < s.lo ? u - s.lo - 0.1 * size : u > s.hi ? u - s.hi + 0.1 * size : 0;
      return by ? s.with(s.lo + by, s.hi + by) : s;
    };
    const x = moved(p.x, a.u), y = moved(p.y, a.v);
    if (x !== p.x || y !== p.y) p.show(x, y);
  }

  /** step goes to the next point of the curve, or to the next that is some pixels away. */
  step(by, fine) {
    const p = this.panel;
    if (!this.at) { this.start(); if (!this.at) return; }
    if (!this.at.curve) this.catch();
    if (!this.at?.curve) return;
    const { curve: c, k } = this.at, x = p.px(c.u[k]), y = p.py(c.v[k]);
    let next = k + by;
    while (!fine && next + by >= 0 && next + by < c.n && Math.hypot(p.px(c.u[next]) - x, c.planar ? p.py(c.v[next]) - y : 0) < 4) next += by;
    if (next >= 0 && next < c.n) this.go(c, next);
  }

  /** catch puts the cursor of the mouse on the curve beside it. */
  catch() {
    const p = this.panel, near = this.nearby().filter(r => r.k >= 0);
    if (!near.length) return;
    near.sort((a, b) => a.distance - b.distance);
    const { curve: c, k } = near[0];
    this.at = { u: c.u[k], v: c.v[k], curve: c, k };
  }

  other(by) {
    if (!this.at) { this.start(); return; }
    const list = this.panel.curves.filter(c => c.shown && c.n);
    if (!list.length) return;
    const c = list[(list.indexOf(this.at.curve) + by + list.length) % list.length];
    const p = this.panel;
    this.go(c, Math.max(c.nearest(p, this.at.u, p.px(this.at.u), p.py(this.at.v)), 0));
  }

  end(last) {
    if (!this.at?.curve) this.start();
    if (!this.at) return;
    const c = this.at.curve, [from, to] = this.inView(c);
    if (to > from) this.go(c, last ? to - 1 : from);
  }

  /** nearby is the point of each line that the cursor reads. */
  nearby() {
    const p = this.panel, a = this.at, px = p.px(a.u), py = p.py(a.v);
    return p.curves.filter(c => c.shown && c.n).map(c => {
      const k = c === a.curve ? a.k : c.nearest(p, a.u, px, py);
      return { curve: c, k, distance: Math.hypot(p.px(c.u[k]) - px, p.py(c.v[k]) - py) };
    });
  }

  read() {
    const p = this.panel, L = p.labels;
    let rows = this.nearby();
    const near = [...rows].sort((a, b) => (b.curve === this.at.curve) - (a.curve === this.at.curve) || a.distance - b.distance);
    const kept = new Set([...near.filter(r => !r.curve.spec.faint).slice(0, mostRows), ...near.filter(r => r.curve.spec.faint).slice(0, mostFaint)]);
    rows = rows.filter(r => kept.has(r));
    const bars = rows.some(r => r.curve.low);
    const cell = (child, className) => el("span", { className }, child);
    const out = [], line = (...cells) => out.push(el("span", { className: "row" }, ...cells));
    line(el("span", { className: "key" }), cell(L.span(p.spec.xlabel || "x"), "head"), cell(L.span(p.spec.ylabel || "y"), "head"),
      ...bars ? [cell("from", "head"), cell("to", "head")] : []);
    for (const { curve: c, k } of rows) {
      const i = c.index[k], name = c.spec.name || (p.curves.length > 1 ? `line ${p.curves.indexOf(c) + 1}` : "");
      const e = el("span", { className: "row line" + (this.at.curve === c ? " at" : "") },
        cell(el("span", {}, sample(c.spec), L.span(name)), "key"), cell(number(c.x[i]), "value"), cell(number(c.y[i]), "value"),
        ...bars ? c.low ? [cell(number(c.low[i]), "value"), cell(number(c.high[i]), "value")] : [cell("", "value"), cell("", "value")] : []);
      e.dataset.line = p.curves.indexOf(c);
      e.dataset.point = i;
      out.push(e);
    }
    if (p.spec.field) {
      const v = p.fieldCell(p.px(this.at.u), p.py(this.at.v));
      if (v !== null) {
        line(cell("colour", "key"), cell("", "value"), cell(number(v), "value"), ...bars ? [cell("", "value"), cell("", "value")] : []);
        out.at(-1).classList.add("field");
      }
    }
    p.out.style.setProperty("--columns", bars ? 4 : 2);
    p.out.replaceChildren(el("span", { className: "table" }, ...out));
    this.points = rows;
    this.draw();
  }

  draw() {
    const p = this.panel, g = p.svg.querySelector(":scope > .cursor");
    if (!g) return;
    let out = "";
    if (this.at) {
      if (p.curves.some(c => c.shown && !c.planar)) {
        const x = p.px(this.at.u);
        if (x >= -0.5 && x <= p.w + 0.5) out += `<path class="hair" d="M${round(x)} 0V${p.h}"/>`;
      }
      for (const { curve: c, k } of this.points ?? []) {
        const x = p.px(c.u[k]), y = p.py(c.v[k]);
        if (x >= -1 && x <= p.w + 1 && y >= -1 && y <= p.h + 1) {
          out += `<circle class="point${this.at.curve === c ? " at" : ""}" cx="${round(x)}" cy="${round(y)}" r="${this.at.curve === c ? 6 : 4.5}" style="--c:${paint(c.spec.color)}"/>`;
        }
      }
    }
    const s = this.stretch();
    if (s) out += `<rect class="drag" x="${round(s.x0)}" y="${round(s.y0)}" width="${round(s.x1 - s.x0)}" height="${round(s.y1 - s.y0)}"/>`;
    g.innerHTML = out;
  }
}
