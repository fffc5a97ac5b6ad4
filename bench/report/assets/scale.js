// Scales, their ticks, and how numbers are written.

/** A scale maps values to the stretch from 0 to 1. The limits of a logarithmic one are exponents of ten. */
class Scale {
  constructor(log, lo, hi) { this.log = log; this.lo = lo; this.hi = hi; }
  /** to is the place of a value between lo and hi, NaN where it cannot be drawn. */
  to(v) { return Number.isFinite(v) && (!this.log || v > 0) ? (this.log ? Math.log10(v) : v) : NaN; }
  value(u) { return this.log ? 10 ** u : u; }
  at(u) { return (u - this.lo) / (this.hi - this.lo); }
  with(lo, hi) { return new Scale(this.log, lo, hi); }
}

function tooClose(lo, hi, log) {
  return !(hi - lo > (log ? 1e-6 : Math.max(1e-300, 1e-9 * Math.max(Math.abs(lo), Math.abs(hi)))));
}

/** newScale takes each limit from the caller or else, with a little padding, from the data. */
function newScale(log, fixedLo, fixedHi, lo, hi, pad) {
  if (!(lo <= hi)) [lo, hi] = log ? [0, 1] : [0, 1];
  const s = new Scale(log, lo, hi);
  if (fixedLo !== undefined) s.lo = s.to(fixedLo);
  if (fixedHi !== undefined) s.hi = s.to(fixedHi);
  const keepLo = fixedLo !== undefined, keepHi = fixedHi !== undefined;
  let by = pad * (s.hi - s.lo);
  if (tooClose(s.lo, s.hi, log)) by = log ? 0.5 : Math.abs(keepHi && !keepLo ? s.hi : s.lo) / 2 || 1;
  if (!keepLo) s.lo -= by;
  if (!keepHi) s.hi += by;
  return s;
}

/** formatNumber writes the digits that a CSV file has. */
function formatNumber(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0";
  if (Number.isInteger(x) && Math.abs(x) < 1e15) return String(x);
  const [digits, e] = x.toExponential().split("e");
  if (e >= -4 && e < 6) return String(x);
  return digits + "e" + e[0] + e.slice(1).padStart(2, "0");
}

const minus = s => s.replaceAll("-", "−");

const ruler = document.createElement("canvas").getContext("2d");
const fontFamily = "system-ui, sans-serif";

/** textWidth is that of a text in pixels. */
function textWidth(s, size = 12) {
  ruler.font = `${size}px ${fontFamily}`;
  return ruler.measureText(s).width;
}

const tickWidth = t => t.main === undefined ? 0 : textWidth(t.main) + (t.sup ? textWidth(t.sup, 9) : 0);

/**
 * ticks returns the densest ticks whose labels fit a length: {at, main, sup}, without main for minor ones. Where
 * values are given they lie at these.
 */
function ticks(scale, length, across, values) {
  let last = [];
  for (const set of values ? given(scale, values) : candidates(scale)) {
    if (!set.length) continue;
    last = set;
    let end = -Infinity, fits = true;
    for (const t of set) {
      if (t.main === undefined) continue;
      const half = across ? tickWidth(t) / 2 : 0, at = t.at * length;
      if (at - half < end + (across ? 14 : 20)) { fits = false; break; }
      end = at + half;
    }
    if (fits) return set;
  }
  return last;
}

/** given are ticks at these values, every one with a label, then every second, every third … */
function* given(s, values) {
  for (let every = 1; every <= values.length; every++) {
    yield values.map((v, i) => ({ at: s.at(s.to(v)), ...i % every === 0 ? { main: minus(formatNumber(v)) } : {} }))
      .filter(t => t.at > -1e-9 && t.at < 1 + 1e-9);
  }
}

function* candidates(s) {
  if (!s.log) { yield* linear(s, s.lo, s.hi, v => v); return; }
  const first = Math.ceil(s.lo - 1e-9), last = Math.floor(s.hi + 1e-9);
  if (last > first) {
    for (const every of [1, 2, 3, 5, 10, 20, 50, 100, 200]) yield decades(s, first, last, every);
    return;
  }
  for (const digits of [[1, 2, 3, 5], [1, 2, 5], [1, 3], [1]]) {
    const set = withinDecade(s, first - 1, last + 1, digits);
    if (set.filter(t => t.main !== undefined).length >= 2) yield set;
  }
  const lo = 10 ** s.lo, hi = 10 ** s.hi;
  if (hi < 1e300 && !tooClose(lo, hi, false)) yield* linear(s, lo, hi, Math.log10);
}

const power = (e, main = "10") => ({ main, sup: minus(String(e)) });

function decades(s, first, last, every) {
  const out = [], step = Math.max(Math.floor(every / 5), 1);
  const add = (u, label) => { const at = s.at(u); if (at > -1e-9 && at < 1 + 1e-9) out.push({ at, ...label }); };
  for (let e = first - 1; e <= last; e++) {
    if (e % every === 0) add(e, power(e));
    else if (e % step === 0) add(e, {});
    if (every === 1) for (let m = 2; m <= 9; m++) add(e + Math.log10(m), {});
  }
  return out;
}

function withinDecade(s, first, last, digits) {
  const out = [];
  for (let e = first; e <= last; e++) {
    for (let m = 1; m <= 9; m++) {
      const at = s.at(e + Math.log10(m));
      if (at < -1e-9 || at > 1 + 1e-9) continue;
      out.push({ at, ...digits.includes(m) ? power(e, m > 1 ? m + "×10" : "10") : {} });
    }
  }
  return out;
}

function* linear(s, lo, hi, place) {
  for (const n of [10, 8, 6, 5, 4, 3, 2]) {
    const raw = (hi - lo) / n;
    let e = Math.floor(Math.log10(raw));
    let digit = [1, 2, 5, 10].find(d => Number(`${d}e${e}`) >= raw * (1 - 1e-9)) ?? 10;
    if (digit === 10) { digit = 1; e++; }
    const step = Number(`${digit}e${e}`);
    if (!(step > 0 && step < Infinity)) continue;
    const ms = [];
    for (let k = Math.ceil(lo / step - 1e-9); k <= Math.floor(hi / step + 1e-9) && ms.length < 50; k++) ms.push(k * digit);
    if (ms.length < 2) continue;
    const most = Math.max(...ms.map(m => String(Math.abs(m)).length)), top = e + most - 1;
    yield ms.map(m => ({ at: s.at(place(Number(`${m}e${e}`))), ...decimal(m, e, top, most) }));
  }
}

/** decimal labels m×10^e with as many decimals as its neighbours have. */
function decimal(m, e, top, most) {
  if (top >= 6 || top < -4) return m === 0 ? { main: "0" } : power(top, minus(Number(`${m}e${e - top}`).toFixed(most - 1)) + "×10");
  return { main: minus(Number(`${m}e${e}`).toFixed(Math.max(0, -e))) };
}
