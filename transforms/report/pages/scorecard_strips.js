// One strip a stage: every school as a dot along the indicator, with limit, floor and county mean.
function showStrips() {
  const select = at('strip-item');
  if (!select.options.length) {
    select.append(...ITEMS.map((item, place) => el('option', { value: place }, `${item.item_code} ${item.name_zh}`)));
    select.addEventListener('change', () => { SHOWN.item = Number(select.value); showStrips(); });
  }
  select.value = String(SHOWN.item);
  fill('strip-plots', DATA.stages.map(([stage, name]) => strip(stage, name)));
}
function strip(stage, name) {
  const item = ITEMS[SHOWN.item];
  const results = units(SHOWN.year).filter((unit) => unit.stage === stage).map((unit) => unit.results[SHOWN.item]).filter((one) => one && one.value !== null);
  const missing = units(SHOWN.year).filter((unit) => unit.stage === stage && unit.results[SHOWN.item]?.value == null).length;
  if (!results.length) return el('p', { class: 'soft' }, `${name}：没有可列的数据。`);
  const { limit, floor } = results[0];
  const mean = coefficient(SHOWN.year, stage, item.item_code)?.weighted_mean ?? null;
  const [width, height, left, right] = [1080, 128, 56, 24];
  const bounds = [limit, floor, mean].filter((one) => one !== null);
  const low = Math.min(...results.map((one) => one.value), ...bounds);
  const high = Math.max(...results.map((one) => one.value), ...bounds);
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  const x = (value) => left + ((value - low + room) / (high - low + 2 * room)) * (width - left - right);
  const plot = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': `${name} ${item.name_zh}各校分布` },
    svg('text', { x: 0, y: 66, class: 'strong' }, name),
    svg('line', { x1: left, x2: width - right, y1: 96, y2: 96, class: 'axis' }),
    ticks(low, high).map((tick) => [svg('line', { x1: x(tick), x2: x(tick), y1: 96, y2: 101, class: 'axis' }), svg('text', { x: x(tick), y: 116, 'text-anchor': 'middle', class: 'small' }, grouped(tick))]));
  for (const [value, kind, words] of [[floor, 'floor', '底线'], [limit, 'limit', '标准']]) {
    if (value === null) continue;
    const near = kind === 'floor' && limit !== null && x(limit) - x(value) < 90;
    plot.append(svg('line', { x1: x(value), x2: x(value), y1: 16, y2: 96, class: kind }),
      svg('text', { x: x(value), y: 11, 'text-anchor': near ? 'end' : kind === 'limit' ? 'start' : 'middle', class: 'small' }, `${words} ${value}`));
  }
  if (mean !== null) plot.append(svg('line', { x1: x(mean), x2: x(mean), y1: 82, y2: 104, class: 'mean' }),
    svg('text', { x: x(mean) + 5, y: 92, class: 'tiny' }, `平均 ${figure(mean, item.decimals)}`));
  plot.append(...dots(results, x));
  return el('div', { class: 'strip' }, plot, missing ? el('p', { class: 'soft' }, `另有 ${missing} 所缺数据，未列。`) : null);
}
// Dots that would cover each other stand side by side, up and down from the middle.
function dots(results, x) {
  const taken = [];
  return [...results].sort((one, two) => one.value - two.value).map((result) => {
    const cx = x(result.value);
    let lane = 0;
    const free = (one) => taken.every(([tx, tl]) => tl !== one || cx - tx >= 11);
    while (!free(lane) && Math.abs(lane) < 4) lane = lane > 0 ? -lane : -lane + 1;
    taken.push([cx, lane]);
    return dot(result, cx, 56 + lane * 9);
  });
}
function dot(result, cx, cy) {
  const { unit } = result;
  const words = `${unit.name} ${figure(result.value, result.item.decimals, result.limit)} ${result.item.unit} ${WORDS[result.verdict]}`;
  const shape = result.verdict === 'not_met'
    ? svg('path', { d: `M${cx} ${cy - 6}l6 10.5h-12z` }) : svg('circle', { cx, cy, r: 5 });
  return svg('g', {
    class: `dot ${result.verdict}`, role: 'button', tabindex: 0, 'aria-label': words, 'data-unit': unit.key, 'data-value': result.value,
    onclick: () => showResult(result),
    onkeydown: (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); showResult(result); } },
  }, shape, svg('title', {}, words));
}
function ticks(low, high) {
  const span = high - low || 1;
  const step = [1, 2, 2.5, 5, 10].map((one) => one * 10 ** Math.floor(Math.log10(span / 5))).find((one) => span / one <= 8);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, place) => Number(((first + place) * step).toPrecision(6)));
}
