// The years side by side: verdicts and counts in a table, coefficients as small lines.
function showYears() {
  const part = (year, code) => DATA.years[year].parts.find((one) => one.part === code);
  const rows = [
    ['总体结论', (year) => verdict(DATA.years[year].summary.overall_verdict)],
    ['学校达标', (year) => `${DATA.years[year].summary.units_met}/${DATA.years[year].summary.units}`],
    ['差异系数达标', (year) => `${DATA.years[year].summary.coefficients_met}/${DATA.years[year].summary.coefficients}`],
    ...['government', 'quality', 'recognition'].filter((code) => YEARS.some((year) => part(year, code))).map((code) =>
      [`${DATA.part_texts[code]}达标`, (year) => { const one = part(year, code); return one ? `${one.components_met}/${one.components}` : '—'; }]),
    ['在校生', (year) => grouped(DATA.years[year].summary.pupils)],
    ...otherStandards(),
  ];
  at('year-table').replaceChildren(
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, '年度'), YEARS.map((year) => el('th', { scope: 'col', class: year === SHOWN.year ? 'n now' : 'n' }, `${year}${yearMarks(year)}`)))),
    el('tbody', {}, rows.map(([name, cell]) => el('tr', {}, el('th', { scope: 'row' }, name), YEARS.map((year) => el('td', { class: year === SHOWN.year ? 'n now' : 'n' }, cell(year)))))));
  fill('year-charts', ITEMS.filter((item) => item.has_cv).map(yearChart));
}
const yearMarks = (year) => { const { summary } = DATA.years[year]; return `${summary.is_provisional ? ' 暂定' : ''}${summary.is_stale ? ' 旧' : ''}`; };
function otherStandards() {
  const ids = [...new Set(DATA.others.map((row) => row.standard_id))];
  return ids.map((id) => [`按 ${DATA.titles[id] || id}`, (year) => { const row = DATA.others.find((one) => one.standard_id === id && one.stat_year === year); return row ? verdict(row.overall_verdict) : '—'; }]);
}
function yearChart(item) {
  const [width, height, left, right, top, bottom] = [250, 120, 30, 10, 10, 20];
  const series = DATA.stages.map(([stage]) => YEARS.map((year) => [year, coefficient(year, stage, item.item_code)]).filter(([, row]) => row && row.cv !== null));
  const limits = DATA.stages.map(([stage]) => coefficient(SHOWN.year, stage, item.item_code)?.limit_value ?? null);
  const most = Math.max(0.1, ...limits, ...series.flat().map(([, row]) => row.cv)) * 1.1;
  const x = (year) => (YEARS.length === 1 ? (left + width - right) / 2 : left + ((year - YEARS[0]) / (YEARS.at(-1) - YEARS[0])) * (width - left - right));
  const y = (value) => height - bottom - (value / most) * (height - top - bottom);
  const chart = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${item.name_zh}历年差异系数` },
    svg('line', { x1: left, x2: width - right, y1: y(0), y2: y(0), class: 'axis' }));
  limits.forEach((limit, place) => { if (limit !== null) chart.append(svg('line', { x1: left, x2: width - right, y1: y(limit), y2: y(limit), class: `limit s${place}` }), svg('text', { x: left - 3, y: y(limit) + (place ? 9 : 3), 'text-anchor': 'end', class: 'tiny' }, limit.toFixed(2))); });
  YEARS.forEach((year) => { if (YEARS.length < 7 || year % 2 === YEARS.at(-1) % 2) chart.append(svg('text', { x: x(year), y: height - 6, 'text-anchor': 'middle', class: 'tiny' }, String(year))); });
  series.forEach((points, place) => {
    chart.append(svg('polyline', { class: `line s${place}`, points: points.map(([year, row]) => `${x(year)},${y(row.cv)}`).join(' ') }));
    points.forEach(([year, row]) => {
      const words = svg('title', {}, `${year} ${DATA.stages[place][1]} ${figure(row.cv, 3, row.limit_value)} ${WORDS[row.verdict]}${row.cause_text ? `（${row.cause_text}）` : ''}`);
      chart.append(place ? svg('rect', { x: x(year) - 3, y: y(row.cv) - 3, width: 6, height: 6, class: `point s1 ${row.verdict}` }, words)
        : svg('circle', { cx: x(year), cy: y(row.cv), r: 3.4, class: `point s0 ${row.verdict}` }, words));
    });
  });
  return el('figure', { class: 'card' }, el('figcaption', {}, `${item.item_code} ${shortName(item)}`), chart);
}
