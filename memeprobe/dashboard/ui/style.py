"""The few rules of style that Streamlit's own do not cover. Colours: Okabe and Ito's palette."""

CSS = """
.stApp { --mp-1: light-dark(#0072B2, #56B4E9); --mp-2: light-dark(#B84A00, #FF9E5E);
  --mp-3: light-dark(#00795A, #3FCFA4); --mp-4: light-dark(#A3527F, #E8A3CB);
  --mp-soft: light-dark(#00000010, #ffffff18); --mp-line: light-dark(#00000030, #ffffff40);
  --mp-on: light-dark(#ffffff, #06141d); }
/* Streamlit's own is white on light blue in dark, 2.3 to 1. */
.stApp [data-testid^=stBaseButton-primary]:not(:disabled),
.stApp [data-testid=stMultiSelectTagsContainer] [data-tag] { color: var(--mp-on); }
/* Streamlit's own is 3.9 to 1 in light, under the pointer that has just chosen it. */
.stApp [role=radio][data-selected=true][data-hovered=true] { color: light-dark(#005A8C, #8FD0F5); }
/* Streamlit's own is 3.7 to 1 in light. */
.stApp [data-testid=stVegaLiteChart] svg text { fill: light-dark(#565b6b, #e6eaf1); }
.st-key-mp_document { display: none; }
/* On a phone the pages' links lie left of the screen, where Tab still reached them. */
[data-testid=stSidebar][data-collapsed=true] { visibility: hidden; }
.stMainBlockContainer { padding-top: 4.2rem; max-width: 1280px; }
.mp-timeline { width: 100%; font-size: .85rem; margin-bottom: .4rem; }
.mp-row { display: grid; grid-template-columns: 5.4rem 1fr; margin-bottom: .25rem; }
.mp-row > span { opacity: .75; padding-top: .2rem; }
.mp-row > div { position: relative; height: 1.8rem; background: var(--mp-soft);
  border-radius: .25rem; }
.mp-row i { position: absolute; font-style: normal; box-sizing: border-box; }
.mp-axis > div { height: 1.3rem; background: none; }
.mp-axis i { opacity: .75; border-left: 1px solid var(--mp-line); padding-left: .2rem;
  white-space: nowrap; font-variant-numeric: tabular-nums; }
.mp-key { top: .15rem; height: 1.5rem; min-width: .75rem; background: var(--mp-1);
  border-radius: .15rem; }
.mp-key { box-shadow: inset 1px 0 #fff8; }
.mp-key b { position: absolute; left: 3px; line-height: 1.5rem; color: var(--mp-on); }
.mp-bar { height: 1.7rem; min-width: 4px; padding: .12rem .3rem; overflow: hidden;
  white-space: nowrap; text-overflow: ellipsis; border-radius: .2rem; border: 2px solid; }
.mp-c0 { border-color: var(--mp-1); } .mp-c1 { border: 2px dashed var(--mp-2); }
.mp-c2 { border: 2px dotted var(--mp-3); } .mp-c3 { border: 4px double var(--mp-4); }
.mp-span { top: 0; height: 100%; background: var(--mp-3); opacity: .3; }
.mp-timeline .mp-dim, .mp-dim { opacity: .75; }
.mp-frame { position: relative; margin: 0 auto; }
.mp-frame img { width: 100%; height: auto; display: block; }
.mp-box { position: absolute; box-sizing: border-box; box-shadow: 0 0 0 1px #000a; }
.mp-caption { border: 2px solid #56B4E9; } .mp-other { border: 2px dashed #F0E442; }
.mp-frames { display: grid; gap: .75rem; margin: 0;
  grid-template-columns: repeat(auto-fill, minmax(max(130px, 25% - .75rem), 1fr)); }
.mp-frames figure { margin: 0; border: 1px solid var(--mp-line); border-radius: .5rem;
  overflow: hidden; background: var(--mp-soft); }
.mp-frames figure.mp-same { border: 3px solid var(--mp-1); }
.mp-frames figcaption { padding: .4rem .6rem .5rem; font-size: .86rem; line-height: 1.35;
  overflow-wrap: anywhere; }
.mp-answer { font-weight: 600; }
.mp-brief { display: -webkit-inline-box; -webkit-box-orient: vertical; -webkit-line-clamp: 5;
  overflow: hidden; vertical-align: top; }
.mp-frames a, .mp-table a, .mp-said a { color: var(--mp-1); }
.mp-tag { display: inline-block; border: 1px solid currentColor; border-radius: .3rem;
  padding: 0 .3rem; font-size: .78rem; }
.mp-table { width: 100%; border-collapse: collapse; font-size: .92rem; }
.mp-table td, .mp-table th { padding: .25rem .5rem; border-bottom: 1px solid var(--mp-line);
  text-align: left; vertical-align: top; overflow-wrap: break-word; min-width: 4.2em; }
.mp-flip, .mp-said, .mp-first, .mp-verdict { overflow-wrap: anywhere; }
.mp-short { white-space: nowrap; font-variant-numeric: tabular-nums; }
.mp-facts { min-width: 9em; }
.mp-scroll { overflow-x: auto; }
.mp-player { max-width: 100%; max-height: 300px; border-radius: .5rem; display: block;
  margin: 0 auto; background: #8884; }
.mp-said { margin: .5rem 0; }
.mp-said a { color: var(--mp-1); }
.mp-diff del + ins { margin-left: .25em; }
.mp-diff del { color: var(--mp-2); text-decoration: line-through; }
.mp-diff ins { color: var(--mp-1); text-decoration: underline; font-weight: 700; }
.mp-first { border-left: 5px solid var(--mp-2); background: var(--mp-soft);
  padding: .5rem .9rem; border-radius: .3rem; margin: 0 0 .4rem; }
.mp-strip { display: flex; gap: .3rem; flex-wrap: wrap; }
.mp-table .mp-strip { min-width: calc(min(var(--n), 4) * 4.85rem); }
.mp-strip img { height: 72px; max-width: min(100%, 220px); object-fit: contain;
  border-radius: .25rem; border: 1px solid var(--mp-line); }
.mp-flip { border: 1px solid var(--mp-line); border-radius: .5rem; padding: .5rem .9rem .2rem;
  margin: 0 0 .7rem; }
.mp-flip p { margin: 0 0 .4rem; } .mp-flip a { color: var(--mp-1); }
.mp-sides { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }
.mp-verdict { border-left: 5px solid var(--mp-1); background: var(--mp-soft);
  padding: .7rem 1rem; border-radius: .3rem; margin: 0 0 .6rem; }
.mp-verdict b { display: block; }
@media (max-width: 520px) {
  .stMainBlockContainer { padding-left: .8rem; padding-right: .8rem; }
  .mp-row { grid-template-columns: 1fr; }
  .mp-table td, .mp-table th { padding: .25rem .3rem; min-width: 3.4em; }
  .mp-table:has(th:nth-child(5)) :is(td, th) { min-width: 5em; }
  .mp-table:has(th:nth-child(5)) td:not(:has(.mp-short, .mp-strip)) { min-width: 7em; }
  .mp-table:has(th:nth-child(5)) td:last-child:not(:has(.mp-short)) { min-width: 13em; }
  .mp-table:has(th:nth-child(5)) td:first-child { min-width: 8em; }
  .mp-sides .mp-strip { min-width: 0; }
  .mp-sides .mp-strip img { height: 30px; }
  .mp-strip, .mp-table .mp-strip { gap: .2rem; min-width: calc(min(var(--n), 4) * 2.46rem); }
  .mp-strip img { height: 36px; }
  .mp-records tr { display: block; padding: .4rem 0; border-bottom: 1px solid var(--mp-line); }
  .mp-table.mp-records tr td { display: block; min-width: 0; padding: .1rem 0; border: 0;
    overflow-wrap: anywhere; }
  .mp-table.mp-records :is(tr:has(th), tr td:empty, tr td[data-none]) { display: none; }
  .mp-records td:first-child { font-weight: 600; }
  .mp-records td:not(:first-child)::before { content: attr(data-head); opacity: .75; }
  .mp-records td:has(.mp-strip)::before { display: none; }
  .mp-records td > div:not(.mp-strip) { display: inline; }
  .mp-records .mp-strip { display: inline-flex; vertical-align: middle; margin-right: .5rem; }
  .stApp h1 { font-size: 1.7rem; }
}
"""
