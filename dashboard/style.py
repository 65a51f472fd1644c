"""The few rules of style that Streamlit's own do not cover. Colours: Okabe and Ito's palette."""

CSS = """
.stApp { --mp-1: light-dark(#0072B2, #56B4E9); --mp-2: light-dark(#B84A00, #FF9E5E);
  --mp-3: light-dark(#00795A, #3FCFA4); --mp-4: light-dark(#A3527F, #E8A3CB);
  --mp-soft: light-dark(#00000010, #ffffff18); --mp-line: light-dark(#00000030, #ffffff40); }
.stMainBlockContainer { padding-top: 4.2rem; max-width: 1280px; }
.mp-timeline { width: 100%; overflow-x: auto; }
.mp-timeline svg { width: 100%; min-width: 320px; height: auto; display: block; }
.mp-timeline text { fill: currentColor; font: 13px sans-serif; }
.mp-timeline text.dim, .mp-dim { opacity: .72; }
.mp-frames { display: grid; gap: .75rem; grid-template-columns:
  repeat(auto-fill, minmax(min(100%, var(--mp-min, 180px)), 1fr)); margin: 0; }
.mp-frames figure { margin: 0; border: 1px solid var(--mp-line); border-radius: .5rem;
  overflow: hidden; background: var(--mp-soft); }
.mp-frames figure.mp-same { border: 3px solid var(--mp-1); }
.mp-frames svg, .mp-frames img { width: 100%; height: auto; display: block;
  max-height: 320px; object-fit: contain; background: #8884; }
.mp-frames figcaption { padding: .4rem .6rem .5rem; font-size: .86rem; line-height: 1.35;
  overflow-wrap: anywhere; }
.mp-answer { font-weight: 600; }
.mp-tag { display: inline-block; border: 1px solid currentColor; border-radius: .3rem;
  padding: 0 .3rem; font-size: .78rem; }
.mp-caps { width: 100%; border-collapse: collapse; font-size: .92rem; }
.mp-caps td, .mp-caps th { padding: .25rem .5rem; border-bottom: 1px solid var(--mp-line);
  text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.mp-caps td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.mp-scroll { overflow-x: auto; }
.mp-player { max-width: 100%; max-height: 300px; border-radius: .5rem; display: block;
  margin: 0 auto; background: #8884; }
.mp-diff del { color: var(--mp-2); text-decoration: line-through; }
.mp-diff ins { color: var(--mp-1); text-decoration: underline; font-weight: 700; }
.mp-meter svg { width: 100%; max-width: 460px; height: auto; display: block; }
.mp-meter text { fill: currentColor; font: 13px sans-serif; }
.mp-strip { display: flex; gap: .3rem; flex-wrap: wrap; }
.mp-strip img { height: 72px; border-radius: .25rem; border: 1px solid var(--mp-line); }
.mp-verdict { border-left: 5px solid var(--mp-1); background: var(--mp-soft);
  padding: .7rem 1rem; border-radius: .3rem; margin: 0 0 .6rem; }
.mp-verdict b { display: block; }
@media (max-width: 520px) {
  .stMainBlockContainer { padding-left: .8rem; padding-right: .8rem; }
  .mp-frames { --mp-min: 140px; }
  .stApp h1 { font-size: 1.7rem; }
}
"""
