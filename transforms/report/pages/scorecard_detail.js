// What stands behind a figure: formula, numbers, gap, limit, basis, years, and the cells it came from.
function openDetail(...children) {
  fill('detail-body', el('form', { method: 'dialog' }, el('button', { id: 'close', 'aria-label': '关闭' }, '✕ 关闭')), children);
  at('detail').showModal();
}
function showResult(result) {
  const { item, unit } = result;
  openDetail(
    el('h2', { id: 'detail-title' }, `${unit.name}　${STAGE_NAMES[unit.stage]}`),
    el('p', {}, el('b', {}, `${item.item_code} ${item.name_zh}`), el('span', { class: 'soft' }, `　${SHOWN.year} 年度　${[unit.type, unit.area].filter(Boolean).join(' · ')}`)),
    el('p', { class: 'big' }, el('span', { id: 'detail-value', 'data-value': result.value }, `${figure(result.value, item.decimals, result.limit)} ${item.unit}`), ' ', verdict(result.verdict),
      el('span', { class: 'soft' }, `　标准 ${operator(result.operator)} ${result.limit ?? '—'}${result.floor === null ? '' : `，底线 ${result.floor}`}`)),
    el('p', {}, result.reason, result.relaxed ? `；依靠放宽条款：${result.relaxed}` : ''),
    el('h3', {}, '算式'), formula(result), el('h3', {}, '差额'), gap(result), place(result), pastYears(result),
    el('h3', {}, '来源单元格'), sources(result), basis(item));
}
function termsOf(result) {
  return DATA.terms[`${result.item.item_code}|${result.unit.stage}|${result.case_no}`] || [];
}
function side(result, name, withNumbers) {
  const text = termsOf(result).filter((term) => term[1] === name).map(([code, , sign], place) => {
    const number = withNumbers ? ` ${grouped(result.unit.measures[code] ?? null).replace('—', '缺')}` : '';
    return `${sign < 0 ? ' − ' : place ? ' + ' : ''}${DATA.measures[code]?.[0] || code}${number}`;
  }).join('');
  return text || '—';
}
function formula(result) {
  if (!termsOf(result).length) return el('p', { class: 'hole' }, '【算式未列：发布版没有这一项的算式】');
  const per = DATA.per[result.item.item_code] || 1;
  const scale = per === 1 ? '' : ` × ${per}`;
  const split = result.split;
  const of = Object.entries({ numerator: result.numerator, denominator: result.denominator });
  return el('div', { class: 'formula', id: 'formula' },
    el('p', {}, `（${side(result, 'numerator', true)}） ÷ ${side(result, 'denominator', true)}${scale}`),
    split ? el('p', {}, `一贯制学校各学段合用，按权重分摊：全校 ${grouped(split[0])} × ${split[1]}×${grouped(unitPupils(result))} ÷ 加权学生数 ${grouped(split[2])} ＝ ${grouped(result.numerator)}`) : null,
    of.some(([, value]) => value === null) ? el('p', { class: 'hole' }, '【缺少数据，不能计算】')
      : el('p', {}, `＝ ${grouped(result.numerator)} ÷ ${grouped(result.denominator)}${scale} ＝ ${result.value === null ? '—' : figure(result.value, 4)} ${result.item.unit}`));
}
const unitPupils = (result) => result.unit.pupils;
// The gap in the numerator's own unit, as the list of obstacles has it.
function gapOf(result, bound) {
  if (result.numerator === null || result.denominator === null || bound === null) return null;
  const per = DATA.per[result.item.item_code] || 1;
  const needed = (bound * result.denominator) / per;
  return result.operator === '<=' || result.operator === '<' ? result.numerator - needed : needed - result.numerator;
}
function amount(value, unit) {
  const whole = unit === '人' || unit === '间';
  return `${grouped(whole ? Math.ceil(value - 1e-9) : Math.ceil(value * 100 - 1e-9) / 100)} ${unit}`;
}
function gap(result) {
  const lacking = gapOf(result, result.limit);
  if (lacking === null) return el('p', { class: 'soft' }, '缺少数据，无法计算。');
  const { unit } = result.item;
  if (result.verdict !== 'not_met') return el('p', { id: 'gap', 'data-gap': lacking }, `已达标，超出标准 ${grouped(Math.floor(-lacking * 100 + 1e-9) / 100)} ${unit}${result.split ? '（分摊后）' : ''}。`);
  const toFloor = result.floor === null ? null : gapOf(result, result.floor);
  const per = DATA.per[result.item.item_code] || 1;
  const pupils = Math.floor((result.numerator * per) / result.limit + 1e-9);
  return el('p', { id: 'gap', 'data-gap': lacking }, '达到标准还差 ', el('b', {}, amount(lacking, unit)), result.split ? '（分摊后）' : '',
    toFloor !== null && toFloor > 1e-9 ? [`；达到底线还差 `, el('b', {}, amount(toFloor, unit))] : (toFloor === null ? null : '；不低于底线'),
    result.split ? '。' : `；或者在校生不超过 ${grouped(pupils)} 人时达标（现 ${grouped(result.denominator)} 人）。`);
}
function place(result) {
  const peers = units(SHOWN.year).filter((unit) => unit.stage === result.unit.stage)
    .map((unit) => unit.results[ITEMS.indexOf(result.item)]).filter((one) => one && one.value !== null);
  if (result.value === null) return null;
  const rank = peers.filter((one) => one.value > result.value).length + 1;
  const cv = coefficient(SHOWN.year, result.unit.stage, result.item.item_code);
  return el('p', {}, `全县${STAGE_NAMES[result.unit.stage]} ${peers.length} 所中从高到低第 ${rank}；全县平均 ${figure(cv?.weighted_mean ?? null, result.item.decimals)} ${result.item.unit}`,
    result.share === null ? '' : `；占全县差异的 ${(result.share * 100).toFixed(1)}%`, '。');
}
function pastYears(result) {
  const found = YEARS.map((year) => [year, unitIn(year, result.unit.key)?.results[ITEMS.indexOf(result.item)]]).filter(([, one]) => one);
  if (found.length < 2) return null;
  return [el('h3', {}, '历年'), el('table', { class: 'slim' }, el('thead', {}, el('tr', {}, found.map(([year]) => el('th', { scope: 'col', class: 'n' }, String(year))))),
    el('tbody', {}, el('tr', {}, found.map(([, one]) => el('td', { class: `n ${one.level}` }, figure(one.value, one.item.decimals, one.limit), ' ', LEVEL_MARKS[one.level])))))];
}
// Cells as people write them: a column with its rows, a cell by itself, or a named column with its rows.
function cellText(ref, rows) {
  if (/^[A-Z]{1,3}\d+$/.test(ref)) return ref;
  const parts = rows.split(',').map((part) => part.split('-')).map(([first, last]) => [first, last ?? first]);
  if (/^[A-Z]{1,3}$/.test(ref)) return parts.map(([first, last]) => (first === last ? `${ref}${first}` : `${ref}${first}:${ref}${last}`)).join('、');
  return parts.map(([first, last]) => `${ref}#${first === last ? first : `${first}-${last}`}`).join('、');
}
function placesOf(cells, table, column, code) {
  return cells.filter(([group, , of]) => group !== null && DATA.groups[group][2] === table && (code === undefined || of === code)).flatMap(([group, rows]) => {
    const [file, sheet, , columns] = DATA.groups[group];
    return columns[column] ? [[file, sheet, cellText(columns[column], rows)].filter(Boolean).join(' › ')] : [];
  });
}
function sources(result) {
  if (!DATA.has_cells) return el('p', { class: 'hole' }, '【发布版没有记下来源单元格】');
  const codes = [...new Set(termsOf(result).map(([code]) => code))];
  const rows = codes.flatMap((code) => [code, DATA.stands_in[code]].filter(Boolean)).map((code) => {
    const [table, column] = DATA.places[code] || [];
    const found = table ? placesOf(result.unit.cells, table, column) : [];
    const standsIn = Object.values(DATA.stands_in).includes(code) && !codes.includes(code);
    return el('tr', {}, el('th', { scope: 'row' }, DATA.measures[code]?.[0] || code, standsIn ? '（未单列时以此代）' : ''),
      el('td', { class: 'n' }, standsIn ? '' : grouped(result.unit.measures[code] ?? null)),
      el('td', { class: 'where' }, found.length ? found.join('；') : '没有填报'));
  });
  return el('table', { class: 'slim', id: 'source-cells' }, el('tbody', {}, rows));
}
function basis(item) {
  return el('p', { class: 'soft basis' }, `依据：${item.document} ${item.basis_article}「${item.basis_quote}」（${item.basis_source}；${item.is_confirmed ? '已核对原文' : '转引，未核原文'}）`);
}
