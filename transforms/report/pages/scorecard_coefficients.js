// Coefficients of each stage as bars against their limit; the bar of the year before as a hollow mark.
function showCoefficients() {
  fill('coefficient-bars', DATA.stages.map(([stage, name]) => {
    const rows = shown().cv.filter((row) => row.stage === stage);
    return rows.length ? el('div', { class: 'card' },
      el('h3', {}, `${name}　`, el('span', { class: 'soft' }, `${rows.filter((row) => row.verdict === 'met').length}/${rows.length} 项达标`)),
      coefficientChart(stage, name, rows)) : null;
  }));
}
function coefficientChart(stage, stageName, rows) {
  const [width, rowHeight, left, right, top] = [458, 34, 200, 74, 18];
  const height = top + rows.length * rowHeight + 6;
  const limit = Math.max(...rows.map((row) => row.limit_value || 0));
  const most = Math.max(limit * 1.25, ...rows.map((row) => Math.max(row.cv || 0, row.prev_value || 0)) ) * 1.04;
  const x = (value) => left + (value / most) * (width - left - right);
  const chart = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${stageName}差异系数，上限 ${limit}` });
  rows.forEach((row, place) => chart.append(coefficientBar(row, top + place * rowHeight, x, width, left)));
  if (limit) {
    chart.append(svg('line', { x1: x(limit), x2: x(limit), y1: top - 4, y2: height, class: 'limit' }),
      svg('text', { x: x(limit), y: 11, 'text-anchor': 'middle', class: 'small' }, `上限 ${limit.toFixed(2)}`));
  }
  return chart;
}
function coefficientBar(row, y, x, width, left) {
  const item = DATA.items.find((one) => one.item_code === row.item_code);
  const told = figure(row.cv, 3, row.limit_value);
  const bar = svg('g', { class: `cv ${row.verdict}`, 'data-stage': row.stage, 'data-item': row.item_code, 'data-value': row.cv },
    svg('title', {}, `${row.item_code} ${item.name_zh}\n差异系数 ${row.cv ?? '缺'}，上限 ${row.limit_value}\n全县平均 ${figure(row.weighted_mean, 2)} ${item.unit}，${row.known_units}/${row.units} 所\n${row.reason_text}${row.cause_text ? `；与上年比：${row.cause_text}` : ''}`),
    svg('text', { x: 0, y: y + 15, class: 'small strong' }, row.item_code),
    svg('text', { x: 24, y: y + 15, class: 'small' }, shortName(item)));
  if (row.cv !== null) {
    bar.append(svg('rect', { x: left, y: y + 4, width: Math.max(x(row.cv) - left, 1), height: 15, rx: 2 }));
  }
  if (row.prev_value !== null) {
    const px = x(row.prev_value);
    bar.append(svg('path', { class: 'prev', d: `M${px} ${y + 6.5}l5 5l-5 5l-5 -5z` }));
  }
  bar.append(svg('text', { x: width - 68, y: y + 16, class: 'value' }, told),
    svg('text', { x: width, y: y + 16, 'text-anchor': 'end', class: 'mark' }, MARKS[row.verdict]));
  return bar;
}
