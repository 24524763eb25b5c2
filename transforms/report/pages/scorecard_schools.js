// The table of schools and indicators: sort, filter, search; a cell opens what stands behind it.
const HEAT_COLUMNS = [
  { key: 'name', label: '学校', text: true, value: (unit) => unit.name },
  { key: 'stage', label: '学段', text: true, value: (unit) => unit.stage },
  { key: 'pupils', label: '在校生', value: (unit) => unit.pupils },
  ...ITEMS.map((item, place) => ({ key: item.item_code, item, place, value: (unit) => unit.results[place]?.value ?? null })),
  { key: 'met', label: '达标项', value: (unit) => unit.met },
  { key: 'verdict', label: '综合评估', text: true, value: (unit) => DATA.verdicts.findIndex(([code]) => code === unit.verdict) },
];
const isFailing = (unit) => unit.verdict !== 'met' || unit.results.some((result) => result && result.verdict === 'not_met');

function listedUnits() {
  const words = SHOWN.query.trim().toLowerCase();
  const found = units(SHOWN.year).filter((unit) => (SHOWN.stage === 'all' || unit.stage === SHOWN.stage)
    && (!SHOWN.failing || isFailing(unit)) && (!words || `${unit.name} ${unit.id}`.toLowerCase().includes(words)));
  if (!SHOWN.sort) return found;
  const column = HEAT_COLUMNS.find((one) => one.key === SHOWN.sort.key);
  const order = (a, b) => (column.text && typeof a === 'string' ? a.localeCompare(b, 'zh-CN') : a - b);
  return [...found].sort((one, two) => {
    const [a, b] = [column.value(one), column.value(two)];
    if (a === null || b === null) return (a === null) - (b === null);
    return order(a, b) * SHOWN.sort.direction;
  });
}
function showSchools() {
  const listed = listedUnits();
  fill('stage-buttons', [['all', '全部'], ...DATA.stages].map(([code, name]) => {
    const count = units(SHOWN.year).filter((unit) => code === 'all' || unit.stage === code).length;
    return el('button', { type: 'button', 'data-stage': code, 'aria-pressed': String(SHOWN.stage === code), onclick: () => { SHOWN.stage = code; showSchools(); } }, `${name} ${count}`);
  }));
  at('schools-rule').textContent = DATA.standard.rule ? `规则：${DATA.standard.rule}。` : '';
  at('shown').textContent = `显示 ${listed.length} / ${units(SHOWN.year).length}`;
  at('heat').replaceChildren(el('thead', {}, el('tr', {}, HEAT_COLUMNS.map(heatHead))),
    el('tbody', {}, listed.length ? listed.map(heatRow)
      : el('tr', {}, el('td', { colspan: HEAT_COLUMNS.length, class: 'soft' }, '没有符合条件的学校。'))));
  const first = at('heat').querySelector('tbody [data-cell]');
  if (first) first.tabIndex = 0;
}
function heatHead(column) {
  const sorted = SHOWN.sort?.key === column.key ? SHOWN.sort.direction : 0;
  const label = column.item ? [el('b', {}, column.item.item_code), ' ', shortName(column.item)] : column.label;
  return el('th', { scope: 'col', class: column.text ? null : 'n', 'aria-sort': sorted ? (sorted > 0 ? 'ascending' : 'descending') : 'none' },
    el('button', { type: 'button', class: 'plain sort', 'data-sort': column.key, title: column.item ? column.item.name_zh : null, onclick: () => sortBy(column) },
      label, ' ', el('span', { 'aria-hidden': 'true' }, sorted ? (sorted > 0 ? '▲' : '▼') : '↕')),
    column.item ? el('div', { class: 'soft bound' }, limitText(column)) : null);
}
function limitText(column) {
  const stages = SHOWN.stage === 'all' ? DATA.stages.map(([code]) => code) : [SHOWN.stage];
  const limits = stages.map((stage) => units(SHOWN.year).find((unit) => unit.stage === stage && unit.results[column.place]?.limit != null)?.results[column.place]);
  const told = [...new Set(limits.filter(Boolean).map((result) => `${operator(result.operator)}${result.limit}`))];
  return told.length ? `${told.join(' / ')} ${column.item.unit}` : column.item.unit;
}
function sortBy(column) {
  const direction = SHOWN.sort?.key === column.key ? -SHOWN.sort.direction : (column.text ? 1 : 1);
  SHOWN.sort = { key: column.key, direction };
  showSchools();
  at('heat').querySelector(`[data-sort="${column.key}"]`).focus();
  say(`按${column.item ? column.item.name_zh : column.label}${direction > 0 ? '升序' : '降序'}排列`);
}
function heatRow(unit) {
  return el('tr', { 'data-unit': unit.key },
    el('th', { scope: 'row' }, unit.name), el('td', {}, STAGE_NAMES[unit.stage]), el('td', { class: 'n' }, grouped(unit.pupils)),
    unit.results.map((result, place) => heatCell(unit, result, place)),
    el('td', { class: 'n' }, `${unit.met}/${ITEMS.length}`), el('td', { title: unit.reason }, verdict(unit.verdict)));
}
function heatCell(unit, result, place) {
  if (!result) return el('td', { class: 'n na' }, '—');
  const told = figure(result.value, ITEMS[place].decimals, result.limit);
  return el('td', {
    class: `n cell ${result.level}`, tabindex: -1, role: 'button', 'data-cell': `${unit.key}|${ITEMS[place].item_code}`,
    'data-value': result.value, 'data-verdict': result.verdict, 'aria-label': `${unit.name} ${STAGE_NAMES[unit.stage]} ${ITEMS[place].name_zh} ${told} ${WORDS[result.verdict]}`,
  }, told, el('span', { class: 'm', 'aria-hidden': 'true' }, LEVEL_MARKS[result.level]), result.relaxed ? el('span', { title: result.relaxed }, '*') : null);
}
function openCell(cell) {
  const [id, stage, code] = cell.dataset.cell.split('|');
  const unit = unitIn(SHOWN.year, `${id}|${stage}`);
  showResult(unit.results[ITEMS.findIndex((item) => item.item_code === code)]);
}
function moveIn(table, cell, key) {
  const rows = [...table.tBodies[0].rows].filter((row) => row.querySelector('[data-cell]'));
  const cellsOf = (row) => [...row.querySelectorAll('[data-cell]')];
  const row = rows.indexOf(cell.parentElement);
  const column = cellsOf(cell.parentElement).indexOf(cell);
  const last = cellsOf(cell.parentElement).length - 1;
  const [r, c] = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0], End: [row, last] }[key];
  const target = rows[r] && cellsOf(rows[r])[c];
  if (!target) return;
  cell.tabIndex = -1;
  target.tabIndex = 0;
  target.focus();
}
function startSchools() {
  const table = at('heat');
  table.addEventListener('click', (event) => { const cell = event.target.closest('[data-cell]'); if (cell) openCell(cell); });
  table.addEventListener('keydown', (event) => {
    const cell = event.target.closest('[data-cell]');
    if (!cell) return;
    if (event.key === 'Enter' || event.key === ' ') openCell(cell);
    else if (['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) moveIn(table, cell, event.key);
    else return;
    event.preventDefault();
  });
  at('only-failing').addEventListener('change', (event) => { SHOWN.failing = event.target.checked; showSchools(); });
  at('search').addEventListener('input', (event) => { SHOWN.query = event.target.value; showSchools(); });
}
