// Colours by value, for heat maps and for fields behind curves.

const undefinedColor = [0xd0, 0xd0, 0xd0];
const rampBytes = ramp.map(c => [1, 3, 5].map(i => parseInt(c.slice(i, i + 2), 16)));

/** Tint gives values their colours between two ends. */
class Tint {
  constructor(rows, min, max, log, grey) {
    this.log = log;
    this.grey = grey;
    let lo = min, hi = max;
    if (!(lo < hi)) {
      lo = Infinity; hi = -Infinity;
      for (const row of rows) for (const v of row) if (Number.isFinite(v) && (!log || v > 0)) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
      const s = newScale(log, undefined, undefined, log ? Math.log10(lo) : lo, log ? Math.log10(hi) : hi, 0);
      [lo, hi] = [s.value(s.lo), s.value(s.hi)];
    }
    this.scale = new Scale(log, log ? Math.log10(lo) : lo, log ? Math.log10(hi) : hi);
    Object.assign(this, { lo, hi });
  }

  /** of is the colour of a value as three bytes. */
  of(v) {
    const u = this.scale.to(v);
    if (Number.isNaN(u)) return undefinedColor;
    return this.at(this.scale.at(u));
  }

  at(t) {
    t = Math.min(Math.max(t, 0), 1);
    if (this.grey) { const g = Math.round(255 * t); return [g, g, g]; }
    t *= rampBytes.length - 1;
    const i = Math.min(Math.floor(t), rampBytes.length - 2), f = t - i;
    return rampBytes[i].map((a, c) => Math.round(a * (1 - f) + rampBytes[i + 1][c] * f));
  }

  /** picture is a canvas with a pixel for each value, the first row at the top. */
  picture(rows, canvas = document.createElement("canvas")) {
    canvas.width = rows[0].length;
    canvas.height = rows.length;
    const g = canvas.getContext("2d"), image = g.createImageData(canvas.width, canvas.height);
    let k = 0;
    for (const row of rows) {
      for (const v of row) { image.data.set(this.of(v), k); image.data[k + 3] = 255; k += 4; }
    }
    g.putImageData(image, 0, 0);
    return canvas;
  }
}

/** contrast picks black or white, whichever stands out more. */
function contrast(rgb) {
  const [r, g, b] = rgb.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}

Object.assign(AxesPanel.prototype, {
  fieldRows() { return this.rows ??= this.spec.field.values.map(row => row.map(unwrap)); },

  fieldTint() {
    const f = this.spec.field;
    return this.tint ??= new Tint(this.fieldRows(), f.min, f.max, Boolean(f.log), false);
  },

  /** fieldBox is the rectangle of the field in the frame. */
  fieldBox() {
    const f = this.spec.field;
    return { x0: this.px(this.x.to(f.x0)), x1: this.px(this.x.to(f.x1)), y0: this.py(this.y.to(f.y0)), y1: this.py(this.y.to(f.y1)) };
  },

  /** paintField draws the part in view; the cells are even on the axes. */
  paintField() {
    this.pixels ??= this.fieldTint().picture([...this.fieldRows()].reverse());
    const { canvas, pixels, w, h, left, top, W, H } = this, fine = Math.max(2, window.devicePixelRatio || 1);
    canvas.width = Math.round(w * fine);
    canvas.height = Math.round(h * fine);
    place(canvas, left, top, W, H);
    canvas.style.width = `${100 * w / W}%`;
    canvas.style.height = `${100 * h / H}%`;
    const b = this.fieldBox(), g = canvas.getContext("2d");
    g.imageSmoothingEnabled = false;
    const kx = pixels.width / (b.x1 - b.x0), ky = pixels.height / (b.y0 - b.y1);
    const x0 = Math.max(b.x0, 0), x1 = Math.min(b.x1, w), y0 = Math.max(b.y1, 0), y1 = Math.min(b.y0, h);
    if (x0 >= x1 || y0 >= y1) return;
    g.drawImage(pixels, (x0 - b.x0) * kx, (y0 - b.y1) * ky, (x1 - x0) * kx, (y1 - y0) * ky, x0 * fine, y0 * fine, (x1 - x0) * fine, (y1 - y0) * fine);
  },

  /** fieldCell is the cell at a place of the frame, or null. */
  fieldCell(px, py) {
    const b = this.fieldBox(), rows = this.fieldRows();
    const i = Math.floor((b.y0 - py) / (b.y0 - b.y1) * rows.length), j = Math.floor((px - b.x0) / (b.x1 - b.x0) * rows[0].length);
    return rows[i]?.[j] === undefined ? null : rows[i][j];
  },

  /** contours draws the level lines through the middles of the cells. */
  contours() {
    const rows = this.fieldRows(), b = this.fieldBox(), tint = this.fieldTint();
    const x = j => b.x0 + (j + 0.5) / rows[0].length * (b.x1 - b.x0), y = i => b.y0 - (i + 0.5) / rows.length * (b.y0 - b.y1);
    let out = "";
    for (const level of this.spec.field.levels.map(unwrap)) {
      let d = "";
      for (let i = 0; i + 1 < rows.length; i++) {
        for (let j = 0; j + 1 < rows[0].length; j++) {
          const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]], cuts = [];
          for (let k = 0; k < 4; k++) {
            const [a, b] = [corners[k], corners[(k + 1) % 4]], va = rows[a[0]][a[1]], vb = rows[b[0]][b[1]];
            if (va >= level === vb >= level) continue;
            const t = tint.log && va > 0 && vb > 0 && level > 0 ? Math.log(level / va) / Math.log(vb / va) : (level - va) / (vb - va);
            if (Number.isFinite(t)) cuts.push([x(a[1] + t * (b[1] - a[1])), y(a[0] + t * (b[0] - a[0]))]);
          }
          for (let k = 0; k + 1 < cuts.length; k += 2) d += `M${round(cuts[k][0])} ${round(cuts[k][1])}L${round(cuts[k + 1][0])} ${round(cuts[k + 1][1])}`;
        }
      }
      out += `<path class="contour" stroke="${contrast(tint.of(level))}" d="${d}"/>`;
    }
    return out;
  },
});
