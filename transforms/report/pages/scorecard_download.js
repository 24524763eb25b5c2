// The page's data as CSV: unrounded, one row a school and indicator, or one row a coefficient and item.
function schoolRows() {
  const head = ['统计年度', '校区编号', '学校', '学段', '在校生', '指标', '指标名称', '单位', '分子', '分母', '指标值', '比较', '标准', '底线', '结论', '理由', '差额', '依靠放宽', '综合评估'];
  return [head, ...listedUnits().flatMap((unit) => unit.results.filter(Boolean).map((one) => [
    SHOWN.year, unit.id, unit.name, STAGE_NAMES[unit.stage], unit.pupils, one.item.item_code, one.item.name_zh, one.item.unit, one.numerator, one.denominator,
    one.value, one.operator, one.limit, one.floor, WORDS[one.verdict], one.reason, one.verdict === 'not_met' ? gapOf(one, one.limit) : null, one.relaxed, WORDS[unit.verdict]]))];
}
function countyRows() {
  const head = ['统计年度', '部分', '代码', '名称', '学段', '数值', '比较', '标准', '结论', '自评', '是否一致', '理由', '稳健性'];
  const cvs = shown().cv.map((row) => [SHOWN.year, '校际差异系数', row.item_code, itemOf(row.item_code).name_zh, STAGE_NAMES[row.stage], row.cv, row.operator, row.limit_value, WORDS[row.verdict], null, null, row.reason_text, null]);
  const items = shown().components.map((row) => [SHOWN.year, DATA.part_texts[row.part], row.component_code, row.component_text, null, row.value, row.operator, row.limit_value,
    WORDS[row.verdict], row.declared_verdict_text, row.agrees === null ? null : row.agrees ? '是' : '否', row.reason_text, row.robustness_text]);
  return [head, ...cvs, ...items];
}
function startDownloads() {
  at('download-schools').addEventListener('click', () => download(`${DATA.county.name}_${SHOWN.year}_各校指标.csv`, schoolRows()));
  at('download-county').addEventListener('click', () => download(`${DATA.county.name}_${SHOWN.year}_全县结果.csv`, countyRows()));
}
