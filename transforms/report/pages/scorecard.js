// The page: heading, year switch, and every section drawn for the year shown.
function showNotes() {
  const { summary } = shown();
  const notes = [
    summary.is_synthetic ? el('span', { class: 'note warn' }, '合成数据 synthetic：编造的演示数据，不代表任何真实学校或县区') : null,
    summary.is_provisional ? el('span', { class: 'note warn' }, '暂定 provisional：带错误接收，有的格子按缺数据处理') : null,
    summary.is_stale ? el('span', { class: 'note warn' }, '旧数据 stale：新报数据被扣留，仍为上次接收的数据') : null,
    DATA.standard.is_known ? null : el('span', { class: 'note warn' }, '现有标准文件与发布时所用的不同，规则原文和口径未列'),
  ];
  fill('notes', notes);
  at('about').textContent = `${schoolYear(SHOWN.year)}（9月1日时点）　依据 ${DATA.standard.title}（${DATA.standard.document}）　学校 ${summary.schools} 所，评估单位 ${summary.units} 个，在校生 ${grouped(summary.pupils)} 人`;
}
function showFooter() {
  fill('footer', el('p', {}, `发布版 ${DATA.release.release_id}，内容指纹 ${DATA.release.content_hash.slice(0, 16)}；县区代码 ${DATA.county.code}。`),
    el('p', {}, '结论按未取整的数比较，显示按报表的小数位；显示会与标准混淆时多显示几位。空缺不是 0。'),
    DATA.standard.readings.length ? el('p', {}, `默认口径：${DATA.standard.readings.join('；')}。`) : null,
    el('p', { lang: 'en' }, 'One file, no network: every figure comes from the release named above; values are compared unrounded.'));
}
function showYear(year) {
  SHOWN.year = year;
  document.title = `${DATA.county.name} ${year} 优质均衡成绩单`;
  fill('year-buttons', YEARS.map((one) => el('button', { type: 'button', 'data-year': one, 'aria-pressed': String(one === year), onclick: () => { showYear(one); at('year-buttons').querySelector(`[data-year="${one}"]`).focus(); say(`${one} 年度`); } }, String(one))));
  for (const show of [showNotes, showVerdict, showCoefficients, showSchools, showStrips, showItems, showYears]) show();
}
at('county').textContent = `${DATA.county.name} `;
at('print').addEventListener('click', () => window.print());
at('detail').addEventListener('click', (event) => { if (event.target === at('detail')) at('detail').close(); });
startSchools();
startDownloads();
showFooter();
showYear(DATA.first);
