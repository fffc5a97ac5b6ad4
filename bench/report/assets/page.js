// The figures of the page, their layout, and its buttons.

const panelTypes = { axes: AxesPanel, heatmap: HeatPanel, colorbar: BarPanel };
const gap = 20;

class Row {
  constructor(specs, figure) {
    this.panels = specs.map(s => new panelTypes[s.type](s, figure));
    this.element = el("div", { className: "panels" }, ...this.panels.map(p => p.element));
    this.bars = this.panels.filter(p => p instanceof BarPanel).length;
    this.axes = this.panels.filter(p => p instanceof AxesPanel).length;
  }

  /** layout puts the panels side by side where all have room, and else wraps them. */
  layout(width) {
    const { panels, element } = this, n = panels.length;
    const shares = panels.reduce((sum, p) => sum + p.weight, 0);
    const free = width - gap * (n - 1) - barWidth * this.bars;
    const share = p => p instanceof BarPanel ? barWidth : free * p.weight / shares;
    const wide = panels.every(p => share(p) >= p.least);
    element.classList.toggle("wide", wide);
    let widths;
    if (wide) {
      widths = panels.map(share);
      element.style.gridTemplateColumns = panels.map(p => p instanceof BarPanel ? `${barWidth}px` : `minmax(0,${p.weight}fr)`).join(" ");
    } else {
      widths = panels.map((p, i) => this.wrapped(p, panels[i + 1], width));
      panels.forEach((p, i) => { p.element.style.flexBasis = `${widths[i]}px`; });
    }
    // The plots of a row are equally high, and a colour bar is as high as what stands beside it.
    const height = Math.max(0, ...panels.map((p, i) => p.height(widths[i])));
    panels.forEach((p, i) => { if (!(p instanceof BarPanel)) p.layout(widths[i], height); });
    panels.forEach((p, i) => {
      if (!(p instanceof BarPanel)) return;
      const other = panels.slice(0, i).findLast(q => !(q instanceof BarPanel)) ?? panels.find(q => !(q instanceof BarPanel));
      const above = other && !wide ? (other.body ?? other.plot).getBoundingClientRect().top - other.element.getBoundingClientRect().top : 0;
      p.layout(widths[i], height, other && { height: other.bodyHeight ?? other.h, top: above + (other.top ?? 0) });
    });
  }

  wrapped(p, next, width) {
    if (p instanceof BarPanel) return barWidth;
    if (p instanceof AxesPanel) {
      if (width >= 2 * narrowest + gap && this.axes > 1) return Math.floor((width - gap) / 2);
      return next instanceof BarPanel && width > narrowest + barWidth + gap ? width - barWidth - gap : width;
    }
    if (p.cols > 12) return width - (next instanceof BarPanel ? barWidth + gap : 0);
    const across = Math.max(1, Math.floor((width + gap) / (130 + gap)));
    return Math.floor((width - gap * (across - 1)) / across);
  }
}

class FigureView {
  constructor(section) {
    const data = JSON.parse(section.querySelector("script[type='application/json']").textContent);
    this.labels = new Labels(data.labels);
    this.arrays = (data.arrays ?? []).map(a => Float64Array.from(a, unwrap));
    this.element = section.querySelector(".charts");
    this.rows = (data.rows ?? []).map(specs => new Row(specs, this));
    this.element.replaceChildren(...this.rows.map(r => r.element));
  }

  layout() {
    const width = this.element.clientWidth;
    if (!width || width === this.width) return;
    this.width = width;
    for (const r of this.rows) r.layout(width);
  }

  paint() {
    if (this.painted) return;
    this.painted = true;
    for (const r of this.rows) for (const p of r.panels) p.paint();
    this.element.dataset.drawn = "true";
  }
}

function start() {
  const views = new Map();
  for (const section of document.querySelectorAll("main > section")) {
    const view = new FigureView(section);
    views.set(view.element, view);
    view.layout();
  }
  // Charts are drawn as they come near, and all of them for print.
  const near = new IntersectionObserver(entries => {
    for (const e of entries) if (e.isIntersecting) { views.get(e.target).paint(); near.unobserve(e.target); }
  }, { rootMargin: "800px" });
  let due = 0;
  const resized = new ResizeObserver(() => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(() => views.forEach(v => v.layout()));
  });
  for (const [element] of views) { near.observe(element); resized.observe(element); }
  addEventListener("beforeprint", () => views.forEach(v => v.paint()));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

function themeButton() {
  const button = document.getElementById("theme"), root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  const update = () => button.setAttribute("aria-pressed", dark());
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("lowrank-theme", root.dataset.theme); } catch { /* no storage */ }
    update();
  });
  system.addEventListener("change", update);
  button.hidden = false;
  update();
}

function copyButtons() {
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    const word = button.firstChild, code = button.parentElement.querySelector("code");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        word.textContent = "Copied";
      } catch { // not allowed: select it for the user to copy
        getSelection().selectAllChildren(code);
        word.textContent = "Selected";
      }
      setTimeout(() => { word.textContent = "Copy"; }, 1500);
    });
  }
}

themeButton();
copyButtons();
start();
