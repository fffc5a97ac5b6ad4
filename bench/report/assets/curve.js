// The points of a line: drawn, thinned, found again.

class Curve {
  constructor(spec, arrays, x, y) {
    Object.assign(this, { spec, x: arrays[spec.x], y: arrays[spec.y], shown: true });
    if (spec.low !== undefined) { this.low = arrays[spec.low]; this.high = arrays[spec.high]; }
    const n = this.x.length, u = new Float64Array(n), v = new Float64Array(n), index = new Int32Array(n);
    let m = 0, up = 0, down = 0;
    for (let i = 0; i < n; i++) {
      const a = x.to(this.x[i]), b = y.to(this.y[i]);
      if (Number.isNaN(a) || Number.isNaN(b)) continue;
      if (m > 0) { if (a > u[m - 1]) up++; else if (a < u[m - 1]) down++; }
      u[m] = a; v[m] = b; index[m++] = i;
    }
    // What can be drawn, in the units of the scales; index tells where it breaks.
    this.u = u.subarray(0, m); this.v = v.subarray(0, m); this.index = index.subarray(0, m); this.n = m;
    if (up === 0 && down > 0) for (const a of [this.u, this.v, this.index]) a.reverse();
    const sorted = (up === 0 || down === 0) && 2 * (up + down) >= m - 1;
    this.planar = Boolean(spec.noline) || !sorted;
    this.sorted = up === 0 || down === 0;
  }

  /** first is the number of points before u. */
  first(u) {
    let lo = 0, hi = this.n;
    while (lo < hi) { const k = (lo + hi) >> 1; if (this.u[k] < u) lo = k + 1; else hi = k; }
    return lo;
  }

  /** range is the points in view and one more at either side. */
  range(view) {
    return this.sorted ? [Math.max(this.first(view.x.lo) - 1, 0), Math.min(this.first(view.x.hi) + 2, this.n)] : [0, this.n];
  }

  /** nearest is the point to read at a place: along x, or in the plane. */
  nearest(view, u, px, py) {
    if (!this.n) return -1;
    if (!this.planar) {
      const k = Math.min(this.first(u), this.n - 1);
      return k > 0 && u - this.u[k - 1] <= this.u[k] - u ? k - 1 : k;
    }
    let best = -1, least = Infinity;
    for (let k = 0; k < this.n; k++) {
      const dx = view.px(this.u[k]) - px, dy = view.py(this.v[k]) - py, d = dx * dx + dy * dy;
      if (d < least) { least = d; best = k; }
    }
    return best;
  }

  /** path is the line as SVG, thinned to what shows and cut where it leaves the view; and the points that stand alone. */
  path(view) {
    const pen = new Pen(view.w, view.h);
    const [from, to] = this.range(view);
    let k = from;
    while (k < to) { // piece by piece
      let end = k + 1;
      while (end < to && Math.abs(this.index[end] - this.index[end - 1]) === 1) end++;
      pen.lift();
      if (end - k === 1 && !this.spec.marker) pen.dot(view.px(this.u[k]), view.py(this.v[k]));
      else if (this.sorted && end - k > 4 * view.w) this.columns(pen, view, k, end);
      else this.steps(pen, view, k, end);
      k = end;
    }
    return pen;
  }

  /** columns keeps within each half pixel the first point, the lowest, the highest and the last. */
  columns(pen, view, from, to) {
    for (let k = from; k < to;) {
      const column = Math.floor(2 * view.px(this.u[k]));
      let low = k, high = k, end = k;
      while (end < to && Math.floor(2 * view.px(this.u[end])) === column) {
        if (this.v[end] < this.v[low]) low = end;
        if (this.v[end] > this.v[high]) high = end;
        end++;
      }
      let kept = -1;
      for (const i of [k, Math.min(low, high), Math.max(low, high), end - 1]) {
        if (i > kept) { pen.to(view.px(this.u[i]), view.py(this.v[i])); kept = i; }
      }
      k = end;
    }
  }

  /** steps leaves out what lies on the point before. */
  steps(pen, view, from, to) {
    let x = NaN, y = NaN;
    for (let k = from; k < to; k++) {
      const a = view.px(this.u[k]), b = view.py(this.v[k]);
      if (k < to - 1 && Math.abs(a - x) < 0.3 && Math.abs(b - y) < 0.3) continue;
      pen.to(a, b);
      x = a; y = b;
    }
  }

