// Counties down, components across: sort by a column, filter, search, a cell tells its figures.
const SHOWN = { year: DATA.first, query: '', onlyOne: false, sort: null };
const YEARS = Object.keys(DATA.years).map(Number).sort((a, b) => a - b);
const shown = () => DATA.years[SHOWN.year];
const nameOf = (county) => county.county_name || county.county_code;
const countItems = (county, code) => county.items.filter((item) => item && item.verdict === code).length;
const UNPACKED = {};
// The counties of the year shown, each item unpacked: verdict, value, limit, reason, declared and so on.
function counties() {
  if (!UNPACKED[SHOWN.year]) {
    UNPACKED[SHOWN.year] = DATA.years[SHOWN.year].counties.map((county) => ({ ...county, items: county.items.map((item) => item && unpackItem(item)) }));
  }
  return UNPACKED[SHOWN.year];
}
function unpackItem([place, value, things, met]) {
  const [code, sign, limit, reason, declared, agrees, since, evidence] = DATA.said[place];
  return { verdict: code, sign, limit, reason, declared, agrees, since, evidence, value: value ?? null, things: things || 0, met };
}
const RANKS = Object.fromEntries(DATA.verdicts.map(([code], place) => [code, place]));
const isItem = (component) => /^[A-Z]\d+$/.test(component.component_code);
const headOf = (component) => (isItem(component) ? component.component_code : component.component_text);

function listedCounties() {
  const words = SHOWN.query.trim().toLowerCase();
  const found = counties().filter((county) => (!SHOWN.onlyOne || countItems(county, 'not_met') === 1)
    && (!words || `${nameOf(county)} ${county.county_code}`.toLowerCase().includes(words)));
  if (!SHOWN.sort) return found;
  const { key, direction } = SHOWN.sort;
  const value = { name: (county) => county.county_code, not_met: (county) => countItems(county, 'not_met'), open: (county) => countItems(county, 'not_assessable'), overall: (county) => RANKS[county.overall_verdict] }[key]
    || ((county) => (county.items[key] ? RANKS[county.items[key].verdict] : 99));
  return [...found].sort((one, two) => {
    const [a, b] = [value(one), value(two)];
    return (a < b ? -1 : a > b ? 1 : 0) * direction;
  });
}
function showMatrix() {
  const listed = listedCounties();
  at('shown').textContent = `显示 ${listed.length} / ${counties().length}`;
  const parts = [];
  DATA.components.forEach((component) => {
    if (parts.at(-1)?.part === component.part) parts.at(-1).count += 1;
    else parts.push({ part: component.part, count: 1 });
  });
  at('grid').replaceChildren(
    el('thead', {},
      el('tr', { class: 'parts-row' }, el('th', { colspan: 4 }), parts.map(({ part, count }) => el('th', { colspan: count, scope: 'colgroup' }, DATA.part_texts[part]))),
      el('tr', {}, sortHead('name', '县区'), sortHead('overall', '总体'), sortHead('not_met', '未达标'), sortHead('open', '无法判定'),
        DATA.components.map((component, place) => sortHead(place, headOf(component), component)))),
    el('tbody', {}, listed.length ? listed.map(countyRow) : el('tr', {}, el('td', { colspan: DATA.components.length + 4, class: 'soft' }, '没有符合条件的县区。'))));
  const first = at('grid').querySelector('[data-cell]');
  if (first) first.tabIndex = 0;
}
function sortHead(key, label, component) {
  const sorted = SHOWN.sort && SHOWN.sort.key === key ? SHOWN.sort.direction : 0;
  const tall = component && !isItem(component);
  return el('th', { scope: 'col', class: tall ? 'tall-head' : null, 'aria-sort': sorted ? (sorted > 0 ? 'ascending' : 'descending') : 'none' },
    el('button', { type: 'button', class: 'plain', 'data-sort': key, title: component ? component.component_text : null, onclick: () => sortBy(key, label) },
      el('span', { class: 'label' }, label), sorted ? el('span', { 'aria-hidden': 'true' }, sorted > 0 ? '▲' : '▼') : null));
}
function sortBy(key, label) {
  const down = key === 'not_met' || key === 'open';
  const same = SHOWN.sort && SHOWN.sort.key === key;
  SHOWN.sort = { key, direction: same ? -SHOWN.sort.direction : down ? -1 : 1 };
  showMatrix();
  at('grid').querySelector(`[data-sort="${key}"]`).focus();
  say(`按${label}排列`);
}
function countyRow(county) {
  return el('tr', { 'data-county': county.county_code },
    el('th', { scope: 'row' }, nameOf(county), marksOf(county)), el('td', {}, verdict(county.overall_verdict)),
    el('td', { class: 'n' }, String(countItems(county, 'not_met'))), el('td', { class: 'n' }, String(countItems(county, 'not_assessable'))),
    DATA.components.map((component, place) => {
      const item = county.items[place];
      if (!item) return el('td', { class: 'box' }, '');
      return el('td', { class: `box ${item.verdict}`, tabindex: -1, role: 'button', 'data-cell': `${county.county_code}|${place}`, 'data-verdict': item.verdict, 'aria-label': `${nameOf(county)} ${component.component_text} ${WORDS[item.verdict]}` }, MARKS[item.verdict]);
    }));
}
const marksOf = (county) => [county.is_synthetic ? ['合成', 'synthetic'] : null, county.is_provisional ? ['暂定', 'provisional'] : null, county.is_stale ? ['旧', 'stale'] : null]
  .filter(Boolean).map(([word, title]) => el('span', { class: 'note warn tag', title }, word));
