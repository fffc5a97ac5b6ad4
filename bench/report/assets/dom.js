// Making elements.

/** el makes an element: properties by name, data-… and aria-… as attributes. */
function el(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (k === "style") e.style.cssText = v;
    else if (k in e) e[k] = v;
    else e.setAttribute(k, v);
  }
  e.append(...children.filter(c => c !== null && c !== undefined));
  return e;
}

/** Two colours of the palette are too dark for dark mode. */
const paint = color => ({ "#000000": "var(--ink)", "#0072b2": "var(--blue)" })[color] ?? color;

const round = v => Math.round(v * 10) / 10;

/** Labels are texts whose raised and lowered characters the page knows. */
class Labels {
  constructor(known) { this.known = new Map(Object.entries(known ?? {})); }
  plain(s) { return this.known.get(s)?.[1] ?? s; }
  /** span is an element with the text. */
  span(s, className, tag = "span") {
    const e = el(tag, className ? { className } : {});
    if (this.known.has(s)) e.innerHTML = this.known.get(s)[0]; // escaped, with sub and sup
    else e.textContent = s;
    return e;
  }
}

/** number is a number of the data with all its digits. */
const number = x => el("span", { className: "num" }, formatNumber(x));

/** place puts an element on a panel that may be scaled. */
function place(e, x, y, w, h) {
  e.style.left = `${100 * x / w}%`;
  e.style.top = `${100 * y / h}%`;
  return e;
}
