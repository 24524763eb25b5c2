// What every page needs: elements made from text (never from markup), figures, verdict marks, CSV.
const DATA = JSON.parse(document.getElementById('data').textContent);
const MARKS = { met: '✓', not_met: '✗', not_assessable: '？', not_applicable: '—' };
const WORDS = Object.fromEntries(DATA.verdicts);

function add(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}
const el = (tag, attributes, ...children) => add(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
  add(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
const at = (id) => document.getElementById(id);
const fill = (id, ...children) => at(id).replaceChildren(...children.flat(Infinity).filter(Boolean));

const verdict = (code, more) =>
  el('span', { class: `v ${code}` }, `${MARKS[code]} ${WORDS[code]}`, more ? ` ${more}` : null);

// A figure as the forms print it; with more places where rounding would hide that it is not the limit.
function figure(value, decimals, limit) {
  if (value === null || value === undefined) return '—';
  let text = value.toFixed(decimals);
  for (let places = decimals; limit !== null && limit !== undefined && value !== limit && places < 8; places += 1) {
    text = value.toFixed(places);
    if (Number(text) !== Number(limit)) break;
  }
  return text;
}
const grouped = (value) => (value === null || value === undefined ? '—' : value.toLocaleString('zh-CN', { maximumFractionDigits: 6 }));
const operator = (text) => ({ '>=': '≥', '<=': '≤', '>': '＞', '<': '＜', '=': '＝' })[text] || text || '';

// CSV with the mark that Excel wants; a text that a spreadsheet would run as a formula gets an apostrophe before it.
function csvCell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+@\t\r-]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
const csv = (rows) => `\uFEFF${rows.map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`;
function download(name, rows) {
  const url = URL.createObjectURL(new Blob([csv(rows)], { type: 'text/csv;charset=utf-8' }));
  const link = el('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
const say = (text) => { at('live').textContent = text; };
