// Every item and condition of the county with its declared verdict beside; a row opens what it rests on.
const countyComponents = () => shown().components.filter((one) => one.part !== 'resources');
const itemOf = (code) => DATA.items.find((item) => item.item_code === code) || null;

function showItems() {
  const all = countyComponents();
  const parts = PART_ORDER.filter((part) => all.some((one) => one.part === part));
  fill('part-buttons', [['all', '全部'], ...parts.map((part) => [part, DATA.part_texts[part]])].map(([code, name]) =>
    el('button', { type: 'button', 'data-part': code, 'aria-pressed': String(SHOWN.part === code), onclick: () => { SHOWN.part = code; showItems(); } }, name)));
  const listed = parts.filter((part) => SHOWN.part === 'all' || SHOWN.part === part);
  at('item-table').replaceChildren(
    el('thead', {}, el('tr', {}, ['指标', '要求', '数据', '结论', '自评', '说明'].map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, listed.map((part) => [
      el('tr', { class: 'part-row' }, el('th', { colspan: 6, scope: 'rowgroup' }, DATA.part_texts[part], partCount(all.filter((one) => one.part === part)))),
      all.filter((one) => one.part === part).map(itemRow)])));
}
function partCount(rows) {
  return el('span', { class: 'soft' }, `　${DATA.verdicts.map(([code, words]) => [countOf(rows, code), words]).filter(([count]) => count).map(([count, words]) => `${words} ${count}`).join(' · ')}`);
}
function itemRow(row) {
  const item = itemOf(row.component_code);
  return el('tr', { 'data-item': row.component_code, 'data-verdict': row.verdict },
    el('th', { scope: 'row' }, item ? row.component_code : '·'),
    el('td', {}, el('button', { type: 'button', class: 'plain open', onclick: () => showItem(row) }, row.component_text)),
    el('td', { class: 'data' }, dataSentence(row, item)),
    el('td', {}, verdict(row.verdict)),
    el('td', { class: row.declared_verdict_text ? null : 'none' }, declared(row, item)),
    el('td', { class: 'soft' }, remarks(row).join('；')));
}
function declared(row, item) {
  if (!row.declared_verdict_text) return el('span', { class: 'soft' }, item ? '未申报' : '—');
  return [row.declared_verdict_text, row.agrees === false ? el('span', { class: 'note warn', title: '自评与数据不一致' }, '≠ 不一致') : null];
}
// Figures of an item in words: one county-wide value against its limit, or how many of the objects meet it.
function dataSentence(row, item) {
  const tests = shown().tests.filter((test) => test.item_code === row.component_code && test.scope === 'county');
  const told = tests.filter((test) => test.value !== null || test.numerator !== null).map((test) => {
    const where = tests.filter((one) => one.test_no === test.test_no).length > 1 ? `${test.stage_text} ` : '';
    return el('div', {}, `${where}${testFigure(test, item)}`, test.limit_value === null || isYesOrNo(test) ? '' : el('span', { class: 'soft' }, ` ${operator(test.operator)}${test.limit_value}`));
  });
  if (row.verdict === 'not_applicable') return el('span', { class: 'soft' }, '—');
  if (told.length) return told;
  if (item && row.things > 1) {
    const scopes = { class: '校', site: '校', school: '校', subject: '科' };
    return [`${row.things_met}/${row.things} ${scopes[item.scope] || '个'}达标`, row.things_not_met ? el('b', { class: 'v not_met' }, `　${row.things_not_met} 未达标`) : null];
  }
  if (row.since_year) return `自 ${row.since_year} 年`;
  return el('span', { class: 'soft' }, item?.is_evidence ? '佐证类' : '—');
}
// A fact that is only 1 or 0, with nothing to divide by.
const isYesOrNo = (test) => test.denominator === 1 && test.limit_value === 1 && (test.value === 0 || test.value === 1);
function testFigure(test, item) {
  if (test.value === null) return `${grouped(test.numerator)}`;
  if (isYesOrNo(test)) return `${test.test_label}：${test.value >= test.limit_value ? '是' : '否'}`;
  const unit = item.unit === '%' ? '%' : test.denominator === 1 ? '' : item.unit;
  return `${figure(test.value, item.decimals, test.limit_value)}${unit}`;
}
function remarks(row) {
  const told = [];
  if (row.verdict !== 'met' && row.reason_text) told.push(row.reason_text);
  if (row.relaxed_entities) told.push(`${row.relaxed_entities} 所依靠放宽条款`);
  if (row.aside_verdict) told.push(`旁注：按所列数字${WORDS[row.aside_verdict]}${row.aside_not_met ? ` ${row.aside_not_met} 项` : ''}`);
  if (row.robustness === 'depends') told.push('取决于口径');
  if (row.period) told.push(`时期 ${row.period}`);
  return told;
}
function showItem(row) {
  const item = itemOf(row.component_code);
  const tests = shown().tests.filter((test) => test.item_code === row.component_code);
  const failing = shown().obstacles.filter((one) => one.component_code === row.component_code && one.verdict === 'not_met');
  openDetail(
    el('h2', { id: 'detail-title' }, `${item ? `${row.component_code} ` : ''}${row.component_text}`),
    el('p', { class: 'big' }, verdict(row.verdict), el('span', { class: 'soft' }, `　自评：${row.declared_verdict_text || '未申报'}${row.agrees === false ? '（与数据不一致）' : ''}`)),
    el('p', {}, remarks(row).join('；')),
    row.declared_text ? el('p', {}, `自评说明：${row.declared_text}`) : null,
    row.has_evidence === false && (item?.is_evidence || !item) ? el('p', { class: 'hole' }, '【没有佐证材料】') : null,
    el('p', {}, `稳健性：${row.robustness_text || '—'}${flip(row)}`),
    tests.length ? [el('h3', {}, '各项要求'), tests.filter((test) => test.scope === 'county').map((test) => testBlock(test, item)), subjectTable(tests.filter((test) => test.scope === 'subject'))] : null,
    failing.length ? [el('h3', {}, `未达标 ${failing.length} 个`), failingTable(failing)] : null,
    el('h3', {}, '来源单元格'), itemSources(row, tests), item ? basis(item) : null);
}
function testBlock(test, item) {
  const numbers = (name) => (test.behind || []).filter(([at_side]) => at_side === name).map(([, sign, code, offset, number], place) =>
    `${sign < 0 ? ' − ' : place ? ' + ' : ''}${DATA.measures[code]?.[0] || code}${offset ? `（${-offset}年前）` : ''} ${number === null ? '缺' : grouped(number)}`).join('');
  const [above, below] = [numbers('numerator'), numbers('denominator')];
  return el('div', { class: 'test', 'data-test': `${test.item_code}|${test.test_no}|${test.stage_text}`, 'data-value': test.value },
    el('p', {}, el('b', {}, `${test.stage_text === '义务教育' ? '' : `${test.stage_text} `}${test.test_label}`), '　', verdict(test.verdict), el('span', { class: 'soft' }, `　${test.reason_text}`)),
    above ? el('p', {}, below ? `（${above}） ÷ （${below}）` : above) : null,
    el('p', {}, `数值 ${test.value === null ? '—' : testFigure(test, item)}`, test.limit_value === null ? '' : `，标准 ${operator(test.operator)} ${test.limit_value}`,
      test.period ? `，时期 ${test.period}` : '', test.relaxation_text ? `；放宽：${test.relaxation_text}` : '',
      test.aside_value === null ? '' : `；旁注数字 ${test.aside_value}（不作结论，按此${WORDS[test.aside_verdict] || '—'}）`));
}
function subjectTable(tests) {
  if (!tests.length) return null;
  const rows = [...tests].sort((one, two) => one.scope_id.localeCompare(two.scope_id) || one.stage_text.localeCompare(two.stage_text));
  return el('table', { class: 'slim' }, el('thead', {}, el('tr', {}, ['学科', '学段', '要求', '数值', '旁注数字', '结论'].map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, rows.map((test) => el('tr', {}, el('td', {}, DATA.subjects[test.scope_id] || test.scope_id), el('td', {}, test.stage_text),
      el('td', {}, `${test.test_label} ${operator(test.operator)} ${test.limit_value}`), el('td', { class: 'n' }, plainFigure(test.value)),
      el('td', { class: 'n' }, test.aside_value === null ? '' : `${test.aside_value}（${WORDS[test.aside_verdict] || '—'}）`), el('td', {}, verdict(test.verdict))))));
}
function failingTable(rows) {
  return el('table', { class: 'slim' }, el('thead', {}, el('tr', {}, ['对象', '学段', '现值', '标准', '差额'].map((name) => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, rows.map(({ name, stage_text: stage, value, operator: sign, limit_value: limit, gap_quantity: lacking }) => el('tr', {}, el('td', {}, name || '全县'), el('td', {}, stage || ''),
      el('td', { class: 'n' }, plainFigure(value)), el('td', { class: 'n' }, `${operator(sign)} ${plainFigure(limit)}`), el('td', { class: 'n' }, plainFigure(lacking))))));
}
function itemSources(row, tests) {
  if (!DATA.has_cells) return el('p', { class: 'hole' }, '【发布版没有记下来源单元格】');
  const { cells } = shown();
  const codes = [...new Set(tests.flatMap((test) => (test.behind || []).map(([, , code]) => code)))];
  const found = codes.map((code) => {
    const [table, column] = DATA.places[code] || [];
    if (!table) return [DATA.measures[code]?.[0] || code, ['由各校报送的数据合计']];
    const places = table === 'county_fact' ? placesOf(cells, table, column, code) : table ? placesOf(cells, table, column) : [];
    return [DATA.measures[code]?.[0] || code, places];
  }).filter(([, places]) => places.length);
  for (const [table, column, name] of [['declaration', 'declared_verdict', '自评结论'], ['precondition', 'is_fulfilled', '前置条件'], ['veto', 'has_occurred', '一票否决']]) {
    const places = placesOf(cells, table, column, row.component_code);
    if (places.length) found.push([name, places]);
  }
  if (!found.length) return el('p', { class: 'soft' }, '由各校、各班的数据得出，见“各校七项指标”和数据包的“指标结果”表；或没有填报。');
  return el('table', { class: 'slim' }, el('tbody', {}, found.map(([name, places]) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', { class: 'where' }, places.join('；'))))));
}
