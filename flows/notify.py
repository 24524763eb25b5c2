"""Tell somebody that a run was held, failed or published: one webhook, off until its address is set.

JUNHENG_WEBHOOK_URL is where to send; JUNHENG_WEBHOOK_BODY a file with the body, in which $text, $event, $years,
$release and $run_id are filled in (flows/deploy/webhook/ has examples for 企业微信 and 钉钉). Without a body a plain
JSON is sent.
"""

from __future__ import annotations

import json
import os
import string
import urllib.request
from pathlib import Path

EVENTS = {
    "published": "已发布 / published",
    "held": "有县区被扣留 / some county-years are held",
    "failed": "运行失败 / the run failed",
}
SECONDS = 10


def notify(event: str, years: tuple[int, ...], run_id: str, release_id: str | None, detail: str = "") -> str | None:
    """Send one message if an address is set; return why it could not be sent, None when it was or none is set.

    A message that does not get through never changes the outcome of a run.
    """
    url = os.environ.get("JUNHENG_WEBHOOK_URL")
    if not url:
        return None
    if not url.startswith(("http://", "https://")):
        return f"JUNHENG_WEBHOOK_URL 不是网址 / is no address: {url}"
    values = {
        "event": event,
        "years": "、".join(map(str, years)),
        "run_id": run_id,
        "release": release_id or "—",
        "text": f"均衡 {'、'.join(map(str, years))}：{EVENTS[event]}。{detail}",
    }
    try:
        body = _body(values)
        request = urllib.request.Request(url, body.encode(), {"Content-Type": "application/json; charset=utf-8"})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            answer.read()
    except (OSError, ValueError, KeyError) as problem:
        return f"通知没有送出 / the message was not sent: {problem}"
    return None


def _body(values: dict[str, str]) -> str:
    """Return the body with every value filled in as JSON text.

    Raises KeyError for a name that is none of ours, ValueError when the result is not JSON, OSError without the file.
    """
    path = os.environ.get("JUNHENG_WEBHOOK_BODY")
    if not path:
        return json.dumps(values, ensure_ascii=False)
    escaped = {name: json.dumps(value, ensure_ascii=False)[1:-1] for name, value in values.items()}
    body = string.Template(Path(path).read_text(encoding="utf-8")).substitute(escaped)
    json.loads(body)
    return body
