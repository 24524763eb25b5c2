// The line a leader reads first: verdict, how sure it is, the parts, what is nearest in the way.
const PART_ORDER = ['resources', 'government', 'quality', 'recognition', 'precondition', 'veto'];

function showVerdict() {
  const { summary, parts } = shown();
  const listed = PART_ORDER.map((code) => parts.find((part) => part.part === code)).filter(Boolean);
  fill('verdict',
    el('div', { class: `overall ${summary.overall_verdict}` },
      el('div', { class: 'stamp' }, el('span', { class: 'sign', 'aria-hidden': 'true' }, MARKS[summary.overall_verdict]),
        el('span', {}, el('small', {}, `${SHOWN.year} 年度总体结论`), el('strong', { id: 'overall' }, summary.overall_verdict_text))),
      el('div', { class: 'said' }, el('p', { class: 'headline' }, headline(summary)),
        el('p', {}, '稳健性：', el('b', { id: 'robustness' }, summary.robustness_text || '—'), flip(summary)),
        el('p', { class: 'soft', id: 'sentence' }, summary.sentence_zh))),
    el('div', { class: 'parts' }, listed.map((part) => partCard(part, summary))),
    el('div', { class: 'next' }, nearest()));
}
function headline(summary) {
  const failing = shown().components.filter((one) => one.verdict === 'not_met');
  const open = shown().components.filter((one) => one.verdict === 'not_assessable');
  if (!failing.length && !open.length) return '各项均达到标准。';
  const named = failing.map((one) => (/^[A-Z]\d/.test(one.component_code) ? `${one.component_code} ${brief(one.component_text)}` : one.component_text));
  const first = failing.length ? `未达标 ${failing.length} 项：${named.slice(0, 4).join('、')}${failing.length > 4 ? '等' : ''}。` : '已有数据的各项均达标。';
  return first + (open.length ? `另有 ${open.length} 项缺数据或佐证，无法判定。` : '');
}
const brief = (text) => (text.length > 16 ? `${text.slice(0, 15)}…` : text);
// Under which other reading the verdict would be another one, where there is such a reading.
const flip = (row) => (row.flip_verdict ? `；口径为 ${row.flip_readings_id} 时：${WORDS[row.flip_verdict]}。` : '。');
function partCard(part, summary) {
  const resources = part.part === 'resources';
  const figures = resources
    ? [`学校达标 ${summary.units_met}/${summary.units}`, `差异系数 ${summary.coefficients_met}/${summary.coefficients}`]
    : [`达标 ${part.components_met}/${part.components}`,
      part.components_not_met ? `未达标 ${part.components_not_met}` : null,
      part.components_not_assessable ? `无法判定 ${part.components_not_assessable}` : null,
      part.components_not_applicable ? `不涉及 ${part.components_not_applicable}` : null];
  return el('div', { class: `part ${part.verdict}`, 'data-part': part.part },
    el('h3', {}, part.part_text), verdict(part.verdict), el('p', {}, figures.filter(Boolean).join(' · ')));
}
function nearest() {
  const listed = shown().obstacles.filter((row) => row.distance !== null).slice(0, 5);
  if (!listed.length) return null;
  return [el('h3', {}, `离标准最近的 ${listed.length} 个问题`),
    el('ol', {}, listed.map(({ component_code: code, name, stage_text: stage, label, value, operator: sign, limit_value: limit, gap_quantity: gap, distance }) => el('li', {},
      `${name || '全县'}${stage && name ? `（${stage}）` : ''} ${code}：`,
      el('span', { class: 'n' }, `${plainFigure(value)}`), `，标准 ${operator(sign)} ${plainFigure(limit)}，相差 ${(distance * 100).toFixed(1)}%`,
      gap === null ? null : `（${sign === '<=' || sign === '<' ? '超出' : '还差'} ${gapWords(code, gap)}）`, el('span', { class: 'soft' }, ` ${brief(label)}`))))];
}
// A gap in the unit of its item, whole people and rooms; a share has no unit for what is missing.
function gapWords(code, gap) {
  const unit = DATA.items.find((item) => item.item_code === code)?.unit;
  return ['人', '间', '㎡', '元'].includes(unit) ? amount(gap, unit) : plainFigure(gap);
}
const plainFigure = (value) => (value === null ? '—' : grouped(Math.round(value * 1000) / 1000));
