"""The report as the values of its template: sections, items, tables; every number marked, every gap a slot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contracts import sentences
from contracts.codes import read_codes
from transforms.report import narrate, tabulate
from transforms.report.ledger import Ledger, Source, slot_text
from transforms.report.look_up import Facts, rows_of
from transforms.report.phrase import Lists, fill, one_clause
from transforms.report.show_number import shown

NUMERALS = "一二三四五六七八九十"
STAGES = ("primary", "junior")
PARTS = ("government", "quality", "recognition")
TITLE = "县域义务教育优质均衡发展自查自评报告"
EVIDENCE_SLOT = "写明做法和佐证材料"
DECIMALS_OF_CV = 3


class Report:
    """A report as it is composed: facts, ledger, the values for the template.

    Raises LookupError when the release has no such county and year, or no standard that a report is written by.
    """

    def __init__(self, release_folder: Path, county_code: str, stat_year: int) -> None:
        self.sentences = sentences.load(standard_of(release_folder))
        self.facts = Facts(release_folder, county_code, stat_year, self.sentences.standard_id)
        self.ledger = Ledger()
        self.narratives: list[narrate.Narrative] = []
        self.missing_narratives: list[str] = []
        self.lists = self._lists()
        self.values = self._values()

    # ------------------------------------------------------------ the whole

    def _values(self) -> dict[str, Any]:
        """Return the values of the template, composed in reading order."""
        return {
            "warnings": self._warnings(),
            "county": self._county_name(),
            "title": self._at("标题", lambda: [self._county_in_text(), TITLE]),
            "opening": self._at("导语", lambda: self._say("opening")),
            "opening_text": self._written("导语", slot=None),
            "basic": self._at("基本情况", lambda: self._say("basic")),
            "basic_text": self._written("基本情况", slot="县情、教育概况和创建工作的组织推动"),
            "resources": self._at("资源配置", lambda: self._say("resources")),
            "coefficients": self._at("校际均衡", lambda: self._say("coefficients")),
            "government": self._part("government", "政府保障"),
            "quality": self._part("quality", "教育质量"),
            "recognition": self._part("recognition", "社会认可度"),
            "preconditions": self._at("前置条件", lambda: self._conditions("precondition")),
            "vetoes": self._at("一票否决", lambda: self._conditions("veto")),
            "highlights": [self._highlight(at, one) for at, one in enumerate(self.sentences.highlights)],
            "problems": self._at("存在的问题", lambda: self._say("problems")),
            "problems_text": self._written("存在的问题", slot="存在的主要问题和原因"),
            "commitments": self._at("承诺", self._commitments),
            "measures_text": self._written("下一步对策", slot="下一步的对策、责任单位和时限"),
            "tables": tabulate.tables(self.facts, self.ledger),
            "closing": self._at("落款", self._closing),
        }

    def _at(self, place: str, make: Callable[[], Any]) -> Any:
        self.ledger.place = place
        return make()

    def _say(self, section: str) -> str:
        return fill(self.sentences.sections[section], self.facts, self.ledger, self.lists)

    def _county_name(self) -> str:
        return self.facts.county.get("county_name") or self.facts.county_code

    def _closing(self) -> dict[str, str]:
        return {"name": self.ledger.slot("落款单位"), "date": self.ledger.slot("成文日期")}

    def _county_in_text(self) -> str:
        return self.facts.county.get("county_name") or self.ledger.slot("县区名称")

    def _warnings(self) -> list[str]:
        """Return what must be seen on the first page: made-up data, provisional results, old data."""
        marks = {
            "本稿依据合成（编造）的数据，不说明任何真实学校，不得上报": self.facts.is_synthetic,
            "数据带错误接收，结果为暂定": self.facts.summary["is_provisional"],
            "新报数据有错误被扣留，本稿仍依据上一次接收的数据": self.facts.county.get("is_stale"),
        }
        return [text for text, holds in marks.items() if holds]

    # ------------------------------------------------------------ items

    def _part(self, part: str, place: str) -> dict[str, Any]:
        """Return a part: its opening sentence and its items in the standard's order."""
        codes = [code for code, row in self.facts.items.items() if row["part"] == part]
        here = {row["item_code"] for row in self.facts.tables["items"]}
        intro = self._at(place, lambda: self._say(part)) if part in self.sentences.sections else ""
        return {"intro": intro, "points": [self._item(at, code) for at, code in enumerate(codes) if code in here]}

    def _item(self, at: int, code: str) -> dict[str, Any]:
        """Return one item: number, rule, data sentence, what people wrote, conclusion."""
        self.ledger.place = f"指标{numeral(at + 1)}（{code}）"
        row = next(row for row in self.facts.tables["items"] if row["item_code"] == code)
        words = self.facts.items[code]
        clauses = self.sentences.items.get(code, ())
        lists = {**self.lists, **self._item_lists(code)}
        said = fill(clauses, self.facts, self.ledger, lists, code)
        if words["is_evidence"] and row["declared_text"]:
            said += self._declared(row)
        return {
            "no": numeral(at + 1),
            "code": code,
            "rule": self._rule(code, lists),
            "said": said,
            "text": self._written(code, slot=EVIDENCE_SLOT if words["is_evidence"] else None),
            "conclusion": self._conclusion(row),
        }

    def _rule(self, code: str, lists: Lists) -> str:
        if code in self.sentences.rules:
            return one_clause(self.sentences.rules[code], self.facts, self.ledger, lists, code)
        words = self.facts.items[code]
        source = Source("dim_item", "basis_quote", f"{self.sentences.standard_id}；{code}")
        return self.ledger.mark(words["basis_quote"], words["basis_quote"], source)

    def _declared(self, row: dict[str, Any]) -> str:
        """Return the county's own words on an item that no data carry, as a quotation of its declaration."""
        key = f"{self.facts.county_code}；{self.facts.stat_year}；{row['item_code']}"
        cells = self.facts.cells.of("declaration", "declared_text", code=row["item_code"])
        text = row["declared_text"].rstrip("。")
        return self.ledger.mark(text, text, Source("fact_county_item", "declared_text", key, cells)) + "。"

    def _conclusion(self, row: dict[str, Any]) -> str:
        """Return the conclusion by the data; a slot where neither data nor evidence allow one."""
        if row["verdict"] != "not_assessable":
            return row["verdict_text"]
        declared = f"，自报{row['declared_verdict_text']}" if row["declared_verdict_text"] else ""
        return self.ledger.slot(f"{row['reason_text']}{declared}，补齐后再下结论")

    def _item_lists(self, code: str) -> Lists:
        return {
            "list.entities": lambda _stage: self._entities(code),
            "list.relaxations": lambda _stage: self._relaxations(code),
            "list.aside": lambda _stage: self._asides(code),
        }

    def _entities(self, code: str) -> str:
        """Return what an item judges and finds not met, by name and stage, with its value where it has one."""
        words = self.facts.items[code]
        found: dict[str, None] = {}
        place = {site_id: at for at, site_id in enumerate(self.facts.school_names())}
        rows = sorted(
            self.facts.results[code],
            key=lambda row: (
                place.get(row["scope_id"], place.get(f"{row['scope_id']}-0", 0)),
                row["stage"] != "primary",
                row["test_no"],
            ),
        )
        for row in rows:
            if row["verdict"] != "not_met":
                continue
            name = self._name(row["scope_id"])
            value = ""
            if row["value"] is not None and words["unit"] and row["test_no"] == 1 and row["scope"] != "class":
                key = f"{self.facts.county_code}；{self.facts.stat_year}；{code}；{row['scope_id']}；{row['stage']}"
                cells = self.facts.cells.of_item(code, scope=row["scope_id"])
                text = shown(row["value"], words["decimals"], row["limit_value"], row["verdict"])
                value = self.ledger.mark(text, row["value"], Source("fact_result", "value", key, cells)) + words["unit"]
                value = f"（{value}）"
            both = row["scope"] == "class" and row["stage"] in STAGES
            found[f"{self._named(name, row['scope_id'])}{row['stage_text'] if both else ''}{value}"] = None
        return "、".join(found)

    def _name(self, scope_id: str) -> str:
        names = self.facts.school_names()
        subjects = read_codes("subjects")
        return (
            names.get(scope_id) or names.get(f"{scope_id}-0") or subjects.get(scope_id, {}).get("text_zh") or scope_id
        )

    def _named(self, name: str, scope_id: str) -> str:
        """Return a school's name, marked where digits are part of it."""
        key = f"{self.facts.county_code}；{self.facts.stat_year}；{scope_id}"
        cells = self.facts.cells.of("school", "school_name", scope=scope_id)
        return self.ledger.mark(name, name, Source("dim_site", "school_name", key, cells))

    def _relaxations(self, code: str) -> str:
        """Return the relaxations that verdicts of an item lean on, each with its promise."""
        found: dict[str, None] = {}
        for row in self.facts.results[code]:
            if row["relaxation_text"] and row["verdict"] == "met":
                promise = f"，承诺{row['commitment']}" if row["commitment"] else ""
                found[f"{row['relaxation_text']}{promise}"] = None
        source = Source("fact_result", "relaxation_text", f"{self.sentences.standard_id}；{code}")
        return "；".join(self.ledger.mark(text, text, source) for text in found)

    def _asides(self, code: str) -> str:
        """Return figures that judge nothing, such as a city's own monitoring, by subject and stage."""
        words, said = self.facts.items[code], []
        order = list(read_codes("subjects"))
        for row in sorted(
            self.facts.results[code],
            key=lambda row: (
                row["stage"] != "primary",
                order.index(row["scope_id"]) if row["scope_id"] in order else 0,
            ),
        ):
            if row["aside_value"] is not None:
                key = f"{self.facts.county_code}；{self.facts.stat_year}；{code}；{row['scope_id']}；{row['stage']}"
                cells = self.facts.cells.of("monitoring", "variation_ratio", stage=row["stage"], code=row["scope_id"])
                text = shown(row["aside_value"], words["decimals"], row["limit_value"], row["aside_verdict"] or "")
                marked = self.ledger.mark(text, row["aside_value"], Source("fact_result", "aside_value", key, cells))
                verdict = read_codes("verdicts")[row["aside_verdict"]]["text_zh"] if row["aside_verdict"] else ""
                over = f"（{verdict}）" if row["aside_verdict"] == "not_met" else ""
                said.append(f"{row['stage_text']}{self._name(row['scope_id'])}校际差异率{marked}{over}")
        return "、".join(said)

    # ------------------------------------------------------------ lists

    def _lists(self) -> Lists:
        judged = next(row for code, row in self.facts.items.items() if code in self.sentences.items)
        document = judged["document"]
        title = standard_title(self.facts)
        titled = Source("dim_item", "document", self.sentences.standard_id)
        return {
            "county": lambda _stage: self._county_in_text(),
            "standard.title": lambda _stage: self.ledger.mark(title, title, titled),
            "standard.document": lambda _stage: self.ledger.mark(document, document, titled),
            "list.types": lambda _stage: self._types(),
            "list.indicators": lambda _stage: "、".join(self._indicators()),
            "list.units_not_met": lambda _stage: self._units("not_met"),
            "list.units_not_assessable": lambda _stage: self._units("not_assessable"),
            "list.items_below": lambda _stage: self._items_below(),
            "list.cv": self._cvs,
            "list.not_met": lambda _stage: self._components("not_met", PARTS),
            "list.not_assessable": lambda _stage: self._components("not_assessable", PARTS),
            "list.not_met.government": lambda _stage: self._components("not_met", ("government",)),
            "list.not_met.quality": lambda _stage: self._components("not_met", ("quality",)),
            "list.parts_not_met": lambda _stage: "、".join(
                row["part_text"]
                for row in self.facts.tables["parts"]
                if row["verdict"] == "not_met" and row["part"] != "overall"
            ),
            **{f"table.{name}": (lambda _stage, text=text: text) for name, text in tabulate.NAMES.items()},
        }

    def _indicators(self) -> list[str]:
        return list(
            dict.fromkeys(self.facts.items[row["item_code"]]["name_zh"] for row in self.facts.judged_coefficients())
        )

    def _types(self) -> str:
        """Return how many sites there are of each type, main sites and campuses apart."""
        counted: Counter[tuple[bool, str, str]] = Counter()
        for row in self.facts.tables["sites"]:
            counted[row["campus_no"] != 0, row["school_type_code"] or "", row["school_type_text"] or "类型不明"] += 1
        said = []
        for (is_campus, _, kind), count in sorted(counted.items()):
            key = f"{self.facts.county_code}；{self.facts.stat_year}；{kind}；{'校区' if is_campus else '校本部'}"
            source = Source("dim_site", "school_type_text", key, self.facts.cells.of("school", "school_type_code"))
            marked = self.ledger.mark(str(count), count, source)
            said.append(f"{kind}独立校区{marked}个" if is_campus else f"{kind}{marked}所")
        return "、".join(said)

    def _units(self, verdict: str) -> str:
        rows = [row for row in self.facts.tables["schools"] if row["verdict"] == verdict]
        names = self.facts.school_names()
        return "、".join(f"{self._named(names[row['site_id']], row['site_id'])}（{row['stage_text']}）" for row in rows)

    def _items_below(self) -> str:
        """Return the indicators that units do not meet, with how many units, by stage."""
        counted: Counter[tuple[str, str]] = Counter(
            (stage, item) for (_, stage, item), row in self.facts.school_values().items() if row["verdict"] == "not_met"
        )
        said = []
        for stage in STAGES:
            for item, words in self.facts.items.items():
                if count := counted[stage, item]:
                    key = f"{self.facts.county_code}；{self.facts.stat_year}；{item}；{stage}；not_met"
                    source = Source("fact_result", "verdict", key, self.facts.cells.of_item(item, stage=stage))
                    marked = self.ledger.mark(str(count), count, source)
                    said.append(f"{read_codes('stages')[stage]['text_zh']}{words['name_zh']}{marked}个单位")
        return "、".join(said)

    def _cvs(self, stage: str | None) -> str:
        """Return the coefficients of a stage, indicator by indicator."""
        said = []
        for row in self.facts.judged_coefficients():
            if row["stage"] == stage:
                item = row["item_code"]
                key = f"{self.facts.county_code}；{self.facts.stat_year}；{item}；{stage}"
                cells = self.facts.cells.of_item(item, stage=stage)
                if row["cv"] is None:
                    marked = self.ledger.slot(f"{self.facts.items[item]['name_zh']}的数据")
                else:
                    text = shown(row["cv"], DECIMALS_OF_CV, row["limit_value"], row["verdict"])
                    marked = self.ledger.mark(text, row["cv"], Source("fact_county_cv", "cv", key, cells))
                over = "（未达标）" if row["verdict"] == "not_met" else ""
                alone = f"（{row['reason_text']}）" if row["reason_code"] == "single_unit" else ""
                said.append(f"{self.facts.items[item]['name_zh']}{marked}{over}{alone}")
        return "、".join(said)

    def _components(self, verdict: str, parts: tuple[str, ...]) -> str:
        """Return the items of some parts with a verdict, by their number in the report and their name."""
        said = []
        for part in parts:
            codes = [code for code, row in self.facts.items.items() if row["part"] == part]
            found = {row["item_code"] for row in self.facts.tables["items"] if row["verdict"] == verdict}
            part_text = read_codes("parts")[part]["text_zh"]
            numbers = "、".join(f"指标{numeral(at + 1)}" for at, code in enumerate(codes) if code in found)
            if numbers:
                said.append(part_text if len(codes) == 1 else f"{part_text}{numbers}")
        return "；".join(said)

    # ------------------------------------------------------------ conditions, highlights, promises

    def _conditions(self, part: str) -> list[str]:
        """Return one sentence per precondition or veto; a slot where nothing is declared."""
        said = []
        for row in self.facts.tables["conditions"]:
            if row["part"] != part:
                continue
            if row["verdict"] == "not_assessable":
                conclusion = self.ledger.slot(row["reason_text"])
            elif part == "veto":
                conclusion = "未发生。" if row["verdict"] == "met" else "已发生。"
            else:
                conclusion = "满足。" if row["verdict"] == "met" else f"不满足（{row['reason_text']}）。"
            since = ""
            if row["since_year"]:
                key = f"{self.facts.county_code}；{self.facts.stat_year}；{row['condition_code']}"
                cells = self.facts.cells.of("precondition", "since_year", code=row["condition_code"])
                source = Source("fact_county_condition", "since_year", key, cells)
                since = f"自{self.ledger.mark(str(row['since_year']), row['since_year'], source)}年起，"
            said.append(f"{row['condition_text']}：{since}{conclusion}")
        return said

    def _highlight(self, at: int, one: sentences.Highlight) -> dict[str, Any]:
        """Return one paragraph of highlights: its computed sentences and what people wrote."""
        self.ledger.place = f"工作亮点（{numeral(at + 1)}）"
        return {
            "no": numeral(at + 1),
            "title": one.title,
            "said": fill(one.say, self.facts, self.ledger, self.lists),
            "text": self._written(one.narrative, slot="主要做法和成效"),
        }

    def _commitments(self) -> list[str]:
        """Return one sentence per promise: what was promised when, by when, and how it stands."""
        said = []
        for row in self.facts.commitments:
            key = f"{self.facts.county_code}；{row['promised_year']}；承诺{row['commitment_no']}"
            cells = (
                self.facts.cells.of("commitment", "promised_text")
                if row["promised_year"] == self.facts.stat_year
                else ""
            )

            def marked(column: str, row: dict[str, Any] = row, key: str = key, cells: str = cells) -> str:
                return self.ledger.mark(f"{row[column]}", row[column], Source("fact_commitment", column, key, cells))

            due = f"，期限{marked('due_year')}年" if row["due_year"] else f"，{self.ledger.slot('承诺的期限')}"
            said.append(f"{marked('promised_year')}年承诺「{marked('promised_text')}」{due}，{row['status_text']}。")
        return said

    # ------------------------------------------------------------ what people write

    def _written(self, name: str, slot: str | None) -> list[dict[str, Any]]:
        """Return what people wrote under a name as paragraphs; a slot where it must be written and is not."""
        found = narrate.read(self.facts.home, self.facts.county_code, self.facts.stat_year, name)
        if not found.blocks:
            if slot is None:
                return []
            self.missing_narratives.append(name)
            self.ledger.slots.append((name, slot))
            return [{"text": slot_text(slot), "is_heading": False}]
        self.narratives.append(found)
        mark = f"【沿用{found.carried_from}年的文字，请核对】" if found.carried_from else ""
        if mark:
            self.ledger.slots.append((name, mark.strip("【】")))
        return [
            {"text": (mark if at == 0 else "") + block.text, "is_heading": block.is_heading}
            for at, block in enumerate(found.blocks)
        ]


def standard_of(release_folder: Path) -> str:
    """Return the standard of a release that a report can be written by.

    Raises LookupError when it has none.
    """
    from warehouse import release

    with release.open_release(release_folder) as con:
        there = {row["standard_id"] for row in rows_of(con, "select distinct standard_id from fact_county_summary", [])}
    for one in reversed(sentences.standards()):
        if one in there:
            return one
    raise LookupError(f"发布版里没有能写报告的标准：{'、'.join(sorted(there))} / no standard a report is written by")


def standard_title(facts: Facts) -> str:
    """Return the title of the standard."""
    from contracts import standard

    (one,) = standard.load_all((facts.standard_id,), standard.folders(facts.home))
    return one.tables["std_standard"][0]["title"]


def numeral(count: int) -> str:
    """Return a number below a hundred in Chinese numerals."""
    tens, ones = divmod(count, 10)
    head = {0: "", 1: "十"}.get(tens, f"{NUMERALS[tens - 1]}十")
    return head + (NUMERALS[ones - 1] if ones else "")
