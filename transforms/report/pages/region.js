// The page: heading, year switch, and every section drawn for the year shown.
function showNotes() {
  const count = (name) => counties().filter((county) => county[name]).length;
  const told = [['is_synthetic', '合成数据 synthetic：编造的演示数据，不代表任何真实县区'], ['is_provisional', '暂定 provisional'], ['is_stale', '旧数据 stale：新报数据被扣留']];
  fill('notes', told.filter(([name]) => count(name)).map(([name, words]) => el('span', { class: 'note warn' }, `${words}（${count(name)}/${counties().length} 个县区）`)));
  at('title').textContent = `${DATA.region.level}区划 ${DATA.region.code}　义务教育优质均衡地区总览`;
  at('about').textContent = `${SHOWN.year}-${SHOWN.year + 1}学年　依据 ${DATA.standard.document}　发布版 ${DATA.release.release_id}`;
}
function showYear(year) {
  SHOWN.year = year;
  document.title = `地区 ${DATA.region.code} ${year} 优质均衡总览`;
  fill('year-buttons', YEARS.map((one) => el('button', { type: 'button', 'data-year': one, 'aria-pressed': String(one === year), onclick: () => { showYear(one); at('year-buttons').querySelector(`[data-year="${one}"]`).focus(); say(`${one} 年度`); } }, String(one))));
  for (const show of [showNotes, showTiles, showMatrix, showNear, showFailed, showSpread, showReview]) show();
}
at('print').addEventListener('click', () => window.print());
at('detail').addEventListener('click', (event) => { if (event.target === at('detail')) at('detail').close(); });
fill('footer', el('p', {}, `发布版 ${DATA.release.release_id}，内容指纹 ${DATA.release.content_hash.slice(0, 16)}。表 mart_region_item、fact_county_component、fact_county_cv。`),
  el('p', {}, '不画地图：数据中没有县区边界。结论按未取整的数比较，默认口径。空缺不是 0。'),
  el('p', { lang: 'en' }, 'No borders are drawn, since the data hold none. One file, no network.'));
startMatrix();
showYear(DATA.first);
