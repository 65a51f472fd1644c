"""What is wrong with the looks of a page that is open in a browser, as a list of sentences.

Each rule is a fault that people have seen: the page scrolls sideways, text is cut off, stands one
character a line or one word a line in a table, letters are too pale to be read, English is left on
a Chinese page. What is drawn on a canvas (the table of runs) or as outlines has no text that a
script can see.
"""

from typing import Any

CONTRAST = 4.5
"""Least contrast of letters to their ground (WCAG 2.2, 1.4.3, level AA); 3 where they are large."""

_FAULTS = """
([least, chinese]) => {
  const found = [], wide = document.documentElement.clientWidth;
  const named = (e, text) => `${e.tagName.toLowerCase()}.${(e.getAttribute('class') || '')
    .split(' ').slice(-1)} "${text.trim().slice(0, 60)}"`;
  const parse = colour => {
    const n = (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
    const rgb = colour.startsWith('color(') ? n.slice(0, 3).map(v => 255 * v) : n.slice(0, 3);
    return {rgb, a: n.length > 3 ? n[3] : 1};
  };
  const over = (top, under) => top.rgb.map((v, i) => v * top.a + under[i] * (1 - top.a));
  const luminance = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const chain = e => { const all = []; for (; e; e = e.parentElement) all.unshift(e); return all; };
  const scrolls = e => chain(e).some(p => p !== document.documentElement && p !== document.body
    && p.dataset.testid !== 'stMain' && ['auto', 'scroll'].includes(getComputedStyle(p).overflowX)
    && p.clientWidth <= wide);
  // Whether an ancestor shows only a part, and this text not whole.
  const dotted = e => chain(e).slice(-3).some(
    p => getComputedStyle(p).textOverflow === 'ellipsis' && p.closest('[title],[aria-label]'));
  const hidden = (e, box) => !dotted(e) && chain(e).some(p => {
    const style = getComputedStyle(p);
    if (!['hidden', 'clip'].includes(style.overflowX) || style.textOverflow === 'ellipsis')
      return false;
    const b = p.getBoundingClientRect();
    return b.width > 8 && b.height > 8 && (box.right > b.right + 2 || box.left < b.left - 2);
  });
  const main = document.querySelector('[data-testid=stMain]');
  for (const e of [document.documentElement, main])
    if (e && e.scrollWidth > e.clientWidth + 1)
      found.push(`scrolls sideways: ${e.tagName} is ${e.scrollWidth} wide in ${e.clientWidth}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data, e = walker.currentNode.parentElement;
    if (!/[\\p{L}\\p{N}]/u.test(text) || !e) continue;
    if (e.closest('script,style,noscript,iframe,title')) continue;
    if (!e.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || box.bottom < 0) continue;
    if (e.closest('[data-testid=stIconMaterial],[data-testid=stSidebar][data-collapsed=true]'))
      continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    const clipped = chain(e).some(p => {
      const s = getComputedStyle(p);
      return s.position === 'absolute' && p.clientWidth <= 1 && p.clientHeight <= 1;
    });
    if (clipped) continue;  // for screen readers only
    const slides = scrolls(e);
    if (!slides && !dotted(e) && (box.right > wide + 1 || box.left < -1))
      found.push(`wider than the window: ${named(e, text)} to ${Math.round(box.right)}`);
    else if (!slides && hidden(e, box)) found.push(`cut off: ${named(e, text)}`);
    const lines = range.getClientRects();
    const rows = new Set([...lines].map(b => Math.round(b.top))).size;
    const letters = [...text.trim()].length;
    if (letters >= 6 && rows >= 4 && letters / rows < 2.5)
      found.push(`${rows} lines for ${letters} letters: ${named(e, text)}`);
    else if (e.closest('td') && rows >= 5 && letters / rows < 7)
      found.push(`a narrow cell, ${rows} lines: ${named(e, text)}`);
    // Contrast: grounds blended from the page up, opacity as CSS groups it.
    const off = e.closest('[disabled],[aria-disabled=true],input:disabled');
    let ground = [255, 255, 255], pale = 1, picture = false;
    for (const p of chain(e)) {
      const s = getComputedStyle(p);
      if (s.backgroundImage !== 'none' && p !== document.body) picture = true;
      const own = parse(s.backgroundColor), b = p.getBoundingClientRect();
      const whole = p === document.documentElement || p === document.body || p.contains(main);
      const under = whole || b.left < box.right && b.right > box.left
        && b.top < box.bottom && b.bottom > box.top;  // a number over a knob stands beside it
      if (own.a && under) { ground = over({rgb: own.rgb, a: own.a * pale}, ground); }
      pale *= parseFloat(s.opacity);
    }
    if (!off && !picture && !e.closest('.mp-key')) {
      const ink = parse(e.closest('svg text') ? style.fill : style.color);
      const seen = over({rgb: ink.rgb, a: ink.a * pale}, ground);
      const [a, b] = [luminance(seen), luminance(ground)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : least) - 0.05)
        found.push(`contrast ${ratio.toFixed(1)}: ${named(e, text)}`);
    }
    if (chinese && !e.closest('code,pre,.mp-answer,[translate=no],[data-testid=stJson]')) {
      const whole = (e.closest('p,td,th,button,label,option,li') || e).innerText || text;
      if (!/[\\u3400-\\u9fff]/.test(whole) && /([A-Za-z]{2,}[ ,.;:]+){3}[A-Za-z]/.test(whole))
        found.push(`English on a Chinese page: ${named(e, whole)}`);
    }
  }
  for (const e of document.querySelectorAll('img')) {
    const box = e.getBoundingClientRect();
    if (e.checkVisibility() && !scrolls(e) && box.width && box.right > wide + 1)
      found.push(`picture wider than the window: ${e.alt.slice(0, 60)}`);
  }
  return [...new Set(found)];
}
"""


def faults(page: Any, language: str = "en") -> list[str]:
    """What is wrong with the page as it stands; [] = nothing that these rules see."""
    return list(page.evaluate(_FAULTS, [CONTRAST, language == "zh"]))
