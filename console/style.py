"""The page's own style sheet: quiet colours, wide numbers, no images, no request to anywhere else."""

CSS = """
body { background: #f5f6f4; color: #1d2a33; font-family: Inter, "Segoe UI", system-ui, sans-serif; }
.nicegui-content { padding: 0; }
.cw-header { background: #16364c; align-items: baseline; gap: 14px; padding: 12px 28px; }
.cw-brand { font-size: 1.25rem; font-weight: 650; letter-spacing: .02em; }
.cw-market { opacity: .75; }
.cw-problem { color: #ffd9a0; font-size: .9rem; }
.cw-page { width: 100%; max-width: 1320px; margin: 0 auto; padding: 22px 28px 48px; gap: 18px; }
.cw-card { width: 100%; background: #fff; border: 1px solid #e3e7e4; border-radius: 10px;
  padding: 18px 20px; gap: 10px; }
.cw-title { font-size: 1.02rem; font-weight: 640; }
.cw-note { color: #64737d; font-size: .86rem; }
.cw-numbers { display: grid; width: 100%; gap: 12px;
  grid-template-columns: repeat(auto-fit, minmax(138px, 1fr)); }
.cw-number { background: #fff; border: 1px solid #e3e7e4; border-radius: 10px; padding: 12px 16px;
  gap: 0; }
.cw-figure { font-size: 1.35rem; font-weight: 620; white-space: nowrap; font-variant-numeric: tabular-nums; }
.cw-grid { display: grid; width: 100%; gap: 8px 18px; align-items: center;
  font-variant-numeric: tabular-nums; }
.cw-runs { grid-template-columns: 110px 110px minmax(120px, 1fr) 120px 120px 84px 84px; }
.cw-shorts { grid-template-columns: 100px minmax(140px, 1.1fr) 80px 80px 130px minmax(260px, 3fr); }
.cw-made { grid-template-columns: repeat(10, auto); font-size: .88rem; overflow-x: auto; }
.cw-head { color: #64737d; font-size: .78rem; text-transform: uppercase; letter-spacing: .05em; }
.cw-chip { border-radius: 999px; padding: 1px 10px; font-size: .8rem; width: fit-content;
  background: #e8ecea; }
.cw-chip.completed, .cw-chip.published { background: #d9eee0; color: #175c33; }
.cw-chip.incomplete { background: #fbeccb; color: #6e4b05; }
.cw-chip.failed, .cw-chip.cancelled { background: #f7dcd8; color: #8a2315; }
.cw-chip.solving, .cw-chip.started { background: #d7e8f5; color: #134a73; }
.cw-right { text-align: right; }
@media (max-width: 900px) { .cw-runs, .cw-shorts, .cw-made { grid-template-columns: 1fr 1fr; } }
"""
