// Tiles, counties one item away, most-failed items, dispersion between counties, counties under review.
function showTiles() {
  const tile = (words, number, more) => el('div', { class: 'tile' }, el('b', {}, String(number)), el('span', {}, words), more ? el('small', { class: 'soft' }, more) : null);
  const overall = (code) => counties().filter((county) => county.overall_verdict === code).length;
  const part = (component) => shown().items.find((row) => row.component_code === component && row.stage === 'compulsory');
  const [schools, coefficients] = [part('schools'), part('coefficients')];
  fill('tiles', tile('县区', counties().length, `学校 ${grouped(counties().reduce((sum, one) => sum + one.schools, 0))} 所`),
    tile('总体达标', overall('met')), tile('总体未达标', overall('not_met')), tile('无法判定', overall('not_assessable')),
    schools ? tile('校校达标', `${schools.counties_met}/${schools.counties}`, '资源配置：所有学校达标') : null,
    coefficients ? tile('校际均衡', `${coefficients.counties_met}/${coefficients.counties}`, '所有差异系数达标') : null);
}
function showNear() {
  const listed = (title, wanted, none) => {
    const found = counties().filter(wanted);
    return el('div', { class: 'card' }, el('h3', {}, `${title}：${found.length} 个`), found.length
      ? el('ul', {}, found.map((county) => el('li', { 'data-near': county.county_code }, nameOf(county), '：', nearWords(county)))) : el('p', { class: 'soft' }, none));
  };
  fill('near-lists',
    listed('仅一项未达标', (county) => countItems(county, 'not_met') === 1, '没有。'),
    listed('其他各项都达标，只差一项', (county) => countItems(county, 'not_met') + countItems(county, 'not_assessable') === 1, '没有：各县区还有无法判定的项，补齐数据和佐证后才知道。'));
}
function nearWords(county) {
  const open = countItems(county, 'not_assessable');
  const place = county.items.findIndex((item) => item && (item.verdict === 'not_met' || (item.verdict === 'not_assessable' && countItems(county, 'not_met') === 0)));
  const component = DATA.components[place];
  return [el('b', {}, `${isItem(component) ? `${component.component_code} ` : ''}${component.component_text}`), open ? el('span', { class: 'soft' }, `　另有 ${open} 项无法判定`) : null];
}
function showFailed() {
  const rows = shown().items.filter((row) => row.counties_not_met || row.counties_not_assessable);
  const order = (one, two) => two.counties_not_met - one.counties_not_met || two.counties_not_assessable - one.counties_not_assessable || one.component_code.localeCompare(two.component_code, 'zh-CN', { numeric: true });
  const bars = (title, list) => el('div', { class: 'card' }, el('h3', {}, title), list.length ? list.map(failedBar) : el('p', { class: 'soft' }, '没有未达标的。'));
  fill('failed-bars',
    bars('各项', rows.filter((row) => row.counties_only_open !== null && row.part !== 'veto' && row.part !== 'precondition').sort(order).slice(0, 16)),
    bars('差异系数', rows.filter((row) => row.counties_only_open === null).sort(order)));
}
function failedBar(row) {
  const share = (count) => `${(100 * count) / row.counties}%`;
  const named = row.counties_only_open === null ? `${row.stage_text} ${row.component_code} ${row.component_text}` : `${/^[A-Z]\d/.test(row.component_code) ? `${row.component_code} ` : ''}${row.component_text}`;
  return el('div', { class: 'failed', 'data-item': `${row.part}|${row.component_code}|${row.stage}`, 'data-not-met': row.counties_not_met },
    el('div', { class: 'words' }, named), el('div', { class: 'track' }, el('i', { class: 'bad', style: `width:${share(row.counties_not_met)}` }), el('i', { class: 'open', style: `width:${share(row.counties_not_assessable)}` })),
    el('div', { class: 'n' }, `${row.counties_not_met}/${row.counties}`, row.counties_not_assessable ? el('span', { class: 'soft' }, ` ？${row.counties_not_assessable}`) : null));
}
function showSpread() {
  at('spread-table').replaceChildren(
    el('thead', {}, el('tr', {}, ['学段', '指标', '最低', '平均', '最高', '县际差异', '各县平均值', '各县差异系数'].map((name, place) => el('th', { scope: 'col', class: place > 1 && place < 6 ? 'n' : null }, name)))),
    el('tbody', {}, DATA.cv_items.map((item, place) => {
      const row = shown().items.find((one) => one.component_code === item.item_code && one.stage === item.stage);
      const of = (column) => counties().map((county) => [county, county.cvs[place]?.[column] ?? null, county.cvs[place]?.[2]]).filter(([, value]) => value !== null);
      return row ? el('tr', { 'data-spread': `${item.stage}|${item.item_code}`, 'data-between': row.between_cv },
        el('td', {}, DATA.stages[item.stage]), el('th', { scope: 'row' }, `${item.item_code} ${item.name_zh}`),
        [row.lowest, row.mean, row.highest].map((value) => el('td', { class: 'n' }, figure(value, item.decimals))), el('td', { class: 'n' }, figure(row.between_cv, 3)),
        el('td', {}, strip(of(1), null, item.decimals)), el('td', {}, strip(of(0), item.limit_value, 3))) : null;
    })));
}
function strip(values, limit, decimals) {
  const [width, height] = [220, 26];
  if (!values.length) return el('span', { class: 'soft' }, '缺数据');
  const numbers = [...values.map(([, value]) => value), ...(limit === null ? [] : [limit])];
  const low = limit === null ? Math.min(...numbers) : 0;
  const high = Math.max(...numbers);
  const x = (value) => 8 + ((value - low) / (high - low || 1)) * (width - 16);
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': `${values.length} 个县区，${low.toFixed(decimals)} 到 ${high.toFixed(decimals)}` },
    svg('line', { x1: 4, x2: width - 4, y1: 20, y2: 20, class: 'axis' }),
    limit === null ? null : svg('line', { x1: x(limit), x2: x(limit), y1: 2, y2: 24, class: 'limit' }),
    values.map(([county, value, code]) => {
      const words = svg('title', {}, `${nameOf(county)} ${figure(value, decimals, limit)}${limit === null ? '' : ` ${WORDS[code]}`}`);
      return limit !== null && code === 'not_met' ? svg('path', { d: `M${x(value)} 6l5 9h-10z`, class: 'bad' }, words) : svg('circle', { cx: x(value), cy: 12, r: 4, class: 'ok' }, words);
    }));
}
// Nothing here is guessed: what no table of the release declares stays a visible hole.
function showReview() {
  const place = DATA.components.findIndex((component) => component.component_code === 'basic_balance_recognised');
  const declared = counties().map((county) => [county, county.items[place]]).filter(([, item]) => item && item.verdict !== 'not_assessable');
  const { commitments } = shown();
  const nameBy = (code) => { const county = counties().find((one) => one.county_code === code); return county ? nameOf(county) : code; };
  fill('review-body',
    el('p', { class: 'hole' }, '【待补充：已通过国家优质均衡认定的县区名单。数据中没有这一项申报，不据其他数字推断】'),
    el('h3', {}, '基本均衡认定（前置条件）的申报'),
    declared.length ? el('div', { class: 'wrap' }, el('table', {}, el('thead', {}, el('tr', {}, ['县区', '自哪一年', '结论', '说明'].map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, declared.map(([county, item]) => el('tr', {}, el('th', { scope: 'row' }, nameOf(county)), el('td', {}, item.since ? String(item.since) : '—'), el('td', {}, verdict(item.verdict)), el('td', {}, item.reason || ''))))))
      : el('p', { class: 'hole' }, '【待补充：各县区尚未申报基本均衡认定年份】'),
    el('h3', {}, '放宽条款和其他承诺的兑现'),
    commitments.length ? el('div', { class: 'wrap' }, el('table', {}, el('thead', {}, el('tr', {}, ['县区', '承诺年度', '指标', '承诺', '期限', '状态'].map((name) => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, commitments.map((row) => el('tr', {}, el('th', { scope: 'row' }, nameBy(row.county_code)), el('td', {}, String(row.promised_year)), el('td', {}, row.item_code), el('td', {}, row.promised_text), el('td', {}, row.due_year ? String(row.due_year) : '—'), el('td', {}, row.status_text))))))
      : el('p', { class: 'soft' }, '没有登记的承诺。'));
}
