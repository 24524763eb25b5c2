// What is shown, and the release's rows unpacked once a year is looked at.
const YEARS = Object.keys(DATA.years).map(Number).sort((a, b) => a - b);
const ITEMS = DATA.items.filter((item) => item.scope === 'unit');
const OTHER_ITEMS = DATA.items.filter((item) => item.scope !== 'unit');
const STAGE_NAMES = Object.fromEntries(DATA.stages);
const SHOWN = { year: DATA.first, stage: 'all', failing: false, query: '', sort: null, part: 'all', item: 0 };
const UNPACKED = {};
for (const year of Object.values(DATA.years)) {
  for (const [kind, columns] of Object.entries(DATA.columns)) year[kind] = year[kind].map((row) => unpackRow(row, columns));
}
function unpackRow(row, columns) {
  const named = columns.map(([name, isText], place) => [name, row[place] ?? null, isText]);
  return Object.fromEntries(named.map(([name, value, isText]) => [name, isText && value !== null ? DATA.words[value] : value]));
}

const SHORT = { 人: '人', '㎡': '㎡', 元: '元', 间: '间' };
function shortName(item) {
  return item.name_zh.replace(/^每百名学生(拥有|配置|配备)?/, '百名学生').replace(/（.*?）|\(.*?\)/g, '').replace('县级以上', '');
}
const schoolYear = (year) => `${year}-${year + 1}学年`;
const shown = () => DATA.years[SHOWN.year];
const before = (year) => { const place = YEARS.indexOf(year); return place > 0 ? YEARS[place - 1] : null; };

function units(year) {
  if (!UNPACKED[year]) UNPACKED[year] = DATA.years[year].units.map(unpackUnit);
  return UNPACKED[year];
}
function unpackUnit([site, stage, pupils, met, verdictCode, reason, results, measures, cells]) {
  const [id, name, type, area] = DATA.sites[site];
  const unit = {
    id, name: name || id, type, area, stage: DATA.stages[stage][0], pupils, met, verdict: verdictCode,
    reason: DATA.reasons[reason], cells,
  };
  unit.key = `${id}|${unit.stage}`;
  unit.measures = Object.fromEntries(DATA.measure_order.map((code, place) => [code, measures[place]]));
  unit.measures.pupils = pupils;
  unit.results = results.map((row, place) => row && unpackResult(row, ITEMS[place], unit));
  return unit;
}
function unpackResult([numerator, value, code, reason, limit, share, aboveFloor, case_no, split, relaxed, denominator], item, unit) {
  const [sign, bound, floor] = DATA.limits[limit] || [null, null, null];
  const result = {
    item, unit, numerator, value: value ?? null, verdict: code, reason: DATA.reasons[reason], operator: sign, limit: bound,
    floor, share: share ?? null, aboveFloor: aboveFloor ?? null, case_no: case_no || 0, split, relaxed,
    denominator: denominator ?? unit.pupils,
  };
  result.ratio = value === null || value === undefined || !bound ? null : (sign === '<=' || sign === '<' ? bound / value : value / bound);
  result.level = level(result);
  return result;
}
// How a cell is shaded: more than enough, enough, short, below the floor, no data.
function level(result) {
  if (result.verdict === 'met') return result.ratio >= 1.5 ? 'h3' : result.ratio >= 1.15 ? 'h2' : 'h1';
  if (result.verdict === 'not_met') return result.aboveFloor === false ? 'f2' : 'f1';
  return 'na';
}
const LEVEL_MARKS = { h1: '✓', h2: '✓', h3: '✓', f1: '▽', f2: '▼', na: '？' };

const coefficient = (year, stage, item) =>
  DATA.years[year].cv.find((row) => row.stage === stage && row.item_code === item) || null;
const unitIn = (year, key) => units(year).find((unit) => unit.key === key) || null;
const countOf = (list, code) => list.filter((one) => one.verdict === code).length;
