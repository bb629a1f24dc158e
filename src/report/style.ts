/**
 * The report's style sheet. Colours of frames are OML's: blue query, green correct, red wrong, black unknown, gray missed. On a dark page
 * black turns to white and the others to lighter tones, so that every frame keeps its contrast.
 */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--panel:#fff;--ink:#15181d;--soft:#59626e;--line:#dfe3e8;--mat:#fff;--accent:#0b5cd5;--bar:#c5d9f7;
--query:#0b5cd5;--correct:#1a7f37;--wrong:#c81e2b;--unknown:#000;--missed:#6b7480;--on:#fff;--warn:#fff6dc;--warn-line:#e0b540;--warn-ink:#5c4300}
@media (prefers-color-scheme:dark){:root{--bg:#0e1116;--panel:#171b22;--ink:#e8ecf1;--soft:#9aa5b3;--line:#2b323c;--mat:#fff;--accent:#7ab0ff;--bar:#274472;
--query:#5c9dff;--correct:#3fb950;--wrong:#ff6b66;--unknown:#fff;--missed:#8d97a4;--on:#0e1116;--warn:#2c2410;--warn-line:#8a6a12;--warn-ink:#f2d58a}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Open Sans",sans-serif}
main,.top>div,footer{max-width:1320px;margin:0 auto;padding:0 24px}
h1,h2,h3,h4,p,dl,dd,figure,ul{margin:0}
h1{font-size:26px;line-height:1.25;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:19px;font-weight:650;margin:36px 0 14px;overflow-wrap:anywhere}
h3{font-size:15px;font-weight:650}
.num{white-space:nowrap}
.num,.value,.score,.facts dd{font-variant-numeric:tabular-nums}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.top{background:var(--panel);border-bottom:1px solid var(--line);padding:26px 0 20px}
.brand{font-size:12px;font-weight:600;letter-spacing:.08em;text-transform:uppercase;color:var(--accent);margin-bottom:4px}
.facts{display:flex;flex-wrap:wrap;gap:8px 32px;margin-top:16px}
.facts dt{font-size:12px;color:var(--soft)}
.facts dd{font-size:17px;font-weight:600}
.chain{display:flex;flex-wrap:wrap;align-items:center;gap:6px 8px;margin:16px 0 0;padding:0;list-style:none;font-size:13px}
.chain li{position:relative;border:1px solid var(--line);border-radius:6px;padding:2px 9px;background:var(--bg);overflow-wrap:anywhere}
.chain li+li{margin-left:18px}
.chain li+li::before{content:"→";position:absolute;left:-20px;color:var(--soft);font-weight:400}
.chain .state{background:none;border-color:transparent;font-weight:650;padding-inline:0}
.chain .effect{display:block;color:var(--soft);font-size:12px}
nav{display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:16px;font-size:14px}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
.warnings{margin-top:24px;padding:12px 18px;background:var(--warn);color:var(--warn-ink);border:1px solid var(--warn-line);border-radius:10px;overflow-wrap:anywhere}
.warnings h2{font-size:14px;margin:0 0 4px}
.warnings ul{padding-left:18px}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:12px}
.tiles>div{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:12px 16px 14px}
.tiles dt{font-size:13px;color:var(--soft);overflow-wrap:anywhere}
.tiles dd{font-size:25px;font-weight:650;line-height:1.3;letter-spacing:-.01em;padding-bottom:10px}
.tiles .before{font-size:13px;letter-spacing:0}
.share{background:linear-gradient(var(--bar),var(--bar)) no-repeat left bottom/var(--share) 4px,linear-gradient(var(--line),var(--line)) no-repeat left bottom/100% 4px}
.before{display:block;font-weight:400;font-size:12px;color:var(--soft);white-space:nowrap}
.better{color:var(--correct);font-weight:600}
.worse{color:var(--wrong);font-weight:600}
#metrics h3{margin:22px 0 8px}
.scroll{overflow:auto;max-height:560px;width:fit-content;max-width:100%;background:var(--panel);border:1px solid var(--line);border-radius:10px}
table{border-collapse:separate;border-spacing:0;font-size:14px}
th,td{padding:7px 18px;min-width:104px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child{min-width:180px;text-align:left;position:sticky;left:0;background:var(--panel);font-weight:500}
thead th{position:sticky;top:0;background:var(--panel);color:var(--soft);font-size:13px;font-weight:600;z-index:1}
thead th:first-child{z-index:2}
tbody tr:last-child>*{border-bottom:0}
.overall>*,.overall th:first-child{font-weight:650}
.more{margin-top:6px;font-size:13px;color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;padding:0;margin:32px 0 -16px;list-style:none;font-size:13px;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:7px}
.legend i{display:grid;place-items:center;width:20px;height:20px;border-radius:5px;background:var(--c);color:var(--on);font:700 12px/1 sans-serif}
.card{--cell:128px;background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:14px 18px 18px;margin-bottom:16px;break-inside:avoid}
.card.texts{--cell:176px}
.card>header{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 18px;margin-bottom:12px}
.fact,.score{font-size:13px;color:var(--soft);min-width:0;overflow-wrap:anywhere}
.fact b,.score b{color:var(--ink);font-weight:600}
.score{margin-left:auto;font-size:14px}
.row{display:flex;flex-wrap:wrap;gap:16px 24px}
.who{flex:none;width:var(--cell);padding-top:25px}
.lists{flex:1 1 0;min-width:min(100%,calc(var(--cell)*3));display:grid;gap:16px;align-content:start}
.lost{flex:0 1 auto;border-left:1px solid var(--line);padding-left:24px}
.texts .lost{flex-basis:100%;border-left:0;padding-left:calc(var(--cell) + 24px)}
h4{font-size:13px;line-height:19px;margin-bottom:6px;font-weight:650}
h4 span{font-weight:400;color:var(--soft);margin-left:8px}
.cells{display:flex;flex-wrap:wrap;gap:12px 10px}
.cell{--c:var(--missed);width:var(--cell);flex:none}
.query{--c:var(--query)}.correct{--c:var(--correct)}.wrong{--c:var(--wrong)}.unknown{--c:var(--unknown)}.missed{--c:var(--missed)}
.badge{display:block;padding:0 9px;border-radius:8px 8px 0 0;background:var(--c);color:var(--on);font-size:12px;line-height:22px;font-weight:650}
.frame{height:var(--cell);border:3px solid var(--c);border-top-width:0;border-radius:0 0 8px 8px;background:var(--mat);overflow:hidden}
.texts .frame{height:150px}
.missed .frame{border-style:dashed}
.frame svg{display:block;width:100%;height:100%}
.made{display:grid;place-items:center;font-size:12px}
.made *{max-width:100%;max-height:var(--cell)}
.made audio{width:100%}
.words,.none{background:var(--bg);font-size:13px;line-height:1.4;padding:8px 10px;overflow-wrap:anywhere}
.words p{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:7;overflow:hidden}
.none{display:grid;place-items:center;text-align:center;color:var(--soft);font-size:12px}
figcaption{margin-top:4px;font-size:12px;line-height:1.35;color:var(--soft);overflow-wrap:anywhere}
.label{display:block;color:var(--ink);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.empty{display:grid;place-items:center;height:var(--cell);max-width:calc(var(--cell)*3);border:2px dashed var(--line);border-radius:8px;color:var(--soft)}
footer{padding-block:28px 40px;font-size:13px;color:var(--soft)}
.sprite{position:absolute;width:0;height:0}
@media (max-width:1100px){.card{--cell:104px}.lost{flex-basis:100%;border-left:0;padding-left:calc(var(--cell) + 24px)}}
@media (max-width:640px){.card,.card.texts{--cell:96px}.lost,.texts .lost{padding-left:0}main,.top>div,footer{padding-inline:14px}}
@media print{:root{--bg:#fff}body{font-size:12px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}.scroll{max-height:none;overflow:visible}nav{display:none}
.card{--cell:98px;padding:10px}.card.texts{--cell:120px}}
`.trim();