function openCell(cell) {
  const [code, place] = cell.dataset.cell.split('|');
  const county = counties().find((one) => one.county_code === code);
  const component = DATA.components[place];
  const { verdict: word, value, sign, limit, reason, declared, agrees, things, met, since, evidence } = county.items[place];
  const unit = component.unit || '';
  fill('detail-body', el('form', { method: 'dialog' }, el('button', { id: 'close' }, '✕ 关闭')),
    el('h2', { id: 'detail-title' }, `${nameOf(county)}　${isItem(component) ? `${component.component_code} ` : ''}${component.component_text}`),
    el('p', {}, verdict(word), reason ? `　${reason}` : ''),
    value === null ? null : el('p', {}, `数值 ${figure(value, component.decimals ?? 2, limit)} ${unit}${limit === null ? '' : `，标准 ${operator(sign)} ${limit}`}`),
    things > 1 ? el('p', {}, `${met}/${things} 个对象达标`) : null,
    since ? el('p', {}, `自 ${since} 年`) : null,
    declared ? el('p', {}, `自评 ${declared}${agrees === false ? '，与数据不一致' : ''}`) : null,
    evidence === false ? el('p', { class: 'hole' }, '【没有佐证材料】') : null,
    component.component_code === 'coefficients' ? cvTable(county) : null,
    el('p', { class: 'soft' }, `总体${WORDS[county.overall_verdict]}，${county.robustness_text || '—'}。`),
    el('p', { class: 'soft' }, '各校的数和来源单元格见该县区的成绩单.html。'));
  at('detail').showModal();
}
function cvTable(county) {
  return el('table', {}, el('tbody', {}, DATA.cv_items.map((item, place) => {
    const row = county.cvs[place];
    return row ? el('tr', {}, el('th', { scope: 'row' }, `${DATA.stages[item.stage]} ${item.item_code} ${item.name_zh}`), el('td', { class: 'n' }, figure(row[0], 3, item.limit_value)), el('td', {}, verdict(row[2]))) : null;
  })));
}
function startMatrix() {
  const table = at('grid');
  table.addEventListener('click', (event) => { const cell = event.target.closest('[data-cell]'); if (cell) openCell(cell); });
  table.addEventListener('keydown', (event) => {
    const cell = event.target.closest('[data-cell]');
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!cell || (!step && event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    if (!step) { openCell(cell); return; }
    const row = table.tBodies[0].rows[cell.parentElement.sectionRowIndex + step[0]];
    const target = row && row.cells[cell.cellIndex + step[1]];
    if (!target || !target.dataset.cell) return;
    cell.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  });
  at('only-one').addEventListener('change', (event) => { SHOWN.onlyOne = event.target.checked; showMatrix(); });
  at('search').addEventListener('input', (event) => { SHOWN.query = event.target.value; showMatrix(); });
  at('download').addEventListener('click', () => download(`地区总览_${DATA.region.code}_${SHOWN.year}.csv`, csvRows()));
}
function csvRows() {
  const head = ['统计年度', '县区代码', '县区', '部分', '代码', '名称', '学段', '结论', '数值', '标准', '理由', '自评'];
  const rows = listedCounties().flatMap((county) => [
    ...DATA.components.map((component, place) => [component, county.items[place]]).filter(([, item]) => item).map(([component, item]) =>
      [SHOWN.year, county.county_code, nameOf(county), DATA.part_texts[component.part], component.component_code, component.component_text, null, WORDS[item.verdict], item.value, item.limit, item.reason, item.declared]),
    ...DATA.cv_items.map((item, place) => [item, county.cvs[place]]).filter(([, row]) => row).map(([item, row]) =>
      [SHOWN.year, county.county_code, nameOf(county), '校际差异系数', item.item_code, item.name_zh, DATA.stages[item.stage], WORDS[row[2]], row[0], item.limit_value, null, null]),
  ]);
  return [head, ...rows];
}
