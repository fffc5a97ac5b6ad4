// A panel that shows the scale of the heat maps beside it.

const barWidth = 78;

class BarPanel {
  constructor(spec, figure) {
    Object.assign(this, { spec, weight: 0, least: barWidth });
    this.svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.svg.setAttribute("role", "img");
    this.svg.setAttribute("aria-label", `Colours from ${formatNumber(spec.min)} to ${formatNumber(spec.max)}`);
    this.tint = new Tint([[]], spec.min, spec.max, Boolean(spec.log), Boolean(spec.grey));
    this.element = el("div", { className: "panel bar" }, el("div", { className: "inner" }, this.svg, figure.labels.span(spec.label, "ylabel")));
  }

  height() { return 0; }

  layout(width, height, beside) {
    const h = Math.round(beside?.height || height || 160), w = 54, pad = 8;
    this.element.firstChild.style.marginTop = `${(beside?.top ?? 0) - pad}px`;
    this.svg.setAttribute("viewBox", `0 0 ${w} ${h + 2 * pad}`);
    this.svg.style.width = `${w}px`;
    this.svg.style.height = `${h + 2 * pad}px`;
    let out = "";
    const steps = 96;
    for (let i = steps - 1; i >= 0; i--) { // each reaches the bottom, so that no seam shows
      const y = h * (1 - (i + 1) / steps);
      out += `<rect x="0.5" y="${round(pad + y)}" width="14" height="${round(h * (i + 1) / steps)}" fill="rgb(${this.tint.at((i + 0.5) / steps).join()})"/>`;
    }
    let d = `M0.5 ${pad}h14v${h}h-14z`;
    for (const t of ticks(this.tint.scale, h, false)) {
      const y = pad + (1 - t.at) * h;
      d += `M14.5 ${round(y)}h${t.main === undefined ? 2 : 4}`;
      out += tickText(t, 21, y + 4, "start");
    }
    this.svg.innerHTML = `${out}<path class="frame" d="${d}"/>`;
  }

  paint() { this.painted = true; }
}