  /** markers is the shapes at the points in view, one for each spot of a few pixels. */
  markers(view, shape, r) {
    const seen = new Set(), [from, to] = this.range(view);
    const cell = to - from > 500 ? 2 : 0.25;
    let d = "";
    for (let k = from; k < to; k++) {
      const x = view.px(this.u[k]), y = view.py(this.v[k]);
      if (!(x >= -r && x <= view.w + r && y >= -r && y <= view.h + r)) continue;
      const spot = Math.round(x / cell) * 1e6 + Math.round(y / cell);
      if (seen.has(spot)) continue;
      seen.add(spot);
      d += shapes[shape](round(x), round(y), r);
    }
    return d;
  }

  /** bars is the error bars in view. */
  bars(view, y) {
    let d = "";
    const [from, to] = this.range(view);
    for (let k = from; k < to; k++) {
      const low = this.low[this.index[k]], high = this.high[this.index[k]];
      if (Number.isNaN(low) || Number.isNaN(high)) continue;
      const x = round(view.px(this.u[k])), far = 10 * view.h;
      const end = (v, out) => { const at = view.py(y.to(v)); return Number.isNaN(at) ? out : round(Math.min(Math.max(at, -far), far)); };
      const a = end(low, view.h + 20), b = end(high, -20);
      if (x < -5 || x > view.w + 5) continue;
      d += `M${x} ${a}V${b}M${x - 3.5} ${a}h7M${x - 3.5} ${b}h7`;
    }
    return d;
  }
}

/** Pen writes a path and cuts it at a frame somewhat larger than the view. */
class Pen {
  constructor(w, h) { Object.assign(this, { x0: -w, x1: 2 * w, y0: -h, y1: 2 * h, d: "", dots: "" }); this.lift(); }
  lift() { this.down = false; this.last = null; }
  dot(x, y) { if (this.inside(x, y)) this.dots += `M${round(x)} ${round(y)}h0.01`; }
  inside(x, y) { return x >= this.x0 && x <= this.x1 && y >= this.y0 && y <= this.y1; }
  to(x, y) {
    const p = this.last;
    this.last = [x, y];
    if (!p) { this.down = false; if (this.inside(x, y)) { this.d += `M${round(x)} ${round(y)}`; this.down = true; } return; }
    const cut = clip(p[0], p[1], x, y, this.x0, this.y0, this.x1, this.y1);
    if (!cut) { this.down = false; return; }
    if (!this.down) this.d += `M${round(cut[0])} ${round(cut[1])}`;
    this.d += `L${round(cut[2])} ${round(cut[3])}`;
    this.down = cut[2] === x && cut[3] === y;
  }
}

/** clip is the part of a segment inside a box, or null. */
function clip(ax, ay, bx, by, x0, y0, x1, y1) {
  if (ax >= x0 && ax <= x1 && ay >= y0 && ay <= y1 && bx >= x0 && bx <= x1 && by >= y0 && by <= y1) return [ax, ay, bx, by];
  let s = 0, t = 1;
  const dx = bx - ax, dy = by - ay;
  for (const [p, q] of [[-dx, ax - x0], [dx, x1 - ax], [-dy, ay - y0], [dy, y1 - ay]]) {
    if (p === 0) { if (q < 0) return null; continue; }
    const r = q / p;
    if (p < 0) s = Math.max(s, r); else t = Math.min(t, r);
    if (s > t) return null;
  }
  return [ax + s * dx, ay + s * dy, t === 1 ? bx : ax + t * dx, t === 1 ? by : ay + t * dy];
}

const disc = (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
const box = (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
const shapes = {
  dot: (x, y, r) => disc(x, y, round(r * 0.75)),
  circle: disc,
  square: (x, y, r) => box(x, y, round(r * 0.9)),
  opensquare: (x, y, r) => box(x, y, round(r * 0.9)),
  triangle: (x, y, r) => `M${x} ${round(y - 1.15 * r)}L${round(x + 1.05 * r)} ${round(y + 0.7 * r)}H${round(x - 1.05 * r)}z`,
  diamond: (x, y, r) => `M${x} ${round(y - 1.2 * r)}l${round(1.2 * r)} ${round(1.2 * r)}l${round(-1.2 * r)} ${round(1.2 * r)}l${round(-1.2 * r)} ${round(-1.2 * r)}z`,
  cross: (x, y, r) => `M${x - r} ${y - r}l${2 * r} ${2 * r}M${x - r} ${y + r}l${2 * r} ${-2 * r}`,
};
const open = { circle: true, opensquare: true, cross: true };
